"""Regions cut out of maps: values that other implementations gave, for the places that a run takes."""

from __future__ import annotations

import numpy as np
import pytest

from cnncalc.execution import kernels
from cnncalc.execution.engine.tally import Array, Tally
from cnncalc.execution.engine.task import StoredWeights, Task, options_of
from cnncalc.execution.engine.workers import Workers
from cnncalc.execution.kernels.regions import STEPS, span
from cnncalc.layers.catalogue import resolve

MAP = np.array([[[(7 * c + 3 * i * i + 5 * i * j + j * j) % 11 for j in range(5)] for i in range(6)] for c in range(2)])

BOXES = [(0, 0, 2.5, 3), (1.034483, 1.854545, 3.534483, 4.854545), (2.068966, 0.709091, 4.568966, 3.709091)]
"""(left, top, right, bottom) of the first three regions on this map, as they were handed to torchvision."""

ALIGNED = [
    [
        [[3.630208, 5.796875, 5.411458], [3.182292, 4.265625, 4.401042]],
        [[7.765625, 5.0625, 2.213542], [6.458333, 7.140625, 6.273438]],
    ],
    [
        [[5.706766, 4.919671, 4.847051], [4.393796, 5.481377, 5.424078]],
        [[6.056766, 4.032171, 1.753301], [5.614737, 1.481377, 2.545216]],
    ],
    [
        [[5.251842, 5.358542, 4.212794], [5.082331, 4.473658, 3.140167]],
        [[3.849399, 2.969318, 5.121307], [2.258947, 1.789391, 3.149596]],
    ],
]
"""torchvision 0.28.0, ops.roi_align (its computation in Python): output_size (2, 3), sampling_ratio 2, not aligned."""

POOLED = [
    [[9, 9, 9], [9, 9, 7], [10, 10, 7], [9, 8, 7]],
    [[10, 8, 5], [10, 10, 9], [10, 10, 8], [10, 10, 8]],
]
"""onnxruntime 1.31.1, MaxRoiPool: pooled_shape (4, 3), one region from the first pixel to the last."""


def made(type_name: str, *maps: Array, **options: object) -> Array:
    task = Task(options_of(resolve(type_name)(**options).options()), StoredWeights({}), Tally(), Workers())
    return kernels.resolve(type_name)(task, *maps)


def test_places() -> None:
    found = [[span(region, size, step) for size, step in zip((6, 5), STEPS, strict=True)] for region in range(3)]
    ends = [(left, top, left + width, top + height) for (top, height), (left, width) in found]
    assert [tuple(map(float, box)) for box in ends] == [pytest.approx(box, abs=1e-6) for box in BOXES]


def test_aligned() -> None:
    y = made("roi_align", MAP[None].astype(np.float64), output_size=(2, 3), regions=3)
    np.testing.assert_allclose(y, ALIGNED, atol=1e-6)


def test_pooled() -> None:
    y = made("roi_pool", MAP[None].astype(np.float64), output_size=(4, 3), regions=2)
    np.testing.assert_array_equal(y, [POOLED, POOLED])


def test_regions_of_an_image_follow_each_other_and_read_the_maps_in_turn() -> None:
    images = np.stack([MAP, MAP + 100]).astype(np.float64)
    y = made("roi_align", images, np.zeros((2, 2, 3, 3)), output_size=(2, 3), regions=3)
    expected = np.array(ALIGNED)
    np.testing.assert_allclose(y[[0, 2]], expected[[0, 2]], atol=1e-6)
    np.testing.assert_allclose(y[[3, 5]], expected[[0, 2]] + 100, atol=1e-6)
    assert not y[[1, 4]].any()
