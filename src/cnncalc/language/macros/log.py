"""The diagnostics of a description that is being expanded, and the bounds at which reading it stops."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cnncalc.core.errors import Diagnostic, InputError, Span

MOST_REPORTS = 100
"""Diagnostics, repeated ones counted, after which reading stops: the rounds of a repeat report the same ones again."""

MOST_ENTRIES = 25_000
"""Entries of lists of layers, each counted as often as it is read, whether it makes a layer or not."""


class ReadingStopped(Exception):
    """A bound is reached; the diagnostics are in the log."""


class DiagnosticLog:
    """The diagnostics found so far, and the number of entries read."""

    def __init__(self) -> None:
        self.diagnostics: dict[Any, Diagnostic] = {}
        self.notes: set[str] = set()
        self.reports = 0
        self.entries = 0

    def add(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Keep diagnostics, equal ones at the same place once, and of equal notes the first."""
        for one in diagnostics:
            new = tuple(note for note in one.notes if note not in self.notes)
            self.diagnostics.setdefault(_key_of(one), one._replace(notes=new))
            self.notes.update(new)

    def report(self, error: InputError) -> None:
        """Keep the diagnostics of an error, each once, however often its place is expanded.

        Errors:  ReadingStopped
        """
        for one in error.diagnostics:
            self.add([one])
            if one.code == "too-many-layers":
                raise ReadingStopped
        self.reports += len(error.diagnostics)
        if self.reports > MOST_REPORTS:
            raise ReadingStopped

    def count_entries(self, more: int, span: Span) -> None:
        """Bound the work even if it makes no layers: empty repeats, or blocks that double each other.

        Errors:  ReadingStopped
        """
        self.entries += more
        if self.entries > MOST_ENTRIES:
            self.report(
                InputError.of(
                    "too-many-layers",
                    "written out, the description has more than {most:,} entries",
                    span,
                    help="repeat less",
                    most=MOST_ENTRIES,
                )
            )


def _key_of(one: Diagnostic) -> Any:
    """What equal diagnostics at the same place have in common."""
    missing = one.facts.get("name") if one.code == "missing-option" else None  # several may be, at one place
    return one.code, one.span and (one.span.line, one.span.column), str(one.message), missing
