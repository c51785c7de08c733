"""A bug planted anywhere in a rule is reported by `verify`, and so is one planted in a kernel."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import cache
from math import prod
from types import CodeType, FrameType
from typing import Any

import numpy as np
import pytest

from cnncalc.analysis.infer import analyze
from cnncalc.core.graph import Graph, Node
from cnncalc.execution.verify import verify
from cnncalc.layers.catalogue import ADDRESSES
from tests.support.cases import Case, layer_cases
from tests.support.mutants import Mutant, code_of, functions, mutants, planted

RULES = sorted({f"cnncalc.layers.{address.partition(':')[0]}" for address in ADDRESSES.values()})
MODULES = [*RULES, "cnncalc.layers.base", "cnncalc.layers.windowed", "cnncalc.core.arithmetic", "cnncalc.core.field"]

NO_RULES = {
    "cnncalc.core.arithmetic:require",
    "cnncalc.core.arithmetic:_require_window",
    "cnncalc.core.arithmetic:axis_name",
    "cnncalc.layers.base:divides",
    "cnncalc.core.arithmetic:choose",
}
"""Objections and their wording; `test_layers` has a case for every one."""


MORE = [
    (
        "max_pool2d",
        {"kernel_size": (3, 2), "stride": (2, 3), "padding": ((1, 0), (0, 1)), "dilation": (2, 1), "ceil_mode": True},
        (2, 12, 11),
    ),
    (
        "max_pool2d",
        {"kernel_size": (3, 2), "stride": (2, 3), "padding": ((0, 1), (1, 0)), "dilation": (1, 2), "ceil_mode": True},
        (2, 9, 10),
    ),
    ("avg_pool2d", {"kernel_size": (3, 2), "padding": "same", "stride": (2, 1), "dilation": (1, 2)}, (2, 9, 10)),
    (
        "conv_transpose2d",
        {"out_channels": 2, "kernel_size": (4, 3), "stride": (2, 1), "padding": "same", "dilation": (1, 2)},
        (2, 5, 6),
    ),
    (
        "conv_transpose2d",
        {
            "out_channels": 2,
            "kernel_size": (2, 1),
            "stride": (5, 4),
            "padding": "same",
            "dilation": (2, 1),
            "output_padding": (1, 2),
        },
        (2, 5, 6),
    ),
    ("conv_transpose2d", {"out_channels": 2, "kernel_size": (2, 3), "padding": "valid"}, (2, 5, 6)),
    ("conv_transpose1d", {"out_channels": 2, "kernel_size": (4,), "padding": "same"}, (2, 7)),
    ("max_pool1d", {"kernel_size": (2,), "stride": (3,), "padding": ((0, 1),), "ceil_mode": True}, (2, 6)),
    ("max_pool1d", {"kernel_size": (2,), "stride": (3,), "padding": ((1, 0),), "ceil_mode": True}, (2, 6)),
    ("layer_norm", {"normalized_shape": (3, 5, 4), "elementwise_affine": False}, (3, 5, 4)),
    ("flatten", {"start_dim": 1, "end_dim": 1}, (2, 3, 4)),
    ("permute", {"dims": (0, 1, 2)}, (2, 3, 4)),
    ("reshape", {"shape": (2, 3, 4)}, (2, 3, 4)),
    ("upsample", {"size": (1, 5), "mode": "bilinear", "align_corners": True}, (2, 3, 4)),
]
"""Combinations of options that the tables have no case for."""


def network(case: Case, enlarged: bool = False) -> Graph:
    """One layer as a network; enlarged, on a map that has room for units which no border cuts off."""
    names = [f"x{number}" for number in range(len(case.inputs))]
    shapes = [(shape[0], *(3 * n + 1 if n > 1 else n for n in shape[1:])) for shape in case.inputs]
    inputs = dict(zip(names, shapes if enlarged else case.inputs, strict=True))
    return Graph(str(case), inputs, (Node("layer", case.layer, tuple(names)),), ("layer",))


def cases() -> list[Case]:
    """The cases of the tables, and more, small ones first."""
    more = [
        Case(name, f"more_{number}", options, (shape,), {}, "") for number, (name, options, shape) in enumerate(MORE)
    ]
    return sorted([*layer_cases(), *more], key=lambda case: sum(map(prod, case.inputs)))


def verified(graph: Graph) -> bool:
    return verify(graph, analyze(graph)).ok


def survives(graph: Graph) -> bool:
    """Whether nothing is noticed: neither a wrong number nor that the numbers cannot be."""
    try:
        return verified(graph)
    except Exception:  # noqa: BLE001 - whatever a wrong rule leads to
        return False


class Watch:
    """The networks, small ones first, with the code that each of them runs."""

    def __init__(self) -> None:
        self.graphs: list[tuple[Graph, set[CodeType]]] = []
        graphs = [network(case, enlarged) for enlarged in (False, True) for case in cases()]
        for graph in graphs:
            codes: set[CodeType] = set()

            def note(frame: FrameType, event: str, _: Any, codes: set[CodeType] = codes) -> None:
                if event == "call":
                    codes.add(frame.f_code)

            sys.setprofile(note)
            try:
                clean = survives(graph)
            finally:
                sys.setprofile(None)
            if clean:
                self.graphs.append((graph, codes))

    def of(self, address: str) -> list[Graph]:
        code = code_of(address)
        return [graph for graph, codes in self.graphs if code in codes]


@cache
def watch() -> Watch:
    return Watch()


def survivors(address: str, found: list[Mutant]) -> Iterator[Mutant]:
    graphs = watch().of(address)
    for mutant in found:
        with planted(mutant):
            for number, graph in enumerate(graphs):
                if not survives(graph):
                    graphs.insert(0, graphs.pop(number))
                    break
            else:
                yield mutant
