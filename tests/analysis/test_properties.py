"""What holds of every network, and small ones whose memory was worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnncalc import InputError, Network, analyze, from_text, load
from cnncalc.analysis.report import Branch, Report
from cnncalc.core.counts import NOTHING, Op, OpCount
from cnncalc.core.graph import Graph
from cnncalc.core.tensor import DType
from cnncalc.language import collection
from tests.support.cases import CASES

deterministic = settings(max_examples=60, deadline=None, derandomize=True, database=None)


def facts(graph: Graph) -> list[tuple[Any, ...]]:
    """Everything about a graph but where it was written."""
    nodes = [(n.path, type(n.layer), n.layer.options(), n.inputs, n.weights_from) for n in graph.nodes]
    return [(dict(graph.inputs), graph.outputs), *nodes]


def test_neighbours_without_names_are_numbered() -> None:
    branches = "  - branches: {paths: [[relu], [tanh]]}\n"
    graph = from_text("input: [3, 7, 6]\nlayers:\n  - relu\n  - relu\n" + 2 * branches)
    assert [node.path for node in graph.nodes] == [
        *("relu", "relu_2", "branch1.relu", "branch2.tanh", "concat"),
        *("branch1_2.relu", "branch2_2.tanh", "concat_2"),
    ]


# Every network


@pytest.mark.parametrize("name", collection.names())
def test_totals_are_sums_of_rows_and_of_levels(name: str) -> None:
    report = analyze(load(name), batch=2)
    totals = report.totals()
    assert totals.params == sum(row.params for row in report.rows)
    assert totals.macs == sum(row.macs for row in report.rows) == report.ops().macs
    assert totals.activation_bytes == sum(report.activation_bytes(row) for row in report.rows)
    assert totals.activation_elements * 4 * 2 == totals.activation_bytes
    given = sum(4 * 2 * prod(shape) for shape in report.graph.inputs.values())
    assert max(map(report.activation_bytes, report.rows)) <= totals.peak_activation_bytes
    assert totals.peak_activation_bytes <= totals.activation_bytes + given
    check_level(report.tree(), report)


def check_level(branch: Branch, report: Report) -> None:
    rows = list(branch.rows())
    assert sum(row.macs for child in branch.children for row in child.rows()) in (sum(row.macs for row in rows), 0)
    assert all(row.path == branch.path or row.path.startswith(f"{branch.path}.") for row in rows if branch.path)
    for child in branch.children:
        check_level(child, report)


@pytest.mark.parametrize("name", ["resnet50", "googlenet", "mobilenet_v2", "vgg16_bn"])
def test_loading_is_deterministic(name: str) -> None:
    once, again = load(name), load(name)
    assert facts(once) == facts(again)
    assert analyze(once).totals() == analyze(again).totals()


@st.composite
def chains(draw: st.DrawFn) -> tuple[str, int]:
    """A random stack of convolutions, pools and activations, with the number of its layers."""
    layers = []
    for _ in range(draw(st.integers(1, 6))):
        kind = draw(st.sampled_from(["conv", "pool", "relu", "residual", "branches"]))
        channels, kernel = draw(st.integers(1, 5)), draw(st.sampled_from([1, 3]))
        conv = f"conv2d: {{out_channels: {channels}, kernel_size: {kernel}, padding: {kernel // 2}}}"
        same = f"conv2d: {{out_channels: in_channels, kernel_size: {kernel}, padding: {kernel // 2}}}"
        layers += {
            "conv": [(conv, 1)],
            "pool": [("max_pool2d: {kernel_size: 3, stride: 1, padding: 1}", 1)],
            "relu": [(f"relu: {{inplace: {str(draw(st.booleans())).lower()}}}", 1)],
            "residual": [(f"residual: {{body: [{same}, relu], inplace: {str(draw(st.booleans())).lower()}}}", 3)],
            "branches": [(f"branches: {{paths: [[{conv}], [{same}, relu], []]}}", 4)],
        }[kind]
    text = "input: [3, 7, 6]\nlayers:\n" + "".join(f"  - {layer}\n" for layer, _ in layers)
    return text, sum(count for _, count in layers)


@deterministic
@given(chains(), st.integers(1, 9), st.sampled_from(list(DType)))
def test_bytes_scale_and_counts_do_not(chain: tuple[str, int], batch: int, dtype: DType) -> None:
    text, count = chain
    graph = from_text(text)
    one, many = analyze(graph).totals(), analyze(graph, batch=batch, dtype=dtype).totals()
    assert len(graph.nodes) == count
    assert (one.params, one.macs, one.flops) == (many.params, many.macs, many.flops)
    assert many.activation_bytes * 4 == one.activation_bytes * batch * dtype.nbytes
    assert many.peak_activation_bytes * 4 == one.peak_activation_bytes * batch * dtype.nbytes


@deterministic
@given(chains())
def test_in_place_layers_never_need_more_memory(chain: tuple[str, int]) -> None:
    text, _ = chain
    inplace, outplace = text.replace("inplace: false", "inplace: true"), text.replace("inplace: true", "inplace: false")
    assert analyze(from_text(inplace)).peak_bytes <= analyze(from_text(outplace)).peak_bytes


@deterministic
@given(chains())
def test_writing_a_network_twice_doubles_what_it_costs(chain: tuple[str, int]) -> None:
    text, _ = chain
    body = text.partition("layers:\n")[2]
    indented = "".join(f"        {line}\n" for line in body.splitlines())
    twin = f"input: [3, 7, 6]\nlayers:\n  - branches:\n      paths:\n        - \n{indented}        - \n{indented}"
    single, double = analyze(from_text(text)).totals(), analyze(from_text(twin)).totals()
    assert (double.params, double.macs) == (2 * single.params, 2 * single.macs)


# Written in YAML and in Python


def residual_in_python() -> Network:
    net = Network("residual", input=(3, 16, 12))
    stem = net.conv2d(out_channels=8, kernel_size=3, padding=1, name="stem")
    with net.group("block"):
        net.conv2d(out_channels=8, kernel_size=[3, 1], padding=(1, 0), bias=False)
        body = net.batch_norm2d()
        net.start_at(stem)
        shortcut = net.conv2d(out_channels=8, kernel_size=1)
        net.add(from_=[body, shortcut])
    net.global_avg_pool2d()
    net.linear(out_features=5)
    return net


RESIDUAL = """
input: [3, 16, 12]
blocks:
  block:
    layers:
      - residual:
          body:
            - conv2d: {out_channels: 8, kernel_size: [3, 1], padding: [1, 0], bias: false}
            - batch_norm2d
          shortcut:
            - conv2d: {out_channels: 8, kernel_size: 1}
layers:
  - conv2d: {name: stem, out_channels: 8, kernel_size: 3, padding: 1}
  - block: {type: block}
  - global_avg_pool2d
  - linear: {out_features: 5}
"""


def branches_in_python() -> Network:
    net = Network("branches", input=(4, 9, 7))
    start, ends = net.max_pool2d(kernel_size=3, stride=1), []
    with net.group("mixed"):
        for name, kernel in (("narrow", 1), ("wide", 3)):
            net.start_at(start)
            with net.group(name, indexed=True):
                net.conv2d(out_channels=6, kernel_size=kernel, padding=kernel // 2)
                net.relu(inplace=True)
            ends.append(net.last)
        net.concat(from_=[end for end in ends if end])
    return net


BRANCHES = """
input: [4, 9, 7]
layers:
  - max_pool2d: {kernel_size: 3, stride: 1}
  - branches:
      name: mixed
      paths:
        narrow:
          - sequential:
            - conv2d: {out_channels: 6, kernel_size: 1}
            - relu: {inplace: true}
        wide:
          - sequential:
            - conv2d: {out_channels: 6, kernel_size: 3, padding: 1}
            - relu: {inplace: true}
"""


def siamese_in_python() -> Network:
    net = Network("siamese", inputs={"left": (2, 9, 7), "right": (2, 9, 7)})
    with net.group("tower"):
        net.conv2d(from_="left", out_channels=4, kernel_size=3)
        one = net.relu()
    with net.group("twin", share="tower"):
        net.conv2d(from_="right", out_channels=4, kernel_size=3)
        other = net.relu()
    net.add(from_=(one, other), name="sum")
    net.multiply(from_=(one, other), name="product")
    return net


SIAMESE = """
inputs: {left: [2, 9, 7], right: [2, 9, 7]}
layers:
  - residual:
      name: tower
      from: left
      skip: false
      body:
        - conv2d: {out_channels: 4, kernel_size: 3}
        - relu
  - residual:
      name: twin
      from: right
      share: tower
      skip: false
      body:
        - conv2d: {out_channels: 4, kernel_size: 3}
        - relu
  - add: {name: sum, from: [tower, twin]}
  - multiply: {name: product, from: [tower, twin]}
outputs: [sum, product]
"""


@pytest.mark.parametrize(
    ("text", "build", "outputs"),
    [
        (RESIDUAL, residual_in_python, None),
        (BRANCHES, branches_in_python, None),
        (SIAMESE, siamese_in_python, ("sum", "product")),
    ],
    ids=["residual", "branches", "siamese"],
)
def test_python_and_yaml_make_the_same_graph(
    text: str, build: Callable[[], Network], outputs: tuple[str, ...] | None
) -> None:
    written, built = from_text(text), build().build(outputs)
    assert facts(written) == facts(built)
    assert analyze(written).totals() == analyze(built).totals()
    assert [row.output for row in analyze(written).rows] == [row.output for row in analyze(built).rows]


def test_python_objects_as_yaml_does() -> None:
    net = Network("n", input=(3, 9, 7))
    with pytest.raises(InputError) as from_python:
        net.conv2d(filters=8)  # type: ignore[call-arg]
    with pytest.raises(InputError) as from_yaml:
        from_text("input: [3, 9, 7]\nlayers:\n  - conv2d: {filters: 8}\n")
    ours, theirs = from_python.value.diagnostics, from_yaml.value.diagnostics
    assert {(one.code, one.message) for one in ours} == {(one.code, one.message) for one in theirs}
    assert {one.code for one in ours} == {"unknown-option", "missing-option"}
    for one in ours:
        assert one.span is not None
        assert one.span.source.line(one.span.line).strip().startswith("net.conv2d(filters=8)")


def test_python_tells_shapes_on_the_way() -> None:
    net = Network("n", input=(3, 9, 7))
    path = net.conv2d(out_channels=4, kernel_size=3)
    net.max_pool2d(kernel_size=2)
    assert (net.shape(path), net.shape()) == ((4, 7, 5), (4, 3, 2))


# Memory, worked out by hand for one byte per value; the input is 2×4×4 = 32 bytes


def peak(layers: str, top: str = "input: [2, 4, 4]", outputs: str = "") -> int:
    return analyze(from_text(f"{top}\nlayers:\n{layers}{outputs}"), dtype=DType.INT8).totals().peak_activation_bytes


PEAKS = {
    # 32 + 48 = 80; without the input 48, and the relu's own 48 make 96; without the first 48, 48 + 16 = 64
    "chain": (
        "  - conv2d: {out_channels: 3, kernel_size: 1}\n  - relu\n  - conv2d: {out_channels: 1, kernel_size: 1}\n",
        96,
    ),
    # 32 + 48 = 80; the relu writes over the 48; 48 + 16 = 64
    "in_place": (
        "  - conv2d: {out_channels: 3, kernel_size: 1}\n  - relu: {inplace: true}\n"
        "  - conv2d: {out_channels: 1, kernel_size: 1}\n",
        80,
    ),
    # 32 + 32 = 64; both are read by the sum, which makes 96
    "residual": ("  - residual: {body: [conv2d: {out_channels: 2, kernel_size: 1}]}\n", 96),
    # the sum writes over the body's end: 64
    "residual_in_place": ("  - residual: {inplace: true, body: [conv2d: {out_channels: 2, kernel_size: 1}]}\n", 64),
    # 32 + 32 = 64; a second convolution while the shortcut waits: 96; then the first is gone, and the sum: 96
    "long_residual": (
        "  - residual:\n      body:\n        - conv2d: {out_channels: 2, kernel_size: 1}\n"
        "        - conv2d: {out_channels: 2, kernel_size: 1}\n",
        96,
    ),
    # 32 + 32 = 64, without the input 32; the relu may not write over what the sum still reads: 64; the sum: 96
    "in_place_but_still_read": (
        "  - conv2d: {name: a, out_channels: 2, kernel_size: 1}\n  - relu: {name: b, inplace: true}\n"
        "  - add: {from: [a, b]}\n",
        96,
    ),
    # the flat view is the input's own memory: 32 + 10
    "flatten": ("  - flatten\n  - linear: {out_features: 10}\n", 42),
    # in place on a view of the input: still 32 + 10
    "in_place_on_a_view": ("  - flatten\n  - relu: {inplace: true}\n  - linear: {out_features: 10}\n", 42),
    # 32 + 48 = 80; + 16 = 96; without the input 64, and the concatenation's own 64: 128
    "concat": (
        "  - branches:\n      paths:\n        - [conv2d: {out_channels: 3, kernel_size: 1}]\n"
        "        - [conv2d: {out_channels: 1, kernel_size: 1}]\n",
        128,
    ),
    # the halves of a split are views: 32; 32 + 16 = 48 for the convolution of one; 32 + 16 + 16 for the sum, for the
    # other half is still alive in the input's memory
    "split": (
        "  - split: {name: s, sizes: [1, 1]}\n  - conv2d: {name: c, from: s.0, out_channels: 1, kernel_size: 1}\n"
        "  - add: {from: [c, s.1]}\n",
        64,
    ),
}


@pytest.mark.parametrize("name", PEAKS)
def test_peak_of_memory_worked_out_by_hand(name: str) -> None:
    layers, expected = PEAKS[name]
    assert peak(layers) == expected


def test_outputs_stay_alive() -> None:
    layers = (
        "  - conv2d: {name: a, out_channels: 3, kernel_size: 1}\n  - relu\n"
        "  - conv2d: {name: c, out_channels: 1, kernel_size: 1}\n"
    )
    # 32 + 48 = 80; 48 + 48 = 96; a is an output: 48 + 48 + 16 = 112
    assert peak(layers, outputs="outputs: [a, c]\n") == 112
    assert peak(layers, outputs="outputs: [c]\n") == 96


def test_inputs_stay_alive_until_they_are_read() -> None:
    layers = "  - conv2d: {name: a, from: x, out_channels: 1, kernel_size: 1}\n  - concat: {from: [a, y]}\n"
    # 32 + 16 = 48 of both inputs; a: 64; without x 32, and the concatenation's 32: 64
    assert peak(layers, top="inputs: {x: [2, 4, 4], y: [1, 4, 4]}") == 64


# Sharing, inputs, outputs


def test_shared_weights_count_once_and_their_work_every_time() -> None:
    rows = {row.path: row for row in analyze(from_text(SIAMESE)).rows}
    assert rows["tower.conv2d"].params == 4 * 2 * 3 * 3 + 4
    assert rows["twin.conv2d"].params == 0
    assert rows["twin.conv2d"].weights_from == "tower.conv2d"
    assert rows["twin.conv2d"].macs == rows["tower.conv2d"].macs == 4 * 7 * 5 * 2 * 3 * 3


def test_sharing_follows_to_the_layer_that_holds_the_weights() -> None:
    text = "input: [2, 9, 9]\nlayers:\n" + "".join(
        f"  - conv2d: {{name: c{n}, out_channels: 2, kernel_size: 3{f', share: c{n - 1}' if n else ''}}}\n"
        for n in range(3)
    )
    report = analyze(from_text(text))
    assert [row.weights_from for row in report.rows] == [None, "c0", "c0"]
    assert report.totals().params == 2 * 2 * 3 * 3 + 2
    assert report.totals().weight_layers == 1


def test_several_outputs() -> None:
    graph = from_text("input: [2, 9, 9]\nlayers:\n  - relu: {name: a}\n  - tanh: {name: b}\noutputs: [b, a]\n")
    assert graph.outputs == ("b", "a")


@pytest.mark.parametrize("shape", [(3, 224, 224), (3, 256, 192), (1, 97, 131)])
def test_another_input(shape: tuple[int, int, int]) -> None:
    report = analyze(load("resnet18", input=shape))
    assert report.graph.inputs == {"input": shape}
    first = report.rows[0]
    assert [x.shape for x in first.inputs] == [shape]
    assert first.params == 64 * shape[0] * 7 * 7
    assert report.rows[-1].output.shape == (1000,)


def test_params_set_from_outside() -> None:
    text = (CASES / "networks" / "tiny_resnet.yaml").read_text(encoding="utf-8")
    assert facts(from_text(text, params={"width": "24"})) == facts(from_text(text.replace("width: 16", "width: 24")))
    assert facts(from_text(text, params={"width": "8 * 3"})) == facts(from_text(text, params={"width": "24"}))


# Operation counts

COUNTS = st.dictionaries(st.sampled_from(list(Op)), st.integers(0, 10**12)).map(OpCount)


@deterministic
@given(st.lists(COUNTS, max_size=5), st.randoms(use_true_random=False))
def test_operation_counts_add_kind_by_kind_in_any_order(counts: list[OpCount], random: Any) -> None:
    total = OpCount.total(counts)
    for op in Op:
        assert total.of(op) == sum(count.of(op) for count in counts)
    assert total.macs == sum(count.macs for count in counts)
    mixed = list(counts)
    random.shuffle(mixed)
    assert dict(OpCount.total(mixed)) == dict(total)
    assert dict(OpCount.total([OpCount.total(counts[:2]), *counts[2:]])) == dict(total)


@deterministic
@given(COUNTS)
def test_what_does_not_occur_is_absent_and_reads_as_zero(count: OpCount) -> None:
    assert all(number for number in count.values())
    assert set(count) | {op for op in Op if count.of(op) == 0} == set(Op)
    assert dict(OpCount.total([count, NOTHING])) == dict(count)
    assert len(NOTHING) == NOTHING.macs == 0
