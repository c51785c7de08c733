"""Networks as torch modules, and what comparing with torch and fvcore finds: nothing, until something is wrong."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from cnncalc.analysis.conventions.fvcore import FVCORE
from cnncalc.analysis.infer import analyze
from cnncalc.analysis.report import Report
from cnncalc.core.errors import InputError
from cnncalc.core.graph import Graph, Node
from cnncalc.core.tensor import Shape, TensorSpec, WeightSpec
from cnncalc.execution import kernels
from cnncalc.execution.engine.program import program
from cnncalc.execution.engine.task import Task
from cnncalc.execution.inputs.random_arrays import random_weights
from cnncalc.execution.verify.verification import TOTAL, Check
from cnncalc.language.load import from_text, load
from cnncalc.layers.catalogue import resolve
from cnncalc.oracles.against_fvcore import against_fvcore
from cnncalc.oracles.against_torch import TOLERANCE, against_torch, relative_error
from cnncalc.oracles.torch.layers import stored_tensors
from cnncalc.oracles.torch.module import LayerFailed, TorchNetwork, module_of
from tests.support.cases import Case, layer_cases
from tests.support.torch_layers import random_inputs, run, settle, torch_layer

SEED = 11


def network(
    inputs: dict[str, Shape],
    *layers: tuple[str, str, dict[str, Any], str],
    outputs: str,
    share: dict[str, str] | None = None,
) -> Graph:
    """A graph from rows of path, type, options and the wires it reads."""
    nodes = [
        Node(path, resolve(kind)(**options), tuple(wires.split()), weights_from=(share or {}).get(path))
        for path, kind, options, wires in layers
    ]
    return Graph("made", inputs, tuple(nodes), tuple(outputs.split()))


def single(case: Case) -> Graph:
    return case.network("group.layer")


def module(graph: Graph, seed: int = SEED) -> TorchNetwork:
    report = analyze(graph)
    steps = program(report)
    made = module_of(steps, report.rows)
    made.load(random_weights(steps, seed))
    return made


def wrong(checks: list[Check]) -> list[tuple[str, str]]:
    return [(check.path, check.quantity) for check in checks if not check.ok]


# Single layers


@pytest.mark.parametrize("case", layer_cases(), ids=str)
def test_a_layer_in_a_network_is_the_layer_by_itself(case: Case) -> None:
    """The network has its options spelled out in full, by cnncalc; the layer by itself as torch would be given them."""
    alone = settle(torch_layer(case.type, dict(case.options), case.inputs))
    graph = single(case)
    report = analyze(graph)
    made = module_of(program(report), report.rows)
    made.load({"group.layer": {name: value.detach().numpy() for name, value in stored_tensors(alone).items()}})
    inputs = random_inputs(case.type, case.inputs, 2)
    with torch.no_grad():
        (found,) = made(*(x.movedim(-1, 1) if case.channels_last else x for x in inputs))
    torch.testing.assert_close(found, run(alone, inputs), rtol=1e-9, atol=1e-9, equal_nan=True)


@pytest.mark.parametrize("case", layer_cases(), ids=str)
def test_every_layer_agrees_with_both(case: Case) -> None:
    graph = single(case)
    report = analyze(graph)
    checks = against_torch(report, SEED)
    assert wrong(checks) == []
    assert [(check.path, check.quantity) for check in checks] == [
        *((node.path, f"torch_{quantity}") for node in graph.nodes for quantity in ("output", "params", "values")),
        (TOTAL, "torch_params"),
        (TOTAL, "torch_values"),
    ]
    assert wrong(against_fvcore(report, SEED)) == []


# Networks


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("lenet5", None),
        ("lenet5_1998", None),
        ("nin", (3, 96, 83)),
        ("resnet18", (3, 64, 75)),
        ("mobilenet_v2", (3, 64, 64)),
        ("googlenet", (3, 64, 71)),
    ],
)
def test_built_in_networks_agree_with_both(name: str, shape: Shape | None) -> None:
    graph = load(name, input=shape)
    report = analyze(graph)
    checks = against_torch(report, SEED)
    assert wrong(checks) == []
    assert len(checks) == 3 * len(graph.nodes) + 2
    assert 0 < checks[-1].measured < TOLERANCE  # two computations, not one with itself
    assert wrong(against_fvcore(report, SEED)) == []


@pytest.mark.parametrize(("name", "flops"), [("alexnet", 714_197_696), ("resnet50", 4_111_512_576)])
def test_fvcores_number_at_224(name: str, flops: int) -> None:
    """fvcore 0.1.5.post20221221 on torchvision's models."""
    graph = load(name)
    assert graph.inputs == {"input": (3, 224, 224)}
    report = analyze(graph)
    checks = against_fvcore(report, SEED)
    assert wrong(checks) == []
    assert checks[-1] == Check(TOTAL, "fvcore_flops", flops, flops, ok=True)
    assert next(check.quantity for check in checks if check.path == TOTAL) == "fvcore_adaptive_avg_pool2d"
    assert FVCORE.total(report.rows) == sum(FVCORE.by_operator(report.rows).values()) == flops


def test_names_in_the_state_dict_are_torchvisions() -> None:
    graph = load("resnet18", input=(3, 64, 64))
    names = set(module(graph).state_dict())
    assert {"conv1.weight", "bn1.running_mean", "layer1.0.conv1.weight", "layer4.1.bn2.bias", "fc.bias"} <= names
    assert len(names) == 122  # torchvision 0.26, len(resnet18().state_dict())


def test_names_that_torch_needs_are_escaped() -> None:
    layers = [
        (path, "conv2d", {"out_channels": 3, "kernel_size": 1}, wire)
        for path, wire in (
            ("type", "x"),
            ("a.forward", "type"),
            ("a", "a.forward"),
            ("a.训练.0", "a"),
            ("_layers", "a"),
        )
    ]
    graph = network({"x": (3, 5, 4)}, *layers, outputs="a.训练.0 _layers")
    made = module(graph)
    assert [name for name in made.state_dict() if name.endswith("weight")] == [
        "type_.weight",
        "a.forward_.weight",
        "a.训练.0.weight",
        "a_.weight",
        "_layers_.weight",
    ]
    assert wrong(against_torch(analyze(graph), SEED)) == []
    found = against_fvcore(analyze(graph), SEED)
    assert [(check.path, check.measured) for check in found if check.quantity == "fvcore_flops"] == [
        *((path, 180) for path in ("type", "a.forward", "a", "a.训练.0", "_layers")),
        (TOTAL, 900),
    ]


SHARED = network(
    {"left": (3, 9, 7), "right": (3, 6, 11)},
    ("one", "conv2d", {"out_channels": 4, "kernel_size": 3, "padding": 1}, "left"),
    ("two", "conv2d", {"out_channels": 4, "kernel_size": 3, "stride": 2, "padding": ((1, 0), (0, 1))}, "right"),
    ("norm", "batch_norm2d", {}, "one"),
    ("again", "batch_norm2d", {}, "two"),
    ("relu", "relu", {"inplace": True}, "again"),
    outputs="relu norm",
    share={"two": "one", "again": "norm"},
)


def test_shared_weights_inputs_and_outputs() -> None:
    made = module(SHARED)
    assert sum(p.numel() for p in made.parameters()) == 3 * 4 * 9 + 4 + 4 + 4
    given = random_weights(program(analyze(SHARED)), SEED)
    conv = {name: torch.from_numpy(array) for name, array in given["one"].items()}
    norm = {name: torch.from_numpy(array) for name, array in given["norm"].items()}
    left, right = torch.rand(2, 3, 9, 7), torch.rand(2, 3, 6, 11)

    def normed(x: Tensor) -> Tensor:
        return nn.functional.batch_norm(x, norm["running_mean"], norm["running_var"], norm["weight"], norm["bias"])

    with torch.no_grad():
        first, second = made(left, right)
        expected = nn.functional.conv2d(left, conv["weight"], conv["bias"], padding=1)
        torch.testing.assert_close(second, normed(expected))
        expected = nn.functional.conv2d(nn.functional.pad(right, (0, 1, 1, 0)), conv["weight"], conv["bias"], stride=2)
        torch.testing.assert_close(first, normed(expected).relu())


def test_shared_weights_count_once() -> None:
    report = analyze(SHARED)
    checks = against_torch(report, SEED)
    assert wrong(checks) == []
    counts = {check.path: check.measured for check in checks if check.quantity == "torch_params"}
    assert counts == {"one": 112, "two": 0, "norm": 8, "again": 0, "relu": 0, TOTAL: 120}
    assert wrong(against_fvcore(report, SEED)) == []


def test_written_values_are_those_of_both_sides(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (
        "input: [2]\nlayers: [{linear: {name: fc, out_features: 1}}]\nvalues: {input: [[3, 4], [5, 6]], fc.bias: [7]}\n"
    )
    report, exact, biases = analyze(from_text(text)), TorchNetwork.load, []

    def noted(self: TorchNetwork, weights: dict[str, dict[str, Any]]) -> None:
        biases.append(weights["fc"]["bias"].tolist())
        exact(self, weights)

    monkeypatch.setattr(TorchNetwork, "load", noted)
    assert wrong(against_torch(report, SEED)) == wrong(against_fvcore(report, SEED)) == []
    assert biases == [[7], [7]]


def test_layers_in_place_leave_what_was_shown() -> None:
    graph = network(
        {"x": (3, 5, 4)},
        ("conv", "conv2d", {"out_channels": 3, "kernel_size": 1}, "x"),
        ("flat", "flatten", {}, "conv"),
        ("relu", "relu", {"inplace": True}, "flat"),
        ("back", "reshape", {"shape": (3, 5, 4)}, "relu"),
        ("sum", "add", {"inplace": True}, "back conv"),
        outputs="sum",
    )
    shown: dict[str, Tensor] = {}
    x = torch.rand(1, 3, 5, 4) - 0.5
    with torch.no_grad():
        module(graph).run([x], shown.__setitem__)
    assert shown["conv"].min() < 0
    torch.testing.assert_close(shown["relu"], shown["conv"].flatten(1).relu())
    torch.testing.assert_close(shown["sum"], shown["conv"].relu() + shown["conv"])
    assert wrong(against_torch(analyze(graph), SEED)) == []


# What is wrong is found

TINY = network(
    {"x": (3, 9, 7)},
    ("conv", "conv2d", {"out_channels": 4, "kernel_size": 3, "bias": False}, "x"),
    ("relu", "relu", {}, "conv"),
    ("pool", "max_pool2d", {"kernel_size": (2, 3)}, "relu"),
    ("flat", "flatten", {}, "pool"),
    ("head", "linear", {"out_features": 5}, "flat"),
    outputs="head",
)
VALUES = "torch_values"


def test_a_wrong_weight_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    exact = TorchNetwork.load

    def altered(self: TorchNetwork, weights: dict[str, dict[str, Any]]) -> None:
        head = {name: array.copy() for name, array in weights["head"].items()}
        head["bias"][3] += 0.01
        exact(self, weights | {"head": head})

    monkeypatch.setattr(TorchNetwork, "load", altered)
    assert wrong(against_torch(analyze(TINY), SEED)) == [("head", VALUES), (TOTAL, VALUES)]


def with_kernel(monkeypatch: pytest.MonkeyPatch, kind: str, planted: Callable[..., Any]) -> list[tuple[str, str]]:
    exact = kernels.resolve
    monkeypatch.setattr(kernels, "resolve", lambda name: planted if name == kind else exact(name))
    return wrong(against_torch(analyze(TINY), SEED))


def test_a_wrong_kernel_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def leaky(task: Task, x: Any) -> Any:
        return np.maximum(x, np.float32(0.01) * x)

    found = with_kernel(monkeypatch, "relu", leaky)
    assert found[0] == ("relu", VALUES)
    assert found[-1] == (TOTAL, VALUES)
    assert ("conv", VALUES) not in found


def test_a_kernel_with_another_shape_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    found = with_kernel(monkeypatch, "max_pool2d", lambda task, x: np.ascontiguousarray(x[:, :, ::2, ::2]))
    assert found == [("pool", VALUES), ("flat", VALUES), ("head", "execution")]


def with_row(path: str, **changed: Any) -> Report:
    report = analyze(TINY)
    return replace(report, rows=tuple(row._replace(**changed) if row.path == path else row for row in report.rows))


def test_wrong_rules_are_reported() -> None:
    assert wrong(against_torch(with_row("conv", params=107), SEED)) == [
        ("conv", "torch_params"),
        (TOTAL, "torch_params"),
    ]
    output = analyze(TINY).rows[2].output
    found = with_row("pool", output=output.with_spatial((2, 2)))
    assert wrong(against_torch(found, SEED)) == [("pool", "torch_output")]
    found = with_row("conv", weights=(WeightSpec("weight", (4, 3, 3, 2)),))
    (check,) = against_torch(found, SEED)
    assert check == Check("conv", "torch_execution", "runs", "weight has to be (4, 3, 3, 3)", ok=False)
    (check,) = against_torch(with_row("head", inputs=(TensorSpec((13,)),)), SEED)
    assert (check.path, check.quantity) == ("head", "torch_execution")
    (check,) = against_fvcore(with_row("conv", inputs=(TensorSpec((4, 9, 7)),)), SEED)
    assert (check.path, check.quantity) == ("conv", "fvcore_execution")


def test_a_count_that_fvcore_does_not_share_is_reported() -> None:
    rows = {row.path: row for row in analyze(TINY).rows}
    found = against_fvcore(with_row("conv", ops=rows["head"].ops), SEED)
    assert [(check.path, check.quantity, check.ok) for check in found] == [
        ("conv", "fvcore_flops", False),
        ("head", "fvcore_flops", True),
        (TOTAL, "fvcore_conv", False),
        (TOTAL, "fvcore_linear", True),
        (TOTAL, "fvcore_flops", False),
    ]


@pytest.mark.parametrize("missing", ["torch", "fvcore"])
def test_a_package_that_is_missing(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(InputError) as objection:
        against_fvcore(analyze(TINY), SEED)
    (diagnostic,) = objection.value.diagnostics
    assert diagnostic.code == "missing-package"
    assert f"`{missing}`" in str(diagnostic)
    assert "pip install 'cnncalc[torch]'" in str(diagnostic)


def test_weights_that_are_missing_are_named() -> None:
    with pytest.raises(LayerFailed, match="weight has to be") as failed:
        module(TINY).load({})
    assert failed.value.path == "conv"


# fvcore, as it is


def fvcores(layer: nn.Module, *shape: int) -> dict[str, int]:
    from fvcore.nn import FlopCountAnalysis

    analysis = FlopCountAnalysis(layer.eval(), (torch.rand(1, *shape),)).unsupported_ops_warnings(False)
    return dict(analysis.by_operator())


@pytest.mark.filterwarnings("ignore")
def test_fvcore_knows_no_convolution_whose_padding_is_a_name() -> None:
    assert fvcores(nn.Conv2d(3, 5, 3, padding=1), 3, 9, 8) == {"conv": 9720}
    assert fvcores(nn.Conv2d(3, 5, 3, padding="same"), 3, 9, 8) == {}
    graph = network(
        {"x": (3, 9, 8)}, ("c", "conv2d", {"out_channels": 5, "kernel_size": 3, "padding": "same"}, "x"), outputs="c"
    )
    assert [check.measured for check in against_fvcore(analyze(graph), SEED)] == [9720, 9720, 9720]


@pytest.mark.parametrize(
    ("kind", "options", "shape", "flops"),
    [
        ("batch_norm2d", {}, (4, 5, 6), {"batch_norm": 240}),
        ("batch_norm2d", {"affine": False}, (4, 5, 6), {"batch_norm": 120}),
        ("batch_norm2d", {"track_running_stats": False}, (4, 5, 6), {"batch_norm": 600}),
        ("batch_norm1d", {"affine": False, "track_running_stats": False}, (4, 5), {"batch_norm": 80}),
        ("instance_norm2d", {"affine": True, "track_running_stats": True}, (4, 5, 6), {"instance_norm": 600}),
        ("instance_norm3d", {}, (4, 5, 6, 2), {"instance_norm": 960}),
        ("layer_norm", {"normalized_shape": (5, 6), "bias": False}, (4, 5, 6), {"layer_norm": 600}),
        ("group_norm", {"num_groups": 2, "affine": False}, (4, 5, 6), {"group_norm": 480}),
        ("adaptive_avg_pool2d", {"output_size": 2}, (4, 5, 6), {"adaptive_avg_pool2d": 120}),
        ("adaptive_avg_pool1d", {"output_size": 2}, (4, 5), {}),
        ("global_avg_pool3d", {}, (4, 5, 6, 2), {}),
        ("spatial_pyramid_pool2d", {"levels": (3, 2, 1), "mode": "avg"}, (4, 5, 6), {"adaptive_avg_pool2d": 360}),
        ("upsample", {"scale_factor": 2}, (4, 5, 6), {"upsample_nearest2d": 480}),
        ("upsample", {"size": (7, 9), "mode": "bilinear"}, (4, 5, 6), {"upsample_bilinear2d": 1008}),
        ("upsample", {"scale_factor": 2}, (4, 5), {}),
        ("max_pool2d", {"kernel_size": 2}, (4, 5, 6), {}),
        ("gelu", {}, (4, 5, 6), {}),
        ("locally_connected2d", {"out_channels": 2, "kernel_size": (3, 2)}, (4, 5, 6), {"bmm": 720}),
    ],
)
def test_fvcores_convention(kind: str, options: dict[str, Any], shape: Shape, flops: dict[str, int]) -> None:
    """Numbers printed by fvcore 0.1.5.post20221221 under torch 2.13.0."""
    graph = network({"x": shape}, ("layer", kind, options, "x"), outputs="layer")
    report = analyze(graph)
    assert FVCORE.by_operator(report.rows) == flops
    assert wrong(against_fvcore(report, SEED)) == []


@pytest.mark.parametrize(
    ("found", "expected", "error"),
    [
        ([1.0, 2.0], [1.0, 2.5], 0.2),
        ([0.0, 0.0], [0.0, 0.0], 0.0),
        ([0.0, 1.0], [0.0, 0.0], np.inf),
        ([np.nan, 4.0, -np.inf], [np.nan, 5.0, -np.inf], 0.2),
        ([np.nan, 4.0], [3.0, 4.0], np.inf),
        ([1.0], [1.0, 1.0], np.inf),
    ],
)
def test_relative_error(found: list[float], expected: list[float], error: float) -> None:
    assert relative_error(np.array(found), np.array(expected)) == pytest.approx(error)
