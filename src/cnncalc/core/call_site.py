"""The line of somebody else's program that a call comes from."""

from __future__ import annotations

import linecache
import sys
from pathlib import Path

from cnncalc.core.errors import Source, Span


def caller() -> Span | None:
    """The line of somebody else's that a call comes from; None where that is the command line or a sheet."""
    frame = sys._getframe(1)
    while (name := frame.f_globals.get("__name__", "")).partition(".")[0] in ("cnncalc", "contextlib"):
        if frame.f_back is None or name.startswith(("cnncalc.cli.", "cnncalc.homework.")):
            return None
        frame = frame.f_back
    file, number = frame.f_code.co_filename, frame.f_lineno
    text = linecache.getline(file, number).rstrip()  # nothing, where it was typed into some shells
    source = Source(_short(file), "\n" * (number - 1) + text, is_program=True)
    return Span(source, number, len(text) - len(text.lstrip()) + 1, len(text) + 1)


def _short(file: str) -> str:
    try:
        return str(Path(file).relative_to(Path.cwd()))
    except ValueError:
        return file
