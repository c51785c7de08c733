"""The .safetensors format: a JSON header with the offsets of the tensors, then the tensors.

Source: github.com/huggingface/safetensors, README.md, "Format"
"""

from __future__ import annotations

import json
from functools import partial
from math import prod
from typing import Any, NamedTuple

import numpy as np

from cnncalc.core.regular import RegularFile, read_exactly
from cnncalc.core.tensor import Shape
from cnncalc.core.translation import Phrase
from cnncalc.execution.engine.tally import Array
from cnncalc.execution.inputs.npy import LARGEST, MOST_AXES
from cnncalc.execution.inputs.pieces import fill

DTYPES = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "BF16": "<u2",  # the upper halves of float32
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "<i1",
    "U64": "<u8",
    "U32": "<u4",
    "U16": "<u2",
    "U8": "<u1",
    "BOOL": "|b1",
}
"""Element types in NumPy's spelling."""


class TensorEntry(NamedTuple):
    """The entry of one tensor in a header."""

    dtype: str
    shape: Shape
    begin: int  # in the file
    end: int

    @property
    def kind(self) -> str:
        """NumPy's letter for the kind of its elements, or the type as the file spells it."""
        if self.dtype == "BF16":
            return "f"
        return np.dtype(DTYPES[self.dtype]).kind if self.dtype in DTYPES else self.dtype

    def fill(self, array: Array, file: RegularFile) -> None:
        """Read the values as float32.

        Errors:  ValueError where the file is too short
        """
        file.seek(self.begin)
        dtype = np.dtype(DTYPES[self.dtype])
        decode = _upper_halves if self.dtype == "BF16" else partial(np.frombuffer, dtype=dtype)
        fill(array, file, dtype.itemsize, decode)


def read_header(file: RegularFile) -> list[tuple[str, TensorEntry]]:
    """Read the header: the name and the entry of every tensor.

    Errors:  ValueError
    """
    length = int.from_bytes(read_exactly(file, 8), "little")
    content = read_exactly(file, length)
    try:
        header = json.loads(content.decode(), object_pairs_hook=tuple)  # as tuples, so that duplicate keys are seen
    except (ValueError, RecursionError):
        header = None
    if not isinstance(header, tuple):
        raise ValueError(Phrase("its header cannot be read"))
    tensors = [(name, _tensor(name, entry, 8 + length)) for name, entry in header if name != "__metadata__"]
    _check_places(sorted((one for _, one in tensors), key=lambda one: (one.begin, one.end)), 8 + length, file.nbytes)
    return tensors


def _tensor(name: str, entry: Any, start: int) -> TensorEntry:
    """One entry of a header.

    Errors:  ValueError
    """
    try:
        said = dict(entry)
        dtype, shape, (begin, end) = said["dtype"], said["shape"], said["data_offsets"]
        right = type(dtype) is str and type(shape) is list and len(shape) <= MOST_AXES
        right = right and all(type(number) is int and 0 <= number <= LARGEST for number in [*shape, begin, end])
        right = right and begin <= end and (dtype not in DTYPES or _nbytes(dtype, shape) == end - begin)
    except (TypeError, KeyError, ValueError):
        right = False
    if not right or len(said) < len(entry):
        raise ValueError(Phrase("what its header says about `{name}` cannot be right", name=name))
    return TensorEntry(dtype, tuple(shape), start + begin, start + end)


def _nbytes(dtype: str, shape: Shape) -> int:
    return prod(shape) * np.dtype(DTYPES[dtype]).itemsize


def _check_places(tensors: list[TensorEntry], start: int, end: int) -> None:
    """Reject tensors that do not follow each other without gaps, from the header to the end of the file.

    Errors:  ValueError
    """
    ends = [start, *(one.end for one in tensors)]
    begins = [*(one.begin for one in tensors), end]
    if ends != begins:
        raise ValueError(Phrase("it is shorter or longer than its header says"))


def _upper_halves(content: bytes) -> Array:
    """bfloat16 values as float32: NumPy lacks the type."""
    return (np.frombuffer(content, "<u2").astype(np.uint32) << 16).view(np.float32)
