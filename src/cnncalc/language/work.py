"""The work budget of a description: a bound on the steps that evaluating it takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cnncalc.core.errors import Diagnostic, InputError, Span

MOST_STEPS = 6_000_000
"""Steps of one description: the largest built-in takes a hundredth of them, and the whole budget a few seconds."""


class Exhausted(Exception):
    """The budget is spent; it is no `InputError`, so that code which collects those does not go on."""

    diagnostics: tuple[Diagnostic, ...] = ()

    def by(self, text: str, span: Span | None) -> Exhausted:
        """The same exception, with a diagnostic for the innermost text that was being evaluated."""
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
    """The budget of one description, which evaluation, names, repeats and look-ups are charged to."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = MOST_STEPS

    def spend(self, steps: int) -> None:
        """Charge steps: one for every part of an expression, item of a list, and name.

        Errors:  Exhausted
        """
        self.left -= steps
        if self.left < 0:
            raise Exhausted


@contextmanager
def work_budget(work: Work | None = None) -> Iterator[Work]:
    """Provide the budget for reading a description: a new one, or the rest of one that is shared.

    Errors:  too-much-work
    """
    try:
        yield work or Work()
    except Exhausted as exhausted:
        raise InputError(exhausted.diagnostics) from None
