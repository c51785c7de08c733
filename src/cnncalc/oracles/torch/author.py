"""A network as its author would write it in torch: plain modules, and functions where the description says so.

Tools that count by the exact type of a module see here what they see in the author's code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from cnncalc.analysis.report import LayerReport
from cnncalc.execution.engine.program import Program
from cnncalc.oracles.torch.layers import MODULES
from cnncalc.oracles.torch.module import TorchNetwork
from cnncalc.oracles.torch.windows import Options, Shape, WindowOptions

Call = Callable[..., Tensor]


class AuthorNetwork(TorchNetwork):
    """A torch network with zeros for weights, whose layers have torch's own types."""

    def __init__(self, program: Program, rows: Iterable[LayerReport]) -> None:
        kept = tuple(rows)
        self._written_as_functions = {row.path: row.type for row in kept if row.node.functional}
        super().__init__(program, kept)
        self.to_empty(device="cpu")
        for value in (*self.parameters(), *self.buffers()):
            value.data.zero_()  # what is not written is slow where it happens to be tiny
        for path in self._written_as_functions:
            group, _, name = path.rpartition(".")
            layer = self.layer(path)
            for weight, _value in list(layer.named_parameters(recurse=False)):
                setattr(layer, weight, getattr(self._group(group), f"{name}_{weight}"))
            for buffer, value in list(layer.named_buffers(recurse=False)):
                setattr(layer, buffer, torch.zeros(value.shape, dtype=value.dtype))
        self.eval()

    def forward(self, *inputs: Tensor, **named: Tensor) -> tuple[Tensor, ...]:  # ptflops names its inputs
        return self.run((*inputs, *named.values()), lambda path, output: None)

    def _layer(self, path: str, type_name: str, options: Options, shapes: tuple[Shape, ...]) -> nn.Module:
        return _plain_module(type_name, options, shapes) or super()._layer(path, type_name, options, shapes)

    def _register(self, path: str, layer: nn.Module) -> None:
        """Leave a function out of the modules; its weights belong to the group then, as the author's code has them."""
        if path not in self._written_as_functions:
            super()._register(path, layer)
            return
        group, _, name = path.rpartition(".")
        for weight, value in layer.named_parameters(recurse=False):
            self._group(group).register_parameter(f"{name}_{weight}", nn.Parameter(value))

    def _call(self, path: str) -> Call:
        kind = self._written_as_functions.get(path)
        if kind is None:
            return super()._call(path)
        return FUNCTIONS.get(kind) or self.layer(path).forward  # hooks see calls of modules, not of their `forward`


def _add(*inputs: Tensor) -> Tensor:
    first, *others = inputs
    for other in others:
        first = torch.add(first, other)
    return first


def _multiply(*inputs: Tensor) -> Tensor:
    first, *others = inputs
    for other in others:
        first = torch.mul(first, other.view(*other.shape, *[1] * (first.dim() - other.dim())))
    return first


FUNCTIONS: Mapping[str, Call] = {"relu6": lambda x: F.relu6(x), "add": _add, "multiply": _multiply}
"""Functions that the modules of the same name do not call."""


class First(nn.Module):
    """A module of torch with several outputs, of which the first is taken, or its last position."""

    def __init__(self, inner: nn.Module, last: bool = False) -> None:
        super().__init__()
        self.inner, self.last = inner, last

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.inner(x)[0]
        return y[:, -1] if self.last else y


class Attention(nn.Module):
    """torch's multi-head attention, called as torchvision calls it."""

    def __init__(self, inner: nn.MultiheadAttention) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, query: Tensor, *others: Tensor) -> Tensor:
        key, value = others if others else (query, query)
        y: Tensor = self.inner(query, key, value, need_weights=False)[0]
        return y


class Product(nn.Module):
    """`torch.matmul`, looked up when it runs: tools put a function of their own in its place."""

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return torch.matmul(x, y)


RECURRENT: Mapping[str, type[nn.Module]] = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


def _plain_module(type_name: str, options: Options, shapes: tuple[Shape, ...]) -> nn.Module | None:
    """torch's own module of a layer for which the comparison of values has another one; None for all others."""
    own: dict[str, Any] = dict(options)
    if type_name == "multi_head_attention":
        return Attention(nn.MultiheadAttention(shapes[0][-1], batch_first=True, **own))
    if type_name == "matmul":
        return Product()
    if type_name in RECURRENT:
        last = not own.pop("return_sequences", True)
        return First(RECURRENT[type_name](shapes[0][-1], batch_first=True, **own), last)
    if type_name == "upsample" and len(own.get("scale_factor") or ()) == 1:
        (factor,) = own["scale_factor"]
        mode = own.get("mode", "nearest")
        return nn.Upsample(None, factor, mode, None if mode == "nearest" else own.get("align_corners", False))
    if type_name.startswith(("max_pool", "avg_pool")):
        return _pool(type_name, own, shapes[0])
    return None


def _pool(type_name: str, options: dict[str, Any], shape: Shape) -> nn.Module | None:
    """torch's own pool; None where it has no such padding or rounding."""
    geometry = WindowOptions(options, shape[1:], strides_by_kernel=True)
    if not geometry.symmetric or options.get("ceil_mode") == "caffe":
        return None
    module = MODULES[type_name.replace("_", "")]
    kernel, stride, padding = map(tuple, (geometry.kernel, geometry.stride, geometry.before))
    ceil = bool(options.get("ceil_mode", False))
    if type_name.startswith("max"):
        return module(kernel, stride, padding, tuple(geometry.dilation), ceil_mode=ceil)
    return module(kernel, stride, padding, ceil, options.get("count_include_pad", True))
