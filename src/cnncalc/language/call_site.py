"""Calls from Python: the line that one stands on, and the shapes that it hands over."""

from __future__ import annotations

import linecache
import sys
from pathlib import Path
from typing import Any

from cnncalc.core.arithmetic import LARGEST
from cnncalc.core.errors import InputError, Source, Span
from cnncalc.core.tensor import Shape
from cnncalc.language.bounds import MOST_AXES


def caller() -> Span | None:
    """The line of somebody else's that a call comes from; None where that is the command line or a sheet."""
    frame = sys._getframe(1)
    while (name := frame.f_globals.get("__name__", "")).partition(".")[0] in ("cnncalc", "contextlib"):
        if frame.f_back is None or name.startswith(("cnncalc.cli.", "cnncalc.homework.")):
            return None
        frame = frame.f_back
    file, number = frame.f_code.co_filename, frame.f_lineno
    text = linecache.getline(file, number).rstrip()  # nothing, where it was typed into some shells
    source = Source(_short(file), "\n" * (number - 1) + text)
    return Span(source, number, len(text) - len(text.lstrip()) + 1, len(text) + 1)


def _short(file: str) -> str:
    try:
        return str(Path(file).relative_to(Path.cwd()))
    except ValueError:
        return file


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
    if is_shape(given):
        return tuple(given)
    raise InputError.of(
        "bad-shape",
        "an input shape is a tuple of whole numbers from 1",
        caller(),
        help="write `(3, 224, 224)`: channels first, without the batch",
    )
