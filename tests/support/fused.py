"""A layer to fuse to others: it adds its number to every channel."""

from __future__ import annotations

import numpy as np

from cnncalc.execution.engine.tally import Array
from cnncalc.execution.engine.task import Fill


def channel_numbers(lines: Array, channels: int) -> Fill:
    """A fill that adds 0, 1, ... to the channels of every position, for rows like these."""
    row = np.tile(np.arange(channels), lines.shape[1] // channels)

    def fill(out: Array, x: Array) -> None:
        assert x.ndim == 2
        np.add(x, row, out=out)

    return fill


def with_channel_numbers(y: Array) -> Array:
    """(N, C, *spatial) after this layer."""
    return y + np.arange(y.shape[1]).reshape(-1, *[1] * (y.ndim - 2))
