"""The progress bar of a run."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from cnncalc.cli.emit import is_terminal
from cnncalc.core.translation import _

if TYPE_CHECKING:
    from cnncalc.analysis.report import Report


class _NoBar:
    """What stands for a bar where there is no terminal."""

    def during(self, phase: str) -> Any:
        return lambda name, counter=None: None


def progress_of(report: Report, *, weights_given: bool = False) -> AbstractContextManager[Any]:
    """The bar of a run, if there is a terminal; it begins with the weights, `during` tells it the phases after that."""
    if not is_terminal():
        return nullcontext(_NoBar())
    from cnncalc.display.progress import progress

    phase = _("Reading weights") if weights_given or report.graph.values else _("Drawing weights")
    return progress(phase, len(report.rows), {row.path: sum(row.ops.values()) for row in report.rows})
