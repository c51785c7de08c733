"""A network with something changed throughout, counted again; and published variants of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from cnncalc.analysis.infer import analyze
from cnncalc.analysis.report import LayerReport, Report
from cnncalc.core.errors import Fault, InputError
from cnncalc.core.graph import Graph, Node
from cnncalc.core.kinds import Kind
from cnncalc.core.tensor import Shape
from cnncalc.homework.questions import Question
from cnncalc.homework.sketch import Value
from cnncalc.homework.targets import exact
from cnncalc.language.assembly import WHOLE
from cnncalc.language.collection import folder, source
from cnncalc.language.description import metadata_of, opened
from cnncalc.language.document import Mapping as Written
from cnncalc.language.document import parse
from cnncalc.language.load import load

Update = Mapping[str, Any]
"""Options of a layer that change, and what to."""

Relayed = Callable[[LayerReport], Update | None]
"""What changes in a layer; None where nothing does."""

_KNOWN: WeakKeyDictionary[Report, dict[Any, Report | None]] = WeakKeyDictionary()


def changed(network: Report, name: str, relayed: Relayed) -> Report | None:
    """A network with other layers; None where none of them changes, or they do not fit together."""

    def make() -> Graph | None:
        layers = {}
        for row in network.rows:
            update = relayed(row)
            if update:
                layers[row.path] = row.layer.model_copy(update)
        return network.graph.replaced(layers) if layers else None

    return _counted(network, name, make)


def resized(network: Report, spatial: Shape) -> Report | None:
    """A network on an input of another height and width; None where it takes no such input."""

    def make() -> Graph | None:
        shapes = network.graph.inputs
        ((name, shape),) = shapes.items()
        return network.graph._replace(inputs={name: (shape[0], *spatial)})

    return _counted(network, spatial, make) if len(network.graph.inputs) == 1 else None


def _counted(network: Report, key: Any, make: Callable[[], Graph | None]) -> Report | None:
    known = _KNOWN.setdefault(network, {})
    if key not in known:
        graph = make()
        known[key] = None if graph is None else _analyzed(graph, network)
    return known[key]


def _analyzed(graph: Graph, like: Report) -> Report | None:
    try:
        report = analyze(graph, batch=like.batch, dtype=like.dtype)
    except (InputError, Fault, ValueError):
        return None
    return replace(report, convention=like.convention)


def value_in(network: Report | None, question: Question) -> Value | None:
    """What is asked, in another network; None where it has nothing of the kind."""
    there = None if network is None else _namesake(network, question)
    return None if there is None else exact(there)


def _namesake(network: Report, question: Question) -> Question | None:
    if question.row is None:
        return question._replace(network=network)
    row = network.by_path.get(question.row.path)
    return None if row is None else _asked_of(network, row, question)


def _asked_of(network: Report, row: LayerReport, question: Question) -> Question | None:
    if question.quantity in ("receptive_field", "jump", "start") and (
        row.reach is None or any(axis.start is None for axis in row.reach.axes)
    ):
        return None
    return question._replace(network=network, row=row)


# Changes


def other_rounding(network: Report, *, up: bool) -> Relayed | None:
    """Pools that round up, or down; None where that makes no difference to any."""

    def differs(row: LayerReport) -> bool:
        if row.layer.__dict__.get("ceil_mode", up) is up:
            return False
        try:
            other = row.layer.model_copy({"ceil_mode": up}).output(row.inputs[0])
            return bool(other.shape != row.output.shape)
        except Fault:
            return False

    if not any(map(differs, network.rows)):
        return None
    return lambda row: {"ceil_mode": up} if row.layer.__dict__.get("ceil_mode", up) is not up else None


def without_groups(row: LayerReport) -> Update | None:
    """Convolutions in two groups, whole; of more than two, nobody thinks as of an accident of two GPUs."""
    return {"groups": 1} if row.kind is Kind.CONVOLUTION and row.layer.groups == 2 else None


def without_table(row: LayerReport) -> Update | None:
    """Convolutions that read all maps, where a table says which."""
    return {"connections": None} if getattr(row.layer, "connections", None) is not None else None


def with_gaps(row: LayerReport) -> Update | None:
    """Dilation counted in gaps: one more step from tap to tap."""
    dilation = row.layer.__dict__.get("dilation")
    if dilation is None or max(dilation) == 1:
        return None
    return {"dilation": tuple(d + 1 if d > 1 else d for d in dilation)}


def unpadded(row: LayerReport) -> Update | None:
    """No padding anywhere."""
    padding = row.layer.__dict__.get("padding")
    if not padding or padding == "valid" or not hasattr(row.layer, "kernel_size"):
        return None
    return {"padding": ((0, 0),) * len(row.layer.kernel_size)}


def strides_first(network: Report) -> Relayed | None:
    """The stride of a bottleneck in its first 1×1 convolution instead of the 3×3 one, as in the ResNet of 2015."""
    nodes = {node.path: node for node in network.graph.nodes}
    moved: dict[str, Update] = {}
    for node in network.graph.nodes:
        if not _is_conv(node, wide=True) or max(node.layer.stride) == 1:
            continue
        before = nodes.get(node.inputs[0])
        while before is not None and type(before.layer).__name__ in ("BatchNorm2d", "ReLU"):
            before = nodes.get(before.inputs[0])
        if before is not None and _is_conv(before, wide=False) and max(before.layer.stride) == 1:
            moved[before.path] = {"stride": node.layer.stride}
            moved[node.path] = {"stride": before.layer.stride}
    return (lambda row: moved.get(row.path)) if moved else None


def _is_conv(node: Node, *, wide: bool) -> bool:
    layer = node.layer
    if type(layer).__name__ != "Conv2d" or layer.groups == layer.out_channels:
        return False
    largest: int = max(layer.kernel_size)
    return largest > 1 if wide else largest == 1


# Published variants


@cache
def published(name: str) -> tuple[tuple[str, str], ...]:
    """Built-in networks that go by the same name in their titles, and how they are called.

    A title is cut where it says which it is: `AlexNet (one tower)`, `LeNet-5 as published`. One that gives a number,
    `ShuffleNet 1× (g = 3)`, is another network.
    """
    family = re.match("[a-z]+", name)
    if family is None:
        return ()
    found = [pair for path in sorted(folder().glob(f"{family[0]}*.yaml")) for pair in _titles(path)]
    own = next((_base(title) for known, title in found if known == name), "")
    return tuple((known, title) for known, title in found if own and _base(title) == own)


def _base(title: str) -> str:
    return "" if "=" in title else re.split(r" \(| as | with | for ", title)[0]


def _titles(path: Path) -> list[tuple[str, str]]:
    document = parse(source(path))
    variants = document.values.get("variants") if isinstance(document, Written) else None
    names: Sequence[str] = list(variants.keys) if isinstance(variants, Written) else [path.stem]
    return [(name, metadata_of(*opened(document, name)).title) for name in names]


@cache
def _built_in(name: str) -> Report | None:
    try:
        graph = load(name)
        return analyze(graph)
    except InputError:
        return None


def counterparts(question: Question) -> Iterator[tuple[str, Question]]:
    """The same question about the published variants of a built-in network, by their names."""
    for name, _title, other in _others(question):
        there = _counterpart(other, question)
        if there is not None:
            yield name, there


def of_published(question: Question, *, whole: bool = False) -> Iterator[tuple[str, str, Value]]:
    """What is asked, in the published variants of a built-in network: their names, titles and values.

    The same of those with convolutions in two groups, had they none, where these are meant to be `whole`.
    """
    for name, title, other in _others(question, whole=whole):
        there = _counterpart(other, question)
        if there is not None:
            yield name, title, exact(there)


def _others(question: Question, *, whole: bool = False) -> Iterator[tuple[str, str, Report]]:
    """The published variants of a built-in network that can be compared with it."""
    network = question.network
    if question.row is None and question.ask.rpartition(".")[0].strip().lower() not in ("", WHOLE):
        return  # a group of layers
    for name, title in published(network.graph.name):
        other = _built_in(name) if name != network.graph.name else None
        if other is not None and whole:
            other = changed(other, "without groups", without_groups)
        if other is None or not _comparable(network, other):
            continue
        report = replace(other, batch=network.batch, dtype=network.dtype)
        if report.dtype is other.dtype:
            yield name, title, report


def _comparable(one: Report, other: Report) -> bool:
    same_input = list(one.graph.inputs.values()) == list(other.graph.inputs.values())
    return same_input or _made(one) == _made(other)


def _made(network: Report) -> Shape:
    return network.rows[-1].output.shape


def _counterpart(other: Report, question: Question) -> Question | None:
    """The question about the layer of the same type at the same place, if both have as many, or about its namesake."""
    if question.row is None:
        return question._replace(network=other)
    same = [row.path for row in question.network.rows if row.type == question.row.type]
    there = [row for row in other.rows if row.type == question.row.type]
    if question.row.path not in same:
        return None
    if len(same) == len(there):
        return _asked_of(other, there[same.index(question.row.path)], question)
    is_a_number = question.row.path.rpartition(".")[2].isdecimal()  # a place, which is another where layers are missing
    return None if is_a_number else _namesake(other, question)
