"""`cnncalc verify`: clean on every built-in network, and a wrong rule of any kind is reported."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnncalc import analyze, from_text, load
from cnncalc.analysis import report as reports
from cnncalc.analysis.lifetimes import alive_bytes
from cnncalc.analysis.names import Directory
from cnncalc.core.counts import Op, OpCount
from cnncalc.core.errors import InputError
from cnncalc.core.field import Field, sliding_window
from cnncalc.core.tensor import WeightSpec
from cnncalc.execution import kernels
from cnncalc.execution.engine.threads import worker_threads
from cnncalc.execution.memory import room
from cnncalc.execution.run import prepare
from cnncalc.execution.verify.measure import verify
from cnncalc.execution.verify.verification import Verification
from cnncalc.language import collection
from cnncalc.layers.catalogue import resolve
from cnncalc.transform.subgraph import standalone
from tests.support.command import cnncalc, environment

BRANCHED = """
input: [3, 21, 18]
layers:
  - conv2d: {name: stem, out_channels: 8, kernel_size: [5, 3], stride: [2, 1], padding: [2, 1], dilation: [1, 2]}
  - batch_norm2d: {name: norm}
  - relu: {inplace: true}
  - residual:
      body:
        - conv2d: {name: depthwise, out_channels: 8, kernel_size: 3, padding: 1, groups: 8, bias: false}
        - prelu
  - max_pool2d: {name: pool, kernel_size: 2}
  - flatten
  - linear: {name: head, out_features: 5}
"""


def measured(text: str = BRANCHED) -> Verification:
    graph = from_text(text)
    with worker_threads(2) as workers:
        return verify(analyze(graph), workers=workers)


def wrong(verification: Verification) -> set[tuple[str, str]]:
    return {(check.path, check.quantity) for check in verification.mismatches}


MOST_MACS = 60 * 10**9
"""What a test may take: some seconds. A larger network is run on smaller maps, or in part."""

SMALLER: dict[str, dict[str, Any]] = {
    "fasterrcnn_resnet50_fpn": {"params": {"proposals": "20"}, "input": (3, 400, 300)},
    "fasterrcnn_vgg16": {"params": {"proposals": "20"}},
    "i3d": {"params": {"frames": "16"}},
    "maskrcnn_resnet50_fpn": {"params": {"proposals": "20", "detections": "5"}, "input": (3, 400, 300)},
    "nnunet_brain_tumour_3d": {"input": (4, 64, 64, 64)},
    "vit_h_14": {"params": {"depth": "4"}},  # its weights are 2.5 GB, and one layer of it is like the next
}
"""Networks that half the size on every axis does not do for."""

FEW_FIELDS = {
    "dcgan_generator",  # its input is one pixel, which everything sees
    "mobilevit_s",  # a window is not told any more where a map has become sequences
    "mobilevit_xs",
}
"""Networks with few receptive fields to measure."""


@pytest.mark.parametrize("name", collection.names())
def test_built_in_networks_are_clean(name: str) -> None:
    graph = load(name, **SMALLER.get(name, {}))
    report = analyze(graph)
    while name not in SMALLER and report.totals().macs > MOST_MACS:
        ((channels, *extents),) = report.graph.inputs.values()
        graph = load(name, input=(channels, *(extent // 2 for extent in extents)))
        report = analyze(graph)
    with worker_threads() as workers:
        verification = verify(report, workers=workers)
    assert verification.mismatches == []
    checked = {check.path for check in verification.checks}
    assert checked == {row.path for row in report.rows} | {"total"}
    fields = [check for check in verification.checks if check.quantity.startswith("receptive_field") and check.ok]
    if name not in FEW_FIELDS and any(
        len(shape) > 2 for shape in graph.inputs.values()
    ):  # of sequences there is not always a field to tell
        assert len(fields) > len(report.rows) // 2
        assert any(check.quantity == "receptive_field" and check.rule != "all" for check in fields)


@pytest.mark.parametrize("name", collection.blocks())
def test_built_in_blocks_are_clean(name: str) -> None:
    report = analyze(load(name))
    assert report.graph.name == name
    assert report.graph.metadata.title
    verification = verify(report)
    assert verification.mismatches == []
    assert {check.path for check in verification.checks} == {row.path for row in report.rows} | {"total"}


def test_a_branched_network_is_clean() -> None:
    verification = measured()
    assert verification.mismatches == []
    quantities = {check.quantity for check in verification.checks if check.path == "stem"}
    assert quantities == {
        "output",
        "params",
        "buffers",
        "weights.weight",
        "weights.bias",
        "macs",
        "bias_add",
        "activation_bytes",
        "receptive_field",
    }


def test_several_inputs_shared_weights_and_a_vector() -> None:
    text = """
inputs: {left: [2, 9, 7], right: [2, 9, 7], extra: [4]}
layers:
  - conv2d: {name: one, from: left, out_channels: 4, kernel_size: 3}
  - conv2d: {name: two, from: right, share: one, out_channels: 4, kernel_size: 3}
  - add: {name: sum, from: [one, two]}
  - multiply: {name: gated, from: [sum, extra]}
"""
    verification = measured(text)
    assert verification.mismatches == []
    assert next(check.measured for check in verification.checks if check[:2] == ("total", "params")) == 76


def test_inputs_of_several_sizes_and_none() -> None:
    text = """
inputs: {scale: [4], large: [4, 12, 9], small: [4, 6, 5]}
layers:
  - conv2d: {name: one, from: large, out_channels: 4, kernel_size: 3, padding: 1}
  - conv2d: {name: two, from: small, out_channels: 4, kernel_size: 3, padding: 1}
  - multiply: {name: gated, from: [one, scale]}
outputs: [gated, two]
"""
    verification = measured(text)
    assert verification.mismatches == []
    fields = {check.path: check.measured for check in verification.checks if check.quantity.startswith("receptive")}
    assert fields == {"one": [(5, 7), (3, 5)], "two": "not measured", "gated": [(5, 7), (3, 5)]}


@pytest.mark.parametrize(
    ("size", "layer", "seen"),
    [
        ([2, 900], "identity", [(450, 450)]),  # longer than what is perturbed row by row
        ([2, 4, 650], "identity", [(2, 2), (325, 325)]),
        ([4, 9], "reshape: {shape: [6, 6]}", [(4, 4)]),  # off the grid
    ],
)
def test_a_difference_of_what_is_perturbed_alike_is_measured(size: list[int], layer: str, seen: Any) -> None:
    kind, _, options = layer.partition(": ")
    text = f"""
inputs: {{one: {size}, two: {size}}}
layers:
  - {kind}: {{name: a, from: one{options.replace("{", ", ") or "}"}
  - {kind}: {{name: b, from: two{options.replace("{", ", ") or "}"}
  - subtract: {{name: apart, from: [a, b]}}
  - subtract: {{name: alike, from: [a, a]}}
outputs: [apart, alike]
"""
    verification = measured(text)
    assert verification.mismatches == []
    fields = {check.path: check.measured for check in verification.checks if check.quantity == "receptive_field"}
    assert (fields["apart"], fields["alike"]) == (seen, seen)


@pytest.mark.parametrize("dim", [1, 2])
def test_axes_of_a_square_are_kept_apart(dim: int) -> None:
    text = f"""
input: [2, 9, 9]
layers:
  - conv2d: {{out_channels: 2, kernel_size: 3, padding: 1}}
  - softmax: {{dim: {dim}}}
"""
    verification = measured(text)
    assert verification.mismatches == []
    (found,) = [check for check in verification.checks if check[:2] == ("softmax", "receptive_field_bound")]
    assert found.measured[dim - 1] == (0, 8)
    assert found.measured[2 - dim] == (3, 5)


def test_a_square_with_other_options_on_each_axis() -> None:
    text = """
input: [2, 11, 11]
layers:
  - conv2d: {out_channels: 2, kernel_size: [3, 5], padding: [1, 2]}
  - relu
"""
    verification = measured(text)
    assert verification.mismatches == []
    fields = [check.measured for check in verification.checks if check.quantity == "receptive_field"]
    assert fields == [[(4, 6), (3, 7)]] * 2


def test_a_size_that_leaves_one_map_alone_and_another_not() -> None:
    text = """
input: [2, 9, 7]
layers:
  - upsample: {size: [9, 7]}
  - max_pool2d: {kernel_size: [3, 2]}
  - upsample: {size: [9, 7]}
  - relu
"""
    assert measured(text).mismatches == []


def test_a_sum_of_which_the_second_sees_further() -> None:
    text = """
input: [2, 11, 9]
layers:
  - relu: {name: near}
  - conv2d: {name: far, out_channels: 2, kernel_size: [3, 5], padding: [1, 2]}
  - add: {name: sum, from: [near, far]}
"""
    verification = measured(text)
    assert verification.mismatches == []
    assert [check.measured for check in verification.checks if check[:2] == ("sum", "receptive_field")] == [
        [(4, 6), (2, 6)]
    ]


# What a probe cannot see

NOT_MEASURED = "not measured"


def field_of(verification: Verification, path: str) -> tuple[str, Any, Any, bool | None]:
    (found,) = [check[1:] for check in verification.checks if check.path == path and check[1].startswith("receptive")]
    return found


@pytest.mark.parametrize(
    ("shape", "layer", "rule", "seen"),
    [
        # rows beyond the 640 in the middle are not perturbed
        ("[2, 850, 850]", "conv2d: {out_channels: 2, kernel_size: 3, dilation: 400}", [(25, 825)] * 2, NOT_MEASURED),
        ("[2, 2000]", "conv1d: {out_channels: 2, kernel_size: 1, stride: 1500}", [(1500, 1500)], NOT_MEASURED),
        ("[2, 2000, 3]", "softmax: {dim: 1}", [(0, 1999), (1, 1)], [NOT_MEASURED, (1, 1)]),
        ("[2, 2000, 1]", "softmax: {dim: 2}", [(1000, 1000), (0, 0)], NOT_MEASURED),
        # what is computed from one value does not depend on it
        ("[16, 1, 1]", "softmax: {dim: 1}", [(0, 0), (0, 0)], NOT_MEASURED),
        ("[1, 1, 3]", "softmax: {dim: 1}", [(0, 0), (1, 1)], NOT_MEASURED),
        ("[3, 4, 1]", "layer_norm: {normalized_shape: 1}", [(2, 2), (0, 0)], NOT_MEASURED),
        ("[3, 1]", "layer_norm: {normalized_shape: 1}", "all", NOT_MEASURED),
        ("[3, 1, 1]", "group_norm: {num_groups: 3}", "all", "all"),
        # windows that miss the map
        ("[2, 1]", "conv1d: {out_channels: 2, kernel_size: 2, padding: 3, dilation: 6}", [(-3, 3)], NOT_MEASURED),
    ],
)
def test_what_a_probe_cannot_see_is_not_measured(shape: str, layer: str, rule: Any, seen: Any) -> None:
    verification = measured(f"input: {shape}\nlayers:\n  - {layer}\n")
    assert verification.ok
    assert verification.mismatches == []
    path = layer.partition(":")[0]
    _quantity, stated, found, ok = field_of(verification, path)
    assert (stated, found) == (rule, seen)
    assert ok is (None if seen == NOT_MEASURED else True)
    assert [check.path for check in verification.unmeasured] == ([path] if ok is None else [])


@pytest.mark.parametrize(("norm", "merge"), [("group_norm: {num_groups: 2", "multiply"), ("instance_norm1d: {", "add")])
def test_units_that_read_padding_alone_do_not_see_the_whole_input(norm: str, merge: str) -> None:
    comma = ", " if norm[-1] != "{" else ""
    verification = measured(
        f"input: [4, 3]\nlayers:\n  - {norm}{comma}name: norm}}\n"
        "  - conv1d: {name: far, out_channels: 4, kernel_size: 2, dilation: 4, padding: 2}\n"
        f"  - {merge}: {{name: both, from: [input, far]}}\n  - relu\n"
        "  - conv1d: {name: next, out_channels: 2, kernel_size: 1}\n  - flatten\n"
    )
    assert verification.ok
    for path in ("norm", "far", "both", "relu", "next", "flatten"):
        assert field_of(verification, path)[1:] == ("all", "all", True)


@pytest.mark.parametrize(
    ("shape", "layers", "quantity", "seen"),
    [
        # taps so far apart that those beyond the border leave no row beside the one in the middle
        ("[2, 50]", "conv1d: {out_channels: 2, kernel_size: 3, dilation: 50, padding: 50}", "_bound", [(25, 25)]),
        ("[2, 3]", "max_pool1d: {kernel_size: 3, stride: 1, dilation: 4, padding: same}", "_bound", [(1, 1)]),
        (
            "[2, 10]",
            "crop: {margin: 3}, conv1d: {out_channels: 1, kernel_size: 2, dilation: 5, padding: 5}",
            "_bound",
            [None],
        ),
        ("[2, 9, 6]", "conv2d: {out_channels: 1, kernel_size: 3, dilation: 4, padding: 4}", "_bound", [(0, 8), (3, 3)]),
        # signals that would fade, or drown in the powers they are raised to
        ("[6, 4]", "lstm: {hidden_size: 3, num_layers: 50, bidirectional: true}", "", "all"),
        ("[300, 4]", "rnn: {hidden_size: 2, return_sequences: false}", "", "all"),
        ("[300, 4]", "gru: {hidden_size: 2, num_layers: 2, bidirectional: true}", "", "all"),
        ("[2, 9]", "lp_pool1d: {kernel_size: 3, norm_type: 1.0e-12}", "", [(3, 5)]),
        ("[2, 9]", "lp_pool1d: {kernel_size: 3, norm_type: 300}", "", [(3, 5)]),
        ("[5, 9]", "local_response_norm: {size: 3, alpha: -3, k: -2}", "", [(4, 4)]),
        ("[5, 9]", "local_response_norm: {size: 3, beta: 300}", "", [(4, 4)]),
        ("[4, 9, 1]", "layer_norm: {normalized_shape: [9, 1], eps: 1.0e+9}", "", "all"),
        # what sees the same everywhere, set against itself
        ("[4, 9]", "linear: {out_features: 9}, layer_norm: {normalized_shape: 9}", "", "all"),
        # a map whose padding repeats it where it was cut, not where the input ends
        ("[2, 20]", "crop: {size: 4}, pad: {padding: 3, mode: replicate}", "", [(10, 10)]),
        ("[4, 9]", "pad: {padding: 2, mode: circular}, conv1d: {out_channels: 1, kernel_size: 3}", "", [(3, 5)]),
        # axes of one position are found wherever they are sought
        ("[5, 4, 1]", "permute: {dims: [2, 1, 0]}, relu", "", [(2, 2), (0, 0)]),
    ],
)
def test_what_is_hard_to_see_is_measured(shape: str, layers: str, quantity: str, seen: Any) -> None:
    graph = from_text(f"input: {shape}\nlayers: [{layers}]\n")
    verification = verify(analyze(graph))
    assert verification.mismatches == []
    path = graph.nodes[-1].path
    found = field_of(verification, path)
    assert (found[0], found[2]) == (f"receptive_field{quantity}", seen)


# Wrong kernels


@pytest.mark.parametrize("shape", ["[16, 1, 1]", "[4, 3, 5]"])
def test_a_kernel_that_forgets_its_input_is_no_layer_that_cannot_be_seen(
    monkeypatch: pytest.MonkeyPatch, shape: str
) -> None:
    true = kernels.resolve
    planted = {"softmax": lambda task, x: true("softmax")(task, x) * 0}
    monkeypatch.setattr(kernels, "resolve", lambda name: planted.get(name) or true(name))
    found = wrong(measured(f"input: {shape}\nlayers:\n  - softmax: {{dim: 1}}\n"))
    assert ("softmax", "receptive_field") in found


SMALL_AND_LARGE = """
input: [2, 9, {width}]
layers:
  - max_pool2d: {{kernel_size: 2}}
  - relu: {{name: small}}
  - upsample: {{scale_factor: [4, 5]}}
  - relu: {{name: large}}
  - relu: {{name: again}}
"""


@pytest.mark.parametrize("width", [7, 9])
@pytest.mark.parametrize(
    ("moved", "where"),
    [
        (lambda y: y[:, :, ::-1], "small"),  # every row moves with one row, which is not its own
        (lambda y: np.roll(y, 1, axis=2), "small"),
        (lambda y: np.roll(y, 1, axis=3), "small"),
        (lambda y: np.roll(y, 1, axis=2) if y.shape[2] > 6 else y, "large"),
        (lambda y: y + y.max(axis=2, keepdims=True), "small"),
        (lambda y: y * 0, "small"),
    ],
)
def test_a_kernel_that_moves_what_it_should_not_is_reported(
    monkeypatch: pytest.MonkeyPatch, width: int, moved: Callable[[Any], Any], where: str
) -> None:
    text = SMALL_AND_LARGE.format(width=width)
    true = kernels.resolve
    relu = true("relu")
    planted = {"relu": lambda task, x: np.ascontiguousarray(moved(relu(task, x)))}
    assert wrong(measured(text)) == set()
    monkeypatch.setattr(kernels, "resolve", lambda name: planted.get(name) or true(name))
    found = {path for path, quantity in wrong(measured(text)) if quantity.startswith("receptive_field")}
    assert where in found


# Wrong rules

Rule = Callable[..., Any]


@pytest.mark.parametrize(
    ("type_name", "rule", "planted", "reported"),
    [
        ("conv2d", "ops", lambda self, x: OpCount({Op.CONTRACTION_MAC: 7}), {("stem", "macs"), ("stem", "bias_add")}),
        (
            "batch_norm2d",
            "weights",
            lambda self, x: (*self.true(x)[:2], *(spec._replace(trainable=True) for spec in self.true(x)[2:])),
            {("norm", "params"), ("norm", "buffers")},
        ),
        ("linear", "weights", lambda self, x: self.true(x)[:1], {("head", "execution")}),
        ("linear", "weights", lambda self, x: (*self.true(x), WeightSpec("spare", (3,))), {("head", "weights.spare")}),
        ("max_pool2d", "output", lambda self, x: x.with_spatial((6, 9)), {("pool", "output")}),
        (
            "conv2d",
            "windows",
            lambda self, x: (sliding_window(5, 2, 1, 2), sliding_window(3, 1, 1, 1)),
            {("stem", "receptive_field")},
        ),
        (
            "conv2d",
            "windows",
            lambda self, x: (sliding_window(7, 2, 1, 2), sliding_window(3, 1, 2, 1)),
            {("stem", "receptive_field")},
        ),
        (
            "relu",
            "windows",
            lambda self, x: (sliding_window(1, 1, 1, 1), sliding_window(1)),
            {("relu", "receptive_field")},
        ),
        ("linear", "global_by", lambda self, x: "", {("head", "receptive_field_bound")}),
        ("flatten", "global_by", lambda self, x: "all of it", {("flatten", "receptive_field")}),
    ],
)
def test_a_wrong_rule_is_reported(
    monkeypatch: pytest.MonkeyPatch, type_name: str, rule: str, planted: Rule, reported: set[tuple[str, str]]
) -> None:
    layer = resolve(type_name)
    monkeypatch.setattr(layer, "true", getattr(layer, rule), raising=False)
    monkeypatch.setattr(layer, rule, planted)
    assert reported <= wrong(measured())


@pytest.mark.parametrize(
    ("shape", "layer", "planted"),
    [
        # where the ends of the right rule lie beyond what is watched, or where borders leave gaps
        ("[2, 850, 850]", "conv2d: {out_channels: 2, kernel_size: 3, dilation: 400}", sliding_window(3, 1, 300)),
        ("[2, 850, 850]", "conv2d: {out_channels: 2, kernel_size: 3, dilation: 400}", sliding_window(3, 1, 150)),
        ("[2, 9, 9]", "conv2d: {out_channels: 1, kernel_size: 3, dilation: 4, padding: 4}", sliding_window(3, 1, 3, 4)),
        ("[2, 9, 9]", "conv2d: {out_channels: 1, kernel_size: 3, dilation: 4, padding: 4}", sliding_window(3, 1, 4, 5)),
        ("[2, 9, 9]", "conv2d: {out_channels: 1, kernel_size: 3, dilation: 4, padding: 4}", sliding_window(3, 1, 5, 4)),
    ],
)
def test_a_wrong_window_is_reported_though_not_all_of_it_is_seen(
    monkeypatch: pytest.MonkeyPatch, shape: str, layer: str, planted: Field
) -> None:
    monkeypatch.setattr(resolve("conv2d"), "windows", lambda self, x: (planted, planted))
    assert {path for path, _ in wrong(measured(f"input: {shape}\nlayers:\n  - {layer}\n"))} == {"conv2d"}


def test_a_wrong_peak_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "alive_bytes", lambda buffers, steps: [max(alive_bytes(buffers, steps)) + 4])
    assert wrong(measured()) == {("total", "peak_activation_bytes")}


# On the command line


def test_totals_on_the_screen() -> None:
    done = cnncalc("verify", "lenet5", env={"COLUMNS": "80"})
    assert done.code == 0
    assert done.err == ""
    lines = done.out.splitlines()
    assert lines[0] == "LeNet-5 · input 1×32×32 · seed 0"
    assert any(line.split() == ["total", "params", "61,706", "61,706", "✓"] for line in lines)
    assert any(line.split() == ["macs", "416,520", "416,520", "✓"] for line in lines)
    assert any(line.endswith("checks over 12 layers, all right") for line in lines)
    assert max(map(len, lines)) <= 80


def test_every_check_on_the_screen() -> None:
    done = cnncalc("verify", "lenet5", "--all", env={"COLUMNS": "80"})
    lines = done.out.splitlines()
    assert ["c1", "output", "6×28×28", "6×28×28", "✓"] in [line.split() for line in lines]
    assert ["weights.bias", "6", "6", "✓"] in [line.split() for line in lines]
    assert max(map(len, lines)) <= 80


def test_one_layer() -> None:
    done = cnncalc("verify", "resnet18", "--layer", "layer1.0.conv1", "--format", "json")
    found = json.loads(done.out)
    assert {check["path"] for check in found["checks"]} == {"layer1.0.conv1", "total"}
    macs = next(check for check in found["checks"] if check["quantity"] == "macs")
    assert macs == {"path": "layer1.0.conv1", "quantity": "macs", "rule": 115605504, "measured": 115605504, "ok": True}


def test_json() -> None:
    done = cnncalc("verify", "lenet5", "--seed", "3", "--format", "json")
    found = json.loads(done.out)
    assert done.code == 0
    assert list(found) == ["name", "ok", "checks", "seconds", "peak_bytes", "warnings"]
    assert found["name"] == "lenet5"
    assert found["ok"] is True
    assert found["peak_bytes"] == 37632
    assert all(list(check) == ["path", "quantity", "rule", "measured", "ok"] for check in found["checks"])
    assert {"path": "c1", "quantity": "output", "rule": [6, 28, 28], "measured": [6, 28, 28], "ok": True} in found[
        "checks"
    ]


FAR_APART = "input: [2, 850, 850]\nlayers:\n  - conv2d: {out_channels: 2, kernel_size: 3, dilation: 400}\n"


def test_what_is_not_measured_is_said_in_both_languages_and_is_no_mismatch(tmp_path: Path) -> None:
    path = tmp_path / "far.yaml"
    path.write_text(FAR_APART, encoding="utf-8")
    done = cnncalc("verify", path, "--all", env={"COLUMNS": "80"})
    assert (done.code, done.err) == (0, "")
    assert any(line.split()[-4:] == ["825", "not", "measured", "–"] for line in done.out.replace("…", " ").splitlines())
    assert "13 checks over 1 layer, all right\nNot measured: the receptive field of " in done.out
    assert "Of the 850×850 positions of the input, the 640×640 in the middle were perturbed." in done.out
    chinese = cnncalc("--lang", "zh", "verify", path, "--all").out
    assert "1 层共 13 项检查，全部一致\n未测量：conv2d 的感受野" in chinese
    assert any(line.endswith("未测量  –") for line in chinese.splitlines())
    found = json.loads(cnncalc("verify", path, "--format", "json").out)
    assert found["ok"] is True
    assert [check for check in found["checks"] if check["ok"] is not True] == [
        {
            "path": "conv2d",
            "quantity": "receptive_field",
            "rule": [[25, 825], [25, 825]],
            "measured": NOT_MEASURED,
            "ok": None,
        }
    ]


WRONG_RULE = """
import sys
from cnncalc.layers.linear import Linear
from cnncalc.core.counts import OpCount
Linear.ops = lambda self, x: OpCount({})
from cnncalc.__main__ import main
sys.argv = ["cnncalc", *sys.argv[1:]]
main()
"""


def test_a_mismatch_is_shown_and_gives_exit_code_1() -> None:
    command = [sys.executable, "-c", WRONG_RULE, "verify", "lenet5"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(COLUMNS="80"), check=False)
    assert done.returncode == 1
    assert done.stderr == ""
    shown = [line.split() for line in done.stdout.splitlines()]
    assert ["c5", "macs", "0", "48,000", "✗"] in shown
    assert ["bias", "add", "0", "120", "✗"] in shown
    assert any("of them wrong" in line for line in done.stdout.splitlines())


def test_an_input_that_does_not_fit_the_memory() -> None:
    done = cnncalc("verify", "vgg16", "--input", "3x100000x100000")
    assert done.code == 2
    assert done.err.startswith("error[not-enough-memory]: running this takes about ")
    assert done.peak_bytes < 200 << 20
    fitting = done.err.rpartition("--input ")[2].partition("`")[0]
    height = int(fitting.split("x")[1])
    assert fitting == f"3x{height}x{height}"
    assert 32 <= height < 100000


def test_no_input_fits_where_the_weights_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "free_bytes", lambda: 100 << 20)
    with pytest.raises(InputError, match="no smaller input would fit"):
        room.require_room(
            room.PlannedRun(analyze(load("vgg16"))),
            {"input": (3, 224, 224)},
            lambda shape: room.PlannedRun(analyze(load("vgg16", input=shape))),
        )


def test_one_layer_of_a_map_that_does_not_fit_the_memory() -> None:
    done = cnncalc("verify", "vgg16", "--layer", "features.2", "--input", "3x100000x100000")
    assert done.code == 2
    assert done.err.startswith("error[not-enough-memory]: ")
    fitting = done.err.rpartition("--input ")[2].partition("`")[0]
    assert cnncalc("verify", "vgg16", "--layer", "features.2", "--input", "3x32x32").code == 0
    assert int(fitting.split("x")[1]) > 32


WRITTEN = """
inputs: {image: [1, 2, 2]}
blocks:
  point:
    layers: [conv2d: {name: conv, out_channels: 1, kernel_size: 1}]
layers:
  - block: {type: point, name: first}
  - block: {type: point, name: again, share: first}
values: {first.conv.bias: [3], first.conv.weight: [[[[2]]]], input: [[[1, 2], [3, 4]]]}
"""


def test_one_layer_has_the_values_that_are_written_for_it() -> None:
    graph = from_text(WRITTEN)
    report = analyze(graph)
    for path, image in (("first.conv", [[1, 2], [3, 4]]), ("again.conv", None)):
        own = standalone(report, [report.by_path[path]])
        prepared = prepare(analyze(own))
        assert {name: array.tolist() for name, array in prepared.weights[path].items()} == {
            "weight": [[[[2]]]],
            "bias": [3],
        }
        assert image is None or next(iter(prepared.inputs.values())).tolist() == [[image]]


TURNED = """
input: [3, 9, 7]
layers:
  - permute: {name: turned, dims: [1, 2, 0]}
  - layer_norm: {name: norm, normalized_shape: 3}
  - linear: {name: wider, out_features: 8}
  - window_attention: {name: attention, num_heads: 2, window_size: [4, 3], shift_size: [2, 0]}
  - patch_merging: {name: merging}
  - permute: {name: back, dims: [2, 0, 1]}
"""


def test_layers_between_permutes_alone() -> None:
    graph = from_text(TURNED)
    report = analyze(graph)
    for row in report.rows:
        own = standalone(report, [row])
        measured = analyze(own)
        assert measured.rows[0].output == row.output
        assert verify(measured).mismatches == []
        assert measured.rows[0].ops == row.ops
    norm = standalone(report, [report.by_path["norm"]])
    (field,) = [check for check in verify(analyze(norm)).checks if check.quantity == "receptive_field"]
    assert field.measured == [(4, 4), (3, 3)]


@pytest.mark.skipif(sys.platform != "linux", reason="limits address space, which other systems do not")
def test_a_limit_on_the_process_counts(tmp_path: Path) -> None:
    program = f"ulimit -v {3 << 20} && exec {sys.executable} -m cnncalc verify vgg16 --input 3x2048x2048"
    done = subprocess.run(["bash", "-c", program], capture_output=True, text=True, env=environment(), check=False)
    assert done.returncode == 2
    assert "error[not-enough-memory]" in done.stderr


def test_an_unknown_layer() -> None:
    done = cnncalc("verify", "resnet18", "--layer", "layer1.0.conv9")
    assert done.code == 2
    assert "error[unknown-layer-name]: the network has no layer `layer1.0.conv9`" in done.err
    assert "did you mean `layer1.0.conv" in done.err


def test_values_of_the_description_are_checked(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text("input: [1, 3, 3]\nlayers:\n  - linear: {out_features: 2}\n", encoding="utf-8")
    assert cnncalc("verify", path).code == 2  # the rule objects to a map
    path.write_text(
        "input: [4]\nlayers:\n  - linear: {name: fc, out_features: 2}\nvalues:\n  fc.weight: [[1, 2], [3, 4]]\n",
        encoding="utf-8",
    )
    done = cnncalc("verify", path)
    assert done.code == 2
    assert "net.yaml:5" in done.err


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_ctrl_c_leaves_cleanly() -> None:
    command = [sys.executable, "-m", "cnncalc", "verify", "vgg19", "--input", "3x1024x1024"]  # takes many seconds
    running = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # what runs in the background ignores it
    )
    time.sleep(1.5)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=20)
    assert running.returncode == 130
    assert "Traceback" not in err


TWICE = """
input: [2, 6, 5]
layers:
  - sequential: {name: first, layers: [{conv2d: {name: conv, out_channels: 2, kernel_size: 1}}, {relu: {name: act}}]}
  - sequential:
      name: again
      layers:
        - conv2d: {name: conv, out_channels: 2, kernel_size: 1, share: first.conv}
        - conv2d: {name: more, out_channels: 2, kernel_size: 1, share: first.conv}
values: {first.conv.weight: [[[[1]], [[2]]], [[[3]], [[4]]]], first.conv.bias: [5, 6]}
"""


def test_a_group_alone_has_the_weights_that_it_shares_with_a_layer_outside() -> None:
    report = analyze(from_text(TWICE))
    own = analyze(standalone(report, Directory(report).rows_of("again")))
    assert [row.params for row in own.rows] == [2 * 2 + 2, 0]
    assert verify(own).mismatches == []
    assert prepare(own).weights["again.conv"]["bias"].tolist() == [5, 6]


def test_a_group_is_verified_and_run_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(TWICE, encoding="utf-8")
    done = cnncalc("verify", "net.yaml", "--layer", "again", "--format", "json", folder=tmp_path)
    assert done.code == 0
    assert {check["path"] for check in json.loads(done.out)["checks"]} == {"again.conv", "again.more", "total"}
    done = cnncalc("run", "net.yaml", "--layer", "again", "--layer", "AGAIN.conv", "--format", "json", folder=tmp_path)
    assert [*json.loads(done.out)["outputs"]] == ["again.more", "again.conv"]
