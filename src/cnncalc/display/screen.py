"""The console: as wide as the terminal, and without bounds where there is none."""

from __future__ import annotations

import os
from typing import IO

from rich.console import Console

UNBOUNDED = 10_000
"""Width for output that is not read on a terminal: nothing is dropped from a file or a pipe."""

PROSE_WIDTH = 100
"""Columns that running text takes at most."""


class _Screen(Console):
    """A console that lets its caller know when nobody reads on, where rich would end the program."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def console(file: IO[str] | None = None, *, stderr: bool = False) -> Console:
    """A console for standard output, standard error or a file."""
    made = _Screen(file=file, stderr=stderr, highlight=False, emoji=False, markup=False)
    if not made.is_terminal and "COLUMNS" not in os.environ:
        made.width = UNBOUNDED
    return made
