"""NumPy's .npy format: a header that is read here, within bounds, and values that are never unpickled.

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
"""Of the length of a header, by version."""

MOST_HEADER_BYTES = 10_000
"""As much as NumPy itself trusts."""

MOST_AXES = 32
"""Of an array of NumPy before 2.0."""

LARGEST = 2**63 - 1
"""Of an extent: what NumPy counts with."""

ENTRY = re.compile(
    r"""\s*(["'])(?P<key>\w+)\1\s*:\s*
    (?:(?P<truth>True|False) | (["'])(?P<text>[^"']*)\4 | \((?P<shape>[\d\sL,]*)\) | (?P<fields>\[.*\]))
    \s*(?:,|$)\s*""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
"""One entry of a header. Python 2 wrote an L behind numbers."""

KIND = re.compile(r"[<>=|]?([a-zA-Z])")
"""How the spelling of an element type begins: the order of its bytes, and the letter of its kind."""

NUMBERS = re.compile(r"[<>=|]?[fiu]\d\d?")
"""Element types that a network computes with."""


class Header(NamedTuple):
    """What a .npy file says of its array."""

    shape: Shape
    kind: str  # NumPy's letter
    dtype: np.dtype[Any] | None  # None: of a kind that is never read
    transposed: bool  # the first axis varies fastest

    @property
    def nbytes(self) -> int:
        """Bytes of the values behind it, as far as they would be read."""
        return prod(self.shape) * (self.dtype.itemsize if self.dtype else 0)

    def fill(self, array: Array, file: Readable) -> None:
        """Read the values, in float32, from a file that stands behind this header.

        Errors:  ValueError, the file ends before
        """
        assert self.dtype is not None
        fill(array.T if self.transposed else array, file, self.dtype.itemsize, partial(np.frombuffer, dtype=self.dtype))


def read_header(file: Readable) -> Header:
    """The header that a file begins with.

    Errors:  ValueError
    """
    if file.read(len(MAGIC)) != MAGIC:
        raise ValueError(Phrase("it begins otherwise"))
    width = LENGTH_BYTES.get(file.read(2))
    if width is None:
        raise ValueError(Phrase("its version of the format is unknown"))
    length = int.from_bytes(read_exactly(file, width), "little")
    if length > MOST_HEADER_BYTES:
        raise ValueError(Phrase("its header has {n:,} bytes, more than {most:,}", n=length, most=MOST_HEADER_BYTES))
    return _parsed(read_exactly(file, length).decode("utf-8" if width == 4 else "latin-1").strip())


def _parsed(text: str) -> Header:
    """A header of its text, the literal of a dictionary.

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
    """Extents between brackets.

    Errors:  ValueError
    """
    numbers = [part.strip().removesuffix("L") for part in text.split(",")]
    if len(numbers) > 1 and not numbers[-1]:
        numbers.pop()  # (3,) has a comma at its end
    elif len(numbers) == 1:
        if numbers != [""]:  # (3) is no tuple
            raise ValueError(Phrase("its header cannot be read"))
        numbers = []
    if len(numbers) > MOST_AXES or not all(number.isdigit() and len(number) < 20 for number in numbers):
        raise ValueError(Phrase("its header cannot be read"))
    return tuple(map(int, numbers))


def _element_type(text: str) -> tuple[str, np.dtype[Any] | None]:
    """Kind and type of elements.

    Errors:  ValueError
    """
    spelled = KIND.match(text)
    if not spelled:
        raise ValueError(Phrase("its header cannot be read"))
    if not NUMBERS.fullmatch(text):
        if spelled[1] in "fiu":  # a number, and of no size that there is
            raise ValueError(Phrase("its header cannot be read"))
        return spelled[1], None
    try:
        return spelled[1], np.dtype(text)
    except TypeError:  # of a size that there is none of here
        return text, None


def array_bytes(array: Array) -> bytes:
    """The content of a .npy file."""
    content = BytesIO()
    np.lib.format.write_array(content, np.ascontiguousarray(array), allow_pickle=False)
    return content.getvalue()
