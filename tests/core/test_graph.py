"""Graphs as values: equal ones are equal, a transform that changes nothing changes nothing, wires begin somewhere."""

from __future__ import annotations

import copy
import pickle

import pytest

from cnncalc import analyze, from_text, load
from cnncalc.analysis.outline import outline
from cnncalc.core.errors import InputError
from cnncalc.core.graph import Graph, Node
from cnncalc.core.translation import use_language
from cnncalc.exporters.json import report_json
from cnncalc.language import collection
from cnncalc.layers.activation import ReLU
from cnncalc.layers.conv import Conv2d
from cnncalc.layers.merge import Add
from cnncalc.layers.pool import AvgPool2d, MaxPool2d


def copied(graph: Graph) -> Graph:
    """The graph with a copy in the place of every layer."""
    return graph.with_layers({node.path: node.layer.model_copy({}) for node in graph.nodes})


class TestLayers:
    def test_equal_options_make_equal_layers(self) -> None:
        one, other = Conv2d(out_channels=8, kernel_size=3), Conv2d(out_channels=8, kernel_size=(3, 3))
        assert one is not other
        assert one == other
        assert hash(one) == hash(other)
        assert {one: "found"}[other] == "found"

    def test_other_options_and_other_types_do_not(self) -> None:
        conv = Conv2d(out_channels=8, kernel_size=3)
        assert conv != Conv2d(out_channels=8, kernel_size=5)
        assert conv != conv.model_copy({"bias": False})
        assert conv != "conv2d"
        assert MaxPool2d(kernel_size=3) != AvgPool2d(kernel_size=3)

    @pytest.mark.parametrize("copying", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
    def test_a_copy_is_equal(self, copying: object) -> None:
        layer = Conv2d(out_channels=8, kernel_size=3)
        hash(layer)  # what is remembered is no part of the layer
        assert callable(copying)
        assert copying(layer) == layer
        assert copying(layer).options() == layer.options()


class TestReplaced:
    @pytest.mark.parametrize("name", collection.names())
    def test_the_identity_changes_nothing(self, name: str) -> None:
        graph = load(name)
        same = copied(graph)
        assert same == graph
        assert len({id(node.layer) for node in same.nodes}) <= len({id(node.layer) for node in graph.nodes})
        report, again = analyze(graph), analyze(same)
        assert report_json(again) == report_json(report)
        assert [(line.name, line.times) for line in outline(again)] == [
            (line.name, line.times) for line in outline(report)
        ]

    def test_equal_layers_that_are_many_objects_are_drawn_once(self) -> None:
        """Without `with_layers`, which makes them one."""
        graph = load("resnet50")
        many = graph._replace(nodes=tuple(node._replace(layer=node.layer.model_copy({})) for node in graph.nodes))
        assert many == graph
        assert len(list(outline(analyze(many)))) == len(list(outline(analyze(graph))))

    def test_one_layer_is_another(self) -> None:
        graph = load("vgg16")
        path = graph.nodes[0].path
        changed = graph.with_layers({path: graph.nodes[0].layer.model_copy({"bias": False})})
        assert changed != graph
        assert changed.node(path).layer.bias is False
        assert changed.nodes[1:] == graph.nodes[1:]
        assert analyze(graph).totals().params - analyze(changed).totals().params == 64

    def test_a_path_that_is_not_there(self) -> None:
        graph = load("lenet5")
        for wrong in (lambda: graph.node("nothing"), lambda: graph.with_layers({"nothing": ReLU()})):
            with pytest.raises(KeyError, match="nothing"):
                wrong()


def wired(*nodes: tuple[str, str], outputs: tuple[str, ...] = ("b",)) -> Graph:
    made = tuple(Node(path, Add() if " " in wires else ReLU(), tuple(wires.split())) for path, wires in nodes)
    return Graph("wired", {"x": (3, 8, 9)}, made, outputs)


@pytest.mark.parametrize(
    ("graph", "code", "sentence", "chinese"),
    [
        (wired(("a", "x"), ("b", "a c")), "unknown-wire", "`b` reads `c`, and nothing has that name", "`c`"),
        (wired(("a", "b x"), ("b", "a")), "wire-from-behind", "`a` reads `b`, which does not come before it", "`b`"),
        (wired(("a", "x a"), ("b", "a")), "wire-from-behind", "`a` reads `a`, which does not come before it", "`a`"),
        (wired(("b", "x"), ("b", "x")), "duplicate-path", "`b` is there twice", "`b`"),
        (wired(("x", "x"), ("b", "x")), "duplicate-path", "`x` is there twice", "`x`"),
        (wired(("a", "x"), outputs=("b",)), "unknown-wire", "the network outputs `b`", "`b`"),
    ],
    ids=["nowhere", "circle", "itself", "twice", "like an input", "output"],
)
def test_wires_that_cannot_be(graph: Graph, code: str, sentence: str, chinese: str) -> None:
    with pytest.raises(InputError) as caught:
        analyze(graph)
    assert f"error[{code}]: {sentence}" in str(caught.value)
    with use_language("zh"):
        said = "\n".join(map(str, caught.value.diagnostics))
        assert f"错误[{code}]" in said
        assert chinese in said
        assert sentence not in said


def test_a_graph_of_a_description_passes() -> None:
    from_text("input: [3, 8, 9]\nlayers: [relu: {name: a}, add: {from: [a, input]}]").check()
