"""Conventions by name: what a tool counts. A convention's module is imported on first use."""

from __future__ import annotations

from importlib import import_module

from cnncalc.analysis.conventions.base import Convention
from cnncalc.core.errors import InputError, Span
from cnncalc.core.suggest import did_you_mean
from cnncalc.core.translation import Listed

ADDRESSES = {
    "torch": "torch:TORCH",
    "torch-cpu": "torch_cpu:TORCH_CPU",
    "torchvision": "torchvision:TORCHVISION",
    "fvcore": "fvcore:FVCORE",
    "torchinfo": "torchinfo:TORCHINFO",
    "torchinfo-main": "torchinfo:TORCHINFO_MAIN",
    "ptflops-aten": "ptflops_aten:PTFLOPS_ATEN",
    "ptflops-pytorch": "ptflops_pytorch:PTFLOPS_PYTORCH",
    "ptflops-pytorch-modules": "ptflops_pytorch:PTFLOPS_PYTORCH_MODULES",
    "thop": "thop:THOP",
    "ultralytics-thop": "ultralytics_thop:ULTRALYTICS_THOP",
    "deepspeed": "deepspeed:DEEPSPEED",
    "deepspeed-macs": "deepspeed:DEEPSPEED_MACS",
    "calflops": "calflops:CALFLOPS",
    "calflops-macs": "calflops:CALFLOPS_MACS",
    "onnx-tool": "onnx_tool:ONNX_TOOL",
    "torchlens": "torchlens:TORCHLENS",
    "torch-scan": "torch_scan:TORCH_SCAN",
    "netscope": "netscope:NETSCOPE",
    "convnet-burden": "convnet_burden:CONVNET_BURDEN",
    "darknet": "darknet:DARKNET",
    "keras": "keras:KERAS",
    "keras-reset-before": "keras:KERAS_RESET_BEFORE",
    "2K-1": "textbook:TWO_K_MINUS_1",
    "2(K+1)": "textbook:TWO_K_PLUS_2",
}
"""Name -> module in this package and the convention in it."""

NAMES = tuple(ADDRESSES)


def convention(name: str, span: Span | None = None) -> Convention:
    """The convention of this name.

    Errors:  unknown-convention
    """
    if name not in ADDRESSES:
        if any(one.name == name for one in memory_conventions()):
            raise InputError.of(
                "unknown-convention",
                "`{name}` is a convention of memory, not of operations",
                span,
                help="`cnncalc reconcile ARCH --memory {name}` shows a network under it",
                name=name,
            )
        raise _unknown(name, NAMES, span)
    module, _, attribute = ADDRESSES[name].partition(":")
    found: Convention = getattr(import_module(f"{__name__}.{module}"), attribute)
    return found


def memory_convention(name: str, span: Span | None = None) -> Convention:
    """The convention of this name for the memory of activations.

    Errors:  unknown-convention
    """
    by_name = {one.name: one for one in memory_conventions()}
    if name not in by_name:
        if name in ADDRESSES:
            raise InputError.of(
                "unknown-convention",
                "`{name}` is a convention of operations, not of memory",
                span,
                help="leave out `--memory`, or write one of {known}",
                name=name,
                known=Listed(by_name, ","),
            )
        raise _unknown(name, tuple(by_name), span)
    return by_name[name]


def all_conventions() -> list[Convention]:
    """Every convention of counts, in the order in which they are shown."""
    return [convention(name) for name in NAMES]


def memory_conventions() -> list[Convention]:
    """Every convention of memory, ours first."""
    found: tuple[Convention, ...] = import_module(f"{__name__}.memory").MEMORY
    return list(found)


def _unknown(name: str, known: tuple[str, ...], span: Span | None) -> InputError:
    return InputError.of(
        "unknown-convention",
        "there is no convention `{name}`",
        span,
        help=did_you_mean(name, known, "conventions are {known}"),
        name=name,
        known=Listed(known, ","),
    )
