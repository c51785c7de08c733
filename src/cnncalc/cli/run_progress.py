"""The progress bar of a run."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from cnncalc.cli.emit import is_terminal

if TYPE_CHECKING:
    from cnncalc.analysis.report import Report


def progress_of(report: Report) -> AbstractContextManager[Any]:
    """A function of path and tally to call when a layer begins to run: it updates a bar, if there is a terminal."""
    if not is_terminal():
        return nullcontext(lambda path, tally: None)
    from cnncalc.display.progress import progress

    return progress(len(report.rows), {row.path: sum(row.ops.values()) for row in report.rows})
