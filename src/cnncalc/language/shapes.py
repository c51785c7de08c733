"""Shapes of inputs, as a call from Python hands them over."""

from __future__ import annotations

import re
from typing import Any

from cnncalc.core.arithmetic import LARGEST
from cnncalc.core.call_site import caller
from cnncalc.core.errors import InputError
from cnncalc.core.tensor import Shape
from cnncalc.language.bounds import MOST_AXES

_SIZES = re.compile(r"[0-9]{1,19}( *[xX×*] *[0-9]{1,19})+")


def sizes_in(text: str) -> list[int]:
    """The sizes of `3x224x224`; none if the text is anything else."""
    return [int(size) for size in re.findall("[0-9]+", text)] if _SIZES.fullmatch(text) else []


def is_shape(given: Any) -> bool:
    """Whether this is the shape of an input."""
    return (
        isinstance(given, (tuple, list))
        and 1 <= len(given) <= MOST_AXES
        and all(type(n) is int and 1 <= n <= LARGEST for n in given)
    )


def input_shape(given: Any) -> Shape:
    """The shape that a call names for an input.

    Errors:  bad-shape
    """
    sizes = sizes_in(given) if isinstance(given, str) else given
    if is_shape(sizes):
        return tuple(sizes)
    raise InputError.of(
        "bad-shape",
        "an input shape is a tuple of whole numbers from 1",
        caller(),
        help="write `(3, 224, 224)`: channels first, without the batch",
    )
