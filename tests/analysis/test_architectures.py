"""The built-in architectures against the frameworks' own modules and against published figures."""

from __future__ import annotations

import json
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from cnncalc.analysis.conventions.fvcore import FVCORE
from cnncalc.analysis.infer import analyze
from cnncalc.analysis.report import LayerReport, Report
from cnncalc.core.tensor import stored_name
from cnncalc.language import collection
from cnncalc.language.load import load
from tests.support.cases import CASES
from tests.support.published import Published, agrees, holds, published

MODULES = {
    "Conv2d": "conv2d",
    "Linear": "linear",
    "BatchNorm2d": "batch_norm2d",
    "BatchNormAct2d": "batch_norm2d",
    "ReLU": "relu",
    "ReLU6": "relu6",
    "SiLU": "silu",
    "Sigmoid": "sigmoid",
    "Hardswish": "hardswish",
    "Hardsigmoid": "hardsigmoid",
    "StochasticDepth": "stochastic_depth",
    "MaxPool2d": "max_pool2d",
    "AvgPool2d": "avg_pool2d",
    "AdaptiveAvgPool2d": "adaptive_avg_pool2d",
    "Conv1d": "conv1d",
    "BatchNorm1d": "batch_norm1d",
    "ConvTranspose2d": "conv_transpose2d",
    "LSTM": "lstm",
    "Tanh": "tanh",
    "PixelShuffle": "pixel_shuffle",
    "GroupNorm1": "group_norm",
    "Scale": "layer_scale",
    "Conv3d": "conv3d",
    "Conv3DSimple": "conv3d",
    "Conv3DNoTemporal": "conv3d",
    "BatchNorm3d": "batch_norm3d",
    "MaxPool3d": "max_pool3d",
    "AvgPool3d": "avg_pool3d",
    "AdaptiveAvgPool3d": "adaptive_avg_pool3d",
    "ConvTranspose3d": "conv_transpose3d",
    "MaxUnpool2d": "max_unpool2d",
    "InstanceNorm2d": "instance_norm2d",
    "InstanceNorm3d": "instance_norm3d",
    "LeakyReLU": "leaky_relu",
    "GELU": "gelu",
    "Permute": "permute",
    "Flatten": "flatten",
    "LayerNorm": "layer_norm",
    "LayerNorm2d": "layer_norm2d",
    "Upsample": "upsample",
    "Dropout": "dropout",
}
"""Framework modules, and the layers that they are here."""


class Leaf(NamedTuple):
    """One module of a framework's model, in execution order."""

    path: str
    type: str
    input: tuple[int, ...]
    output: tuple[int, ...]
    params: int


REFERENCES = sorted((CASES / "architectures").glob("*/*.json"))


@cache
def reference(path: Path) -> tuple[dict[str, Any], tuple[Leaf, ...]]:
    recorded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    leaves = tuple(
        Leaf(name, kind, tuple(given or ()), tuple(made), params)
        for name, kind, given, made, params in recorded["leaves"]
    )
    return recorded, leaves


@cache
def report_of(name: str) -> Report:
    return analyze(load(name))


@cache
def report_as_recorded(path: Path) -> Report:
    """The network's numbers where a reference was taken, which may have `set` params."""
    given = reference(path)[0].get("set", {})
    return analyze(load(path.stem, params={name: str(value) for name, value in given.items()}))


def stored_params(row: LayerReport) -> int:
    """Parameters that a layer reads, those it shares among them."""
    return sum(weight.numel for weight in row.weights if weight.trainable)


def shared_rows(report: Report, path: Path) -> list[LayerReport]:
    """Layers of a kind that the framework has as modules; what it does in functions leaves no trace there.

    Where it has one kind as both, the reference names the layers that are `functions`.
    """
    recorded, leaves = reference(path)
    kinds = {MODULES[leaf.type] for leaf in leaves if leaf.type in MODULES}
    return [row for row in report.rows if row.type in kinds and row.path not in recorded.get("functions", ())]


@pytest.mark.parametrize("path", REFERENCES, ids=lambda path: path.stem)
class TestAgainstFramework:
    def test_input(self, path: Path) -> None:
        recorded, _ = reference(path)
        shapes = recorded.get("inputs", [recorded["input"]])
        assert list(report_as_recorded(path).graph.inputs.values()) == [tuple(shape) for shape in shapes]

    def test_every_leaf_with_weights_has_the_same_path_shapes_and_params(self, path: Path) -> None:
        _, leaves = reference(path)
        rows = shared_rows(report_as_recorded(path), path)
        ours = [
            (row.weights_from or row.path, row.inputs[0].shape, row.output.shape, stored_params(row))
            for row in rows
            if stored_params(row)
        ]
        assert ours == [(leaf.path, leaf.input, leaf.output, leaf.params) for leaf in leaves if leaf.params]

    def test_every_leaf_has_the_same_type_and_shapes_in_execution_order(self, path: Path) -> None:
        _, leaves = reference(path)
        ours = [
            (row.type, row.inputs[0].shape, row.output.shape) for row in shared_rows(report_as_recorded(path), path)
        ]
        kinds = {row.type for row in report_as_recorded(path).rows}
        theirs = [(MODULES[leaf.type], leaf.input, leaf.output) for leaf in leaves if leaf.type in MODULES]
        assert ours == [leaf for leaf in theirs if leaf[0] in kinds]

    def test_totals(self, path: Path) -> None:
        recorded, _ = reference(path)
        report = report_as_recorded(path)
        totals = report.totals()
        assert totals.params == recorded["params"]
        assert 2 * totals.macs == recorded["flops"]
        # torch's buffers hold num_batches_tracked besides, one number for every batch norm, which is not counted here
        norms = sum(row.type.startswith("batch_norm") for row in report.rows)
        # tables of indices that follow from the options are no weights here
        assert totals.buffers + norms + recorded.get("index_entries", 0) == recorded["buffers"]

    def test_weights_of_no_leaf(self, path: Path) -> None:
        """Names and shapes in the state dict of what the framework computes in functions, where they are recorded."""
        recorded, _ = reference(path)
        if "weights" in recorded:
            report = report_as_recorded(path)
            in_leaves = [row.path for row in shared_rows(report, path)]
            ours = {
                stored_name(row.path, weight.name): list(weight.shape)
                for row in report.rows
                if row.path not in in_leaves
                for weight in row.weights
            }
            assert ours == dict(recorded["weights"])

    def test_fvcore_operators(self, path: Path) -> None:
        recorded, _ = reference(path)
        if "fvcore" in recorded:
            assert FVCORE.by_operator(report_as_recorded(path).rows) == recorded["fvcore"]

    def test_fvcore_activations(self, path: Path) -> None:
        recorded, _ = reference(path)
        if "fvcore_activations" in recorded:
            produced = sum(row.output.elements for row in report_as_recorded(path).rows if row.macs)
            assert produced == recorded["fvcore_activations"]


@pytest.mark.parametrize("case", published(), ids=str)
def test_published_figure(case: Published) -> None:
    met, found = holds(case)
    assert met, f"{case.quantity} is {found}, not {case.expected} ({case.source})"


@pytest.mark.parametrize(
    ("exact", "printed", "cut_off", "expected"),
    [
        ("568.74", "569", False, True),
        ("568.40", "569", False, False),
        ("290.68", "290", True, True),
        ("290.68", "290", False, False),
        ("289.99", "290", True, False),
        ("3.4708", "3.47", True, True),
        ("15.4703", "15.470", False, True),
        ("15.4706", "15.470", False, False),
    ],
)
def test_a_printed_figure_is_held_to_its_last_digit(exact: str, printed: str, cut_off: bool, expected: bool) -> None:
    assert agrees(Decimal(exact), printed, cut_off) is expected


NAMES = collection.names()


def test_no_two_descriptions_share_a_name() -> None:
    assert len(NAMES) == len(set(NAMES)) > 0


def test_every_reference_and_published_network_is_built_in() -> None:
    assert {path.stem for path in REFERENCES} | {case.network for case in published()} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_built_in_has_a_title_and_sound_numbers(name: str) -> None:
    report = report_of(name)
    assert report.graph.name == name
    assert report.graph.metadata.title
    assert report.totals().params > 0
    assert report.totals().macs > 0
    top1, top5 = report.graph.metadata.accuracy.top1, report.graph.metadata.accuracy.top5
    assert report.graph.metadata.accuracy.source or (top1 is None and top5 is None)
    assert top1 is None or top5 is None or 0 < top1 < top5 < 100


@pytest.mark.parametrize("path", sorted(collection.folder().rglob("*.yaml")), ids=lambda path: path.stem)
def test_every_description_begins_by_saying_what_it_is(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert max(map(len, text.splitlines())) <= 120
