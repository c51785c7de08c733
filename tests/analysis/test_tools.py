"""Conventions against what the tools print, to the last digit."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from cnncalc import analyze, from_text, load
from cnncalc.analysis.conventions import convention, memory_convention
from cnncalc.analysis.reconcile import Reconciliation
from cnncalc.analysis.report import Report
from cnncalc.core.tensor import Shape
from tests.support.cases import tool_layers

CASES = Path(__file__).parents[1] / "cases"
TOOLS: dict[str, dict[str, Any]] = yaml.safe_load((CASES / "tools.yaml").read_text(encoding="utf-8"))
COUNTED = (
    *("torch-cpu", "ptflops-pytorch", "ptflops-aten", "thop", "torchinfo", "calflops", "calflops-macs", "fvcore"),
)


@cache
def report(name: str, **settings: Any) -> Report:
    shape = tuple(TOOLS[name]["input"]) if name in TOOLS else None
    return analyze(load(name, input=shape, params=settings))


@pytest.mark.parametrize("name", TOOLS)
class TestTotals:
    def test_counts(self, name: str) -> None:
        printed = {tool: TOOLS[name][tool] for tool in COUNTED}
        printed["fvcore"] = sum(printed["fvcore"].values())
        assert {tool: convention(tool).total(report(name).rows) for tool in COUNTED} == printed

    def test_parameters(self, name: str) -> None:
        rows, printed = report(name).rows, TOOLS[name]
        for tool in ("ptflops-pytorch", "ptflops-aten", "torchinfo", "calflops"):
            assert sum(map(convention(tool).params, rows)) == printed["params"], tool
        assert sum(map(convention("thop").params, rows)) == printed["thop_params"]


# Worked by hand from the tools' sources, and printed by them for torchvision's models.
# AlexNet: conv MACs 655,566,528, linear MACs 58,621,952, biases 484,992 and 9,192, ReLU 493,184 values, max pools read
# 376,832 and write 88,320, the adaptive pool reads and writes 9,216, dropout 13,312.
# ResNet-50: MACs 4,087,136,256 and 2,048,000, biases 1,000, batch norms 11,113,984 values in 26,560 channels, ReLU
# 9,608,704, max pool 802,816 and 200,704, average pool 100,352 and 2,048, additions 5,519,360.
BY_HAND: dict[str, dict[str, int | None]] = {
    "alexnet": {
        "torch": 1_428_376_960,
        "torchvision": 714_188_480,
        "deepspeed-macs": 714_188_480,
        "calflops-macs": 714_188_480,
        "fvcore": 714_197_696,
        "thop": 714_206_912,
        "ultralytics-thop": 714_206_912,
        "torchinfo": 714_682_664,
        "torchinfo-main": 714_682_664,
        "ptflops-aten": 714_682_664,
        "ptflops-pytorch-modules": 715_561_896,
        "ptflops-pytorch": 716_441_128,
        "onnx-tool": 715_979_944,
        "deepspeed": 1_429_741_184,
        "calflops": 1_429_741_184,
        "torchlens": 1_429_665_128,
        "torch-scan": 1_429_078_528,
    },
    "resnet50": {
        "torchvision": 4_089_184_256,
        "ptflops-aten": 4_089_185_256,
        "torchinfo": 4_089_238_376,
        "torchinfo-main": 4_089_238_376,
        "fvcore": 4_111_512_576,
        "ptflops-pytorch-modules": 4_121_925_096,
        "ptflops-pytorch": 4_132_436_968,
        "thop": 4_133_742_592,
        "torch": 8_178_368_512,
        "deepspeed": 8_211_108_352,
        "calflops": 8_211_108_352,
        "torchlens": 8_249_769_960,
        "torch-scan": 8_221_876_096,
        "onnx-tool": None,  # batch norms, which usually vanish in the export
    },
    "vit_b_16": {"torch": 35_127_656_448, "torch-cpu": 22_542_249_984},
}


@pytest.mark.parametrize(
    ("name", "tool", "count"),
    [(name, tool, count) for name, counts in BY_HAND.items() for tool, count in counts.items()],
)
def test_worked_examples(name: str, tool: str, count: int | None) -> None:
    assert convention(tool).total(report(name).rows) == count


@pytest.mark.parametrize(
    ("name", "settings", "shape", "count"),
    [
        ("alexnet_caffe", {}, None, 726_791_936),
        ("nin", {}, (3, 224, 224), 1_100_188_800),
        ("vgg16", {}, None, 15_470_264_320),
        ("resnet50", {"stride_in_first": "true"}, None, 3_868_560_384),
        ("resnet152", {"stride_in_first": "true"}, None, 11_304_442_880),
        ("squeezenet1_0", {"last_padding": "1"}, (3, 227, 227), 861_339_936),
    ],
)
def test_netscopes_presets(name: str, settings: dict[str, str], shape: Shape | None, count: int) -> None:
    """The column macc of netscope (dgschwend, 8ae36d8), whose presets are Caffe's networks."""
    assert convention("netscope").total(analyze(load(name, params=settings, input=shape)).rows) == count


@pytest.mark.parametrize(
    ("name", "tool", "billions"),
    [
        ("unet", "torchinfo", "167.46"),
        ("unet", "thop", "167.32"),
        ("unet", "onnx-tool", "156.35"),
        ("vit_b_16", "torchinfo-main", "11.28"),
        ("swin_t", "torchinfo-main", "2.97"),
        ("mobilenet_v1", "thop", "0.59"),
        ("mask_rcnn", "torchvision", "187.59"),
        ("yolo_v3", "darknet", "65.86"),
    ],
)
def test_totals_that_are_published_rounded(name: str, tool: str, billions: str) -> None:
    """U-Net (572): transposed convolutions on the output; ViT, Swin: torchinfo's main branch; Darknet's YOLOv3."""
    total = convention(tool).total(report({"mask_rcnn": "maskrcnn_resnet50_fpn"}.get(name, name)).rows)
    assert total is not None
    assert f"{int(total) / 1e9:.2f}" == billions


@pytest.mark.parametrize(("shape", "layer", "counts"), tool_layers())
def test_layers_as_tools_count_them(shape: list[int], layer: str, counts: dict[str, int]) -> None:
    rows = analyze(from_text(f"input: {shape}\nlayers:\n  - {layer}\n")).rows
    totals = {tool: convention(tool).total(rows) for tool in counts}
    assert {tool: None if total is None else int(total) for tool, total in totals.items()} == counts


LAYERS = """
input: {input}
layers:
  - {layer}
"""


@pytest.mark.parametrize(
    ("shape", "layer", "counts"),
    [
        (
            "[3, 2, 2]",
            "conv_transpose2d: {out_channels: 1, kernel_size: 2, stride: 2}",
            {"torch": 2 * 48, "torchinfo": 208, "thop": 192, "ultralytics-thop": 48, "ptflops-aten": 64},
        ),
        ("[16, 32, 32]", "conv2d: {out_channels: 8, kernel_size: 3, padding: 1, bias: false}", {"2K-1": 2_351_104}),
        (
            "[16, 32, 32]",
            "conv2d: {out_channels: 8, kernel_size: 3, padding: 1}",
            {"2(K+1)": 2 * 145 * 8192, "2K-1": 287 * 8192, "torch-scan": 288 * 8192},
        ),
        ("[4, 5, 5]", "relu: {functional: true}", {"ptflops-pytorch": 100, "ptflops-pytorch-modules": 0, "thop": 0}),
        ("[4, 5, 5]", "relu", {"ptflops-pytorch": 200, "ptflops-pytorch-modules": 100, "calflops": 100}),
        ("[4, 5, 5]", "relu6", {"ptflops-pytorch": 100, "calflops": 0, "onnx-tool": 200, "torchlens": None}),
        ("[4, 5, 5]", "relu6: {functional: true}", {"ptflops-pytorch": 100, "calflops": 100}),
        # windows of 2, 3, 2 and of 2.5 in the mean: thop's 12·(2.5² + 1) is cut off
        ("[3, 5, 5]", "adaptive_avg_pool2d: {output_size: 2}", {"thop": 87, "ultralytics-thop": 3 * 36 + 12}),
        ("[2, 3]", "softmax", {"thop": 3 * (3 * 2 - 1), "ptflops-pytorch": 6, "torchlens": 30}),
    ],
)
def test_single_layers(shape: str, layer: str, counts: dict[str, int | None]) -> None:
    rows = analyze(from_text(LAYERS.replace("{input}", shape).replace("{layer}", layer))).rows
    assert {tool: convention(tool).total(rows) for tool in counts} == counts


@pytest.mark.parametrize(
    ("layer", "keras", "reset_before"),
    [
        ("lstm: {hidden_size: 128}", 4 * (128 * (28 + 128) + 128), 4 * (128 * (28 + 128) + 128)),
        ("gru: {hidden_size: 16}", 3 * (16 * (28 + 16) + 32), 3 * (16 * (28 + 16) + 16)),
        ("rnn: {hidden_size: 16}", 16 * (28 + 16) + 16, 16 * (28 + 16) + 16),
        ("permute: {dims: [1, 0]}", 0, 0),
        ("batch_norm1d", 4 * 10, 4 * 10),
    ],
)
def test_parameters_of_keras(layer: str, keras: int, reset_before: int) -> None:
    """keras 3.15.1, count_params(): one bias per gate but for a GRU, moving statistics included."""
    rows = analyze(from_text(LAYERS.replace("{input}", "[10, 28]").replace("{layer}", layer))).rows
    assert sum(map(convention("keras").params, rows)) == keras
    assert sum(map(convention("keras-reset-before").params, rows)) == reset_before
    assert convention("keras").total(rows) is None


def test_totals_of_keras() -> None:
    """Keras applications, total params, built with 3.15.1, where its network is that of torchvision."""
    totals = {"vgg16": 138_357_544, "mobilenet_v2": 3_538_984, "densenet169": 14_307_880}
    totals |= {"mobilenet_v3_large": 5_507_432, "densenet121": 8_062_504}
    for name, total in totals.items():
        assert sum(map(convention("keras").params, report(name).rows)) == total, name


@pytest.mark.parametrize("name", TOOLS)
def test_memory_of_torchinfo(name: str) -> None:
    """Its forward/backward pass size, in bytes."""
    counting = memory_convention("torchinfo")
    total = Reconciliation(report(name), [counting]).side(counting).total
    assert total == TOOLS[name]["torchinfo_output_bytes"]
