"""A layer behind another one that shows what it was handed: it adds its number to every channel."""

from __future__ import annotations

import numpy as np

from cnncalc.execution.engine.tally import Array
from cnncalc.execution.engine.task import Fill


def channel_numbers(lines: Array, channels: int) -> Fill:
    """For rows like these, what adds 0, 1, ... to the channels of every position."""
    row = np.tile(np.arange(channels), lines.shape[1] // channels)

    def fill(out: Array, x: Array) -> None:
        assert x.ndim == 2
        np.add(x, row, out=out)

    return fill


def with_channel_numbers(y: Array) -> Array:
    """What such a layer makes of (N, C, *spatial)."""
    return y + np.arange(y.shape[1]).reshape(-1, *[1] * (y.ndim - 2))
