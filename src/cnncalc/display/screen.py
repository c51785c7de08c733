"""The console, and how a table finds room on it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import IO

from rich.console import Console
from rich.text import Text

UNBOUNDED = 10_000
"""Width for output that is not read on a terminal: nothing is dropped from a file or a pipe."""

GAP = 2


def console(file: IO[str] | None = None, *, stderr: bool = False) -> Console:
    """A console as wide as the terminal, or as wide as it takes where there is none."""
    made = Console(file=file, stderr=stderr, highlight=False, emoji=False, markup=False)
    if not made.is_terminal and "COLUMNS" not in os.environ:
        made.width = UNBOUNDED
    return made


def fitting(widths: Sequence[int], ranks: Sequence[int], room: int) -> list[int]:
    """Which columns fit: those of the highest rank are dropped, later ones first, until the rest has room."""
    kept = list(range(len(widths)))
    while sum(widths[i] for i in kept) + GAP * (len(kept) - 1) > room and any(ranks[i] for i in kept):
        kept.remove(max(kept, key=lambda i: (ranks[i], i)))
    return kept


def column_text(lines: Sequence[str], styles: Sequence[str]) -> Text:
    """One column as one cell of many lines.

    Rich lays out cell by cell; a table of one tall row is laid out an order of magnitude sooner than one of many rows.
    """
    text = Text(no_wrap=True, overflow="ellipsis", end="")
    for number, (line, style) in enumerate(zip(lines, styles, strict=True)):
        text.append(f"\n{line}" if number else line, style or None)
    return text
