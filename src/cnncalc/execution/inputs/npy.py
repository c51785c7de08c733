"""NumPy's .npy format, with a bounded parser of the header, and without unpickling.

Source: numpy.lib.format, "Format Version 1.0" to "3.0"
"""

from __future__ import annotations

import re
from functools import partial
from io import BytesIO
from math import prod
from typing import Any, NamedTuple

import numpy as np

from cnncalc.core.regular import Readable, read_exactly
from cnncalc.core.tensor import Shape
from cnncalc.core.translation import Phrase
from cnncalc.execution.engine.tally import Array
from cnncalc.execution.inputs.pieces import fill

MAGIC = b"\x93NUMPY"

LENGTH_BYTES = {b"\1\0": 2, b"\2\0": 4, b"\3\0": 4}
"""Bytes of the header's length field, by version."""

MOST_HEADER_BYTES = 10_000
"""NumPy's own limit."""

MOST_AXES = 32
"""NumPy's limit before 2.0."""

LARGEST = 2**63 - 1
"""The largest extent: NumPy counts in 64 bits."""

ENTRY = re.compile(
    r"""\s*(["'])(?P<key>\w+)\1\s*:\s*
    (?:(?P<truth>True|False) | (["'])(?P<text>[^"']*)\4 | \((?P<shape>[\d\sL,]*)\) | (?P<fields>\[.*\]))
    \s*(?:,|$)\s*""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
"""One entry of a header. Python 2 wrote an L after numbers."""

KIND = re.compile(r"[<>=|]?([a-zA-Z])")
"""The beginning of an element type: its byte order, and the letter of its kind."""

NUMBERS = re.compile(r"[<>=|]?[fiu]\d\d?")
"""Element types that are read."""


class Header(NamedTuple):
    """The header of a .npy file."""

    shape: Shape
    kind: str  # NumPy's letter
    dtype: np.dtype[Any] | None  # None if it is never read
    transposed: bool  # the first axis varies fastest

    @property
    def nbytes(self) -> int:
        """Bytes of the values, 0 if they are never read."""
        return prod(self.shape) * (self.dtype.itemsize if self.dtype else 0)

    def fill(self, array: Array, file: Readable) -> None:
        """Read the values as float32 from a file that is positioned after this header.

        Errors:  ValueError where the file is too short
        """
        assert self.dtype is not None
        fill(array.T if self.transposed else array, file, self.dtype.itemsize, partial(np.frombuffer, dtype=self.dtype))


def read_header(file: Readable) -> Header:
    """Read the header at the beginning of a file.

    Errors:  ValueError
    """
    if file.read(len(MAGIC)) != MAGIC:
        raise ValueError(Phrase("it does not begin like one"))
    width = LENGTH_BYTES.get(file.read(2))
    if width is None:
        raise ValueError(Phrase("its version of the format is unknown"))
    length = int.from_bytes(read_exactly(file, width), "little")
    if length > MOST_HEADER_BYTES:
        raise ValueError(Phrase("its header has {n:,} bytes, more than {most:,}", n=length, most=MOST_HEADER_BYTES))
    return _parse_header(read_exactly(file, length).decode("utf-8" if width == 4 else "latin-1").strip())


def _parse_header(text: str) -> Header:
    """Parse the text of a header, a dictionary literal.

    Errors:  ValueError
    """
    found: dict[str, re.Match[str]] = {}
    place, end = 1, len(text) - 1
    while place < end and (entry := ENTRY.match(text, place, end)) and entry["key"] not in found:
        found[entry["key"]] = entry
        place = entry.end()
    whole = place == end and text[:1] + text[-1:] == "{}" and set(found) == {"descr", "fortran_order", "shape"}
    if not whole or found["fortran_order"]["truth"] is None or found["shape"]["shape"] is None:
        raise ValueError(Phrase("its header cannot be read"))
    shape = _shape(found["shape"]["shape"])
    kind, dtype = ("V", None) if found["descr"]["fields"] else _element_type(found["descr"]["text"] or "")
    return Header(shape, kind, dtype, found["fortran_order"]["truth"] == "True")


def _shape(text: str) -> Shape:
    """The extents in the text of a tuple.

    Errors:  ValueError
    """
    numbers = [part.strip().removesuffix("L") for part in text.split(",")]
    if len(numbers) > 1 and not numbers[-1]:
        numbers.pop()  # the comma in (3,)
    elif len(numbers) == 1:
        if numbers != [""]:  # (3) is no tuple
            raise ValueError(Phrase("its header cannot be read"))
        numbers = []
    if len(numbers) > MOST_AXES or not all(number.isdigit() and len(number) < 20 for number in numbers):
        raise ValueError(Phrase("its header cannot be read"))
    return tuple(map(int, numbers))


def _element_type(text: str) -> tuple[str, np.dtype[Any] | None]:
    """The kind and the type of elements.

    Errors:  ValueError
    """
    spelled = KIND.match(text)
    if not spelled:
        raise ValueError(Phrase("its header cannot be read"))
    if not NUMBERS.fullmatch(text):
        if spelled[1] in "fiu":  # a number of a size that does not exist
            raise ValueError(Phrase("its header cannot be read"))
        return spelled[1], None
    try:
        return spelled[1], np.dtype(text)
    except TypeError:  # of a size that this platform lacks
        return text, None


def array_bytes(array: Array) -> bytes:
    """The content of a .npy file."""
    content = BytesIO()
    np.lib.format.write_array(content, np.ascontiguousarray(array), allow_pickle=False)
    return content.getvalue()
