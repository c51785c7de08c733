"""Questions about a changed network: the network is analyzed again under the same convention."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from weakref import WeakKeyDictionary

from cnncalc.analysis.infer import analyze
from cnncalc.analysis.report import LayerReport, Report
from cnncalc.core.errors import Fault, InputError
from cnncalc.core.graph import Graph, Node
from cnncalc.core.tensor import Shape
from cnncalc.homework.questions import Amount, Question
from cnncalc.homework.targets import expected_value
from cnncalc.transform.rewrite import Rewrite, resize, rewrite

_CACHE: WeakKeyDictionary[Report, dict[Any, Report | None]] = WeakKeyDictionary()


def with_options(network: Report, name: str, update_of: Rewrite) -> Report | None:
    """A network with changed options; None where nothing changes or fits. `name` identifies the change."""
    return _cached_report(network, name, lambda: rewrite(network, update_of))


def with_layer_twice(network: Report, path: str) -> Report | None:
    """A network in which a layer is applied twice; None where its output does not fit it."""
    return _cached_report(network, ("twice", path), lambda: _twice(network.graph, path))


def _twice(graph: Graph, path: str) -> Graph:
    again = f"{path}.again"
    nodes: list[Node] = []
    for node in graph.nodes:
        inputs = tuple(again if wire == path else wire for wire in node.inputs)
        nodes.append(node._replace(inputs=inputs))
        if node.path == path:
            nodes.append(node._replace(path=again, inputs=(path,)))
    outputs = tuple(again if wire == path else wire for wire in graph.outputs)
    return graph._replace(nodes=tuple(nodes), outputs=outputs)


def at_size(network: Report, spatial: Shape) -> Report | None:
    """A network on an input of another height and width; None where it does not accept one."""
    return _cached_report(network, spatial, lambda: resize(network.graph, spatial))


def _cached_report(network: Report, key: Any, make: Callable[[], Graph | None]) -> Report | None:
    cache = _CACHE.setdefault(network, {})
    if key not in cache:
        graph = make()
        cache[key] = None if graph is None else _analyze_like(graph, network)
    return cache[key]


def _analyze_like(graph: Graph, like: Report) -> Report | None:
    try:
        report = analyze(graph, batch=like.batch, dtype=like.dtype)
    except (InputError, Fault, ValueError):
        return None
    return replace(report, convention=like.convention)


def value_in(network: Report | None, question: Question) -> Amount | None:
    """The value of a question for another network; None where that has no such number."""
    there = None if network is None else namesake(network, question)
    return None if there is None else expected_value(there)


def namesake(network: Report, question: Question) -> Question | None:
    """The same question about the layer with the same path in another network; None where there is none."""
    if question.row is None:
        return question._replace(network=network)
    row = network.by_path.get(question.row.path)
    return None if row is None else question_about(network, row, question)


def question_about(network: Report, row: LayerReport, question: Question) -> Question | None:
    """The same question about another layer; None where that has no such number."""
    if question.quantity in ("receptive_field", "jump", "start") and (
        row.reach is None or any(axis.start is None for axis in row.reach.axes)
    ):
        return None
    return question._replace(network=network, row=row)
