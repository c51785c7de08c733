"""Arrays piece by piece, so that what is computed from them takes little extra memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from cnncalc.core.regular import Readable, read_exactly
from cnncalc.execution.engine.tally import Array

PIECE = 1 << 18
"""Values of a piece: 2 MiB of a file in float64."""


def pieces(array: Array) -> Iterator[Array]:
    """Views that cover an array, in the order of its values (the last axis fastest)."""
    if array.size <= PIECE:
        yield array
    elif len(array) == 1:
        yield from pieces(array[0])
    else:
        half = len(array) // 2
        yield from pieces(array[:half])
        yield from pieces(array[half:])


def finite_count(array: Array) -> int:
    """How many of the values are finite."""
    return sum(int(np.count_nonzero(np.isfinite(piece))) for piece in pieces(array))


def fill(array: Array, file: Readable, itemsize: int, decode: Callable[[bytes], Any]) -> None:
    """Read the values of an array in file order; `decode` makes values of bytes.

    Errors:  ValueError where the file is too short
    """
    for piece in pieces(array):
        piece[...] = decode(read_exactly(file, piece.size * itemsize)).reshape(piece.shape)
