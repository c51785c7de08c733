"""Compares what other tools count on the torch module of a network with ours under their conventions."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.analysis.conventions import convention
from cnncalc.analysis.conventions.base import Number
from cnncalc.analysis.report import Report
from cnncalc.core.errors import InputError
from cnncalc.core.extras import require_packages
from cnncalc.core.translation import Phrase
from cnncalc.execution.engine.program import program
from cnncalc.execution.verify.verification import TOTAL, Check

if TYPE_CHECKING:
    from torch import Tensor

    from cnncalc.oracles.torch.author import AuthorNetwork

    Inputs = tuple[Tensor, ...]


class Counted(NamedTuple):
    """What a tool has counted under one of its conventions; `layers` holds those that it counts one by one."""

    convention: str
    total: float | None
    params: float | None = None
    layers: Mapping[str, float] | None = None


def against_tool(tool: str, report: Report) -> list[Check]:
    """Checks of every layer that the tool counts by itself, of the total and of the parameters.

    Errors:  missing-package
    """
    require_packages("torch", tool, extra="tools")
    from cnncalc.oracles.torch.module import LayerFailed

    try:
        with _in_silence():
            counted = list(TOOLS[tool](report))
    except LayerFailed as failed:
        return [Check(failed.path, f"{tool}_execution", Phrase("runs"), failed.reason, ok=False)]
    except InputError:
        raise
    except Exception as error:  # whatever a tool does not get along with: calflops, a network without parameters
        return [_failure(tool, error)]
    return [check for each in counted for check in _checks(each, report)]


def _checks(counted: Counted, report: Report) -> Iterator[Check]:
    """One convention's checks; a layer that it does not know is not one."""
    counting = convention(counted.convention)
    name = counted.convention.replace("-", "_")
    for row in report.rows if counted.layers is not None else ():
        stated, measured = counting.flops(row), (counted.layers or {}).get(row.path, 0)
        if stated is not None and (stated or measured):
            yield _check(row.path, name, stated, measured)
    if counted.total is None:
        yield _failure(name)
        return
    if counted.params is not None:
        yield _check(TOTAL, f"{name}_params", sum(map(counting.params, report.rows)), counted.params)
    total = counting.total(report.rows)
    if total is None:
        yield Check(TOTAL, name, Phrase("not known"), int(counted.total), ok=None)
    else:
        yield _check(TOTAL, name, total, counted.total)


def _failure(name: str, error: Exception | None = None) -> Check:
    """Of a tool that fails, nothing is measured."""
    return Check(TOTAL, name, Phrase("runs"), type(error).__name__ if error else Phrase("fails"), ok=None)


def _check(path: str, quantity: str, stated: Number, measured: float) -> Check:
    """A tool cuts a count that is not whole off."""
    return Check(path, quantity, int(stated), int(measured), int(stated) == int(measured))


def _network(report: Report) -> AuthorNetwork:
    from cnncalc.oracles.torch.author import AuthorNetwork

    return AuthorNetwork(program(report), report.rows)


def _inputs(report: Report) -> Inputs:
    import torch

    return tuple(torch.zeros(1, *shape) for shape in report.graph.inputs.values())


@contextmanager
def _in_silence() -> Iterator[None]:
    """Without what tools print, and without their warnings."""
    with warnings.catch_warnings(), redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        warnings.simplefilter("ignore")
        yield


def _thop(report: Report) -> Iterator[Counted]:
    """thop, or the fork that is installed under the same name."""
    import thop

    network = _network(report)
    total, params, tree = thop.profile(network, _inputs(report), verbose=False, ret_layer_info=True)
    names = {id(module): name for name, module in network.named_modules()}
    counts = dict(_flattened(tree, ""))
    layers = {row.path: counts.get(names.get(id(network.layer(row.path)), ""), 0) for row in report.rows}
    fork = int(thop.__version__.partition(".")[0]) >= 2
    if fork:  # products that are called as functions belong to no module
        yield Counted("ultralytics-thop", total, params)
    else:
        yield Counted("thop", total, params, layers)


def _flattened(tree: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, float]]:
    """The counts in thop's nested dictionary, by the names of modules."""
    for name, (count, _params, below) in tree.items():
        yield f"{prefix}{name}", count
        yield from _flattened(below, f"{prefix}{name}.")


def _ptflops(report: Report) -> Iterator[Counted]:
    from ptflops import get_model_complexity_info

    named = {f"input{number}": value for number, value in enumerate(_inputs(report))}
    for name, options in (
        ("ptflops-pytorch", {"backend": "pytorch"}),
        ("ptflops-pytorch-modules", {"backend": "pytorch", "backend_specific_config": {"count_functional": False}}),
        ("ptflops-aten", {"backend": "aten"}),
    ):
        total, params = get_model_complexity_info(
            _network(report),
            (1,),
            input_constructor=lambda _shape: named,
            print_per_layer_stat=False,
            as_strings=False,
            **options,
        )
        yield Counted(name, total, params)


def _torchinfo(report: Report) -> Iterator[Counted]:
    import torchinfo

    network = _network(report)
    found = torchinfo.summary(network, input_data=_inputs(report), verbose=0)
    counts: dict[int, float] = {}
    for one in found.summary_list:
        if one.is_leaf_layer:
            counts[one.layer_id] = counts.get(one.layer_id, 0) + one.macs
    layers = {
        row.path: sum(counts.get(id(module), 0) for module in network.layer(row.path).modules()) for row in report.rows
    }
    yield Counted("torchinfo", found.total_mult_adds, found.total_params, layers)


def _calflops(report: Report) -> Iterator[Counted]:
    require_packages("transformers", extra="tools")  # calflops imports it
    from calflops import calculate_flops

    network = _network(report)
    next(network.parameters())  # it asks for one when it has replaced torch's functions, which would stay so
    flops, macs, params = calculate_flops(
        network,
        args=list(_inputs(report)),
        print_results=False,
        print_detailed=False,
        output_as_string=False,
    )
    yield Counted("calflops", flops, params)
    yield Counted("calflops-macs", macs)


TOOLS: Mapping[str, Callable[[Report], Iterator[Counted]]] = {
    "thop": _thop,
    "ptflops": _ptflops,
    "torchinfo": _torchinfo,
    "calflops": _calflops,
}
"""By the names of their packages."""
