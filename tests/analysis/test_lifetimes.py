"""Buffers by hand: which memory is held while which steps run, and how much of it at one time."""

from __future__ import annotations

import pytest

from cnncalc import analyze, from_text, load
from cnncalc.analysis.lifetimes import Buffer, BufferKind, alive_bytes
from cnncalc.analysis.report import Report
from cnncalc.core.tensor import DType
from cnncalc.homework.targets import Subject

INPUT, ACTIVATION = BufferKind.INPUT, BufferKind.ACTIVATION


def numbers(layers: str, outputs: str = "") -> Report:
    return analyze(from_text(f"input: [2, 4, 4]\nlayers:\n{layers}{outputs}"), dtype=DType.INT8)


def test_a_chain() -> None:
    """32 bytes in, 3·2·2 = 12 out of the convolution; the activation is done in place, the flatten is a view."""
    report = numbers(
        "  - conv2d: {name: conv, out_channels: 3, kernel_size: 3}\n  - relu: {name: act, inplace: true}\n"
        "  - flatten: {name: flat}\n  - linear: {name: fc, out_features: 5}\n"
    )
    assert report.buffers == (
        Buffer("input", 32, -1, 0, INPUT),
        Buffer("conv", 12, 0, 3, ACTIVATION),
        Buffer("fc", 5, 3, 4, ACTIVATION),
    )
    assert alive_bytes(report.buffers, 4) == [32, 44, 12, 12, 17]
    assert report.peak_bytes == 44


def test_a_value_that_is_read_again() -> None:
    """`act` cannot overwrite `conv`, which the sum reads later; an output is held to the end."""
    report = numbers(
        "  - conv2d: {name: conv, out_channels: 3, kernel_size: 1}\n  - relu: {name: act, inplace: true}\n"
        "  - add: {name: sum, from: [act, conv]}\n  - max_pool2d: {name: pool, kernel_size: 2}\n",
        "outputs: [act, pool]\n",
    )
    assert report.buffers == (
        Buffer("input", 32, -1, 0, INPUT),
        Buffer("conv", 48, 0, 2, ACTIVATION),
        Buffer("act", 48, 1, 4, ACTIVATION),
        Buffer("sum", 48, 2, 3, ACTIVATION),
        Buffer("pool", 12, 3, 4, ACTIVATION),
    )
    assert alive_bytes(report.buffers, 4) == [32, 80, 96, 144, 108]


@pytest.mark.parametrize("name", ["resnet50", "densenet121", "googlenet", "unet"])
def test_no_buffer_is_held_longer_than_it_is_read(name: str) -> None:
    report = analyze(load(name))
    reads = dict.fromkeys(report.graph.inputs, -1)
    for step, row in enumerate(report.rows):
        reads[row.path] = step
        reads.update(dict.fromkeys(row.node.inputs, step))
    for buffer in report.buffers:
        assert buffer.born <= buffer.dies <= len(report.rows)
        assert buffer.dies >= min(reads[buffer.owner], len(report.rows))
    assert report.peak_bytes == max(alive_bytes(report.buffers, len(report.rows)))


def test_a_group_has_a_peak_of_its_own() -> None:
    """layer1 of ResNet-18: 64×56×56 values in float32 are 802,816 bytes, of which a residual block holds three."""
    whole = Subject(analyze(load("resnet18"))).question("layer1.params").network
    assert whole.peak_bytes == 3 * 802_816
