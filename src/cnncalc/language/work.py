"""How much a description may ask to be worked out: one budget for all that it says, however it is spread over it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cnncalc.core.errors import Diagnostic, InputError, Span

MOST_STEPS = 6_000_000
"""Steps of one description: the largest built-in takes a hundredth of them, and all of them take a few seconds."""


class Exhausted(Exception):
    """Nothing is left of the budget. No objection, so that nobody who collects these goes on."""

    diagnostics: tuple[Diagnostic, ...] = ()

    def by(self, text: str, span: Span | None) -> Exhausted:
        """The same, where it is known what was being worked out; the innermost part is what is named."""
        if not self.diagnostics:
            self.diagnostics = InputError.of(
                "too-much-work",
                "working out `{text}` takes the description beyond {most:,} steps of evaluation",
                span,
                help="use shorter lists and fewer repeats, and put what is needed again into params",
                text=text,
                most=MOST_STEPS,
            ).diagnostics
        return self


class Work:
    """The budget of one description: what it evaluates, fills in, repeats and looks up is spent from it."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = MOST_STEPS

    def spend(self, steps: int) -> None:
        """Take so many steps: one for every part of an expression, item of a list and name.

        Errors:  Exhausted
        """
        self.left -= steps
        if self.left < 0:
            raise Exhausted


@contextmanager
def work_budget(work: Work | None = None) -> Iterator[Work]:
    """The budget of a description that is read within: a new one, or what is left of another reading's.

    Errors:  too-much-work
    """
    try:
        yield work or Work()
    except Exhausted as exhausted:
        raise InputError(exhausted.diagnostics) from None
