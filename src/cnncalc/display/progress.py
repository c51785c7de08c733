"""A bar for what takes a while."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from cnncalc.core.printable import printable
from cnncalc.display.screen import console


@contextmanager
def progress(steps: int) -> Iterator[Any]:
    """A bar on the terminal's error stream, one tick per step, which is named."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=steps)
        yield lambda path: bar.update(task, advance=1, description=printable(path))
