"""A bar for a run, where somebody watches."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from cnncalc.cli.emit import is_terminal

if TYPE_CHECKING:
    from cnncalc.analysis.report import Report


def progress_of(report: Report) -> AbstractContextManager[Any]:
    """What is told of every layer as it begins to run: its path, and the counter of its operations."""
    if not is_terminal():
        return nullcontext(lambda path, tally: None)
    from cnncalc.display.progress import progress

    return progress(len(report.rows), {row.path: sum(row.ops.values()) for row in report.rows})
