"""Mistakes with fractions of rows, such as 54.25: the division by the stride was not rounded."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import floor

from cnncalc.core.notation import PLAIN, Notation
from cnncalc.core.rewriting import simplified, with_operator
from cnncalc.core.term import rational_value
from cnncalc.core.translation import running_text, said
from cnncalc.explain.layer import Equation
from cnncalc.explain.symbols import GRIDS
from cnncalc.homework.mistakes.base import Case, Mistake, WrongAnswer, changed_working, possible_changes
from cnncalc.homework.mistakes.sizes import SIZE_MISTAKES
from cnncalc.homework.mistakes.steps import Step
from cnncalc.homework.mistakes.working import NoSuchSum, Working
from cnncalc.homework.questions import Extents

DECIMALS = 4
"""Decimals of a quotient as it is shown."""


class UnroundedEquation(Equation):
    """An equation whose quotients are not rounded."""

    @property
    def value(self) -> int | Fraction:
        """The exact value of the expression."""
        return rational_value(self.expression)

    def sides(self, notation: Notation = PLAIN) -> list[str]:
        """Symbol, formula, numbers and result; only the first digits of an endless result."""
        shown = floor(self.value * 10**DECIMALS) / 10**DECIMALS
        cut = "" if Fraction(shown).limit_denominator(10**DECIMALS) == self.value else "…"
        return [*super().sides(notation)[:-1], f"{shown:,.{DECIMALS}f}".rstrip("0").rstrip(".") + cut]


def _not_rounded(case: Case) -> Iterator[WrongAnswer]:
    """Rows and columns that are no whole numbers: by the right windows, by wrong ones, or by none that is known."""
    grids = [grid for grid in _grids(case) if any(Fraction(extent).denominator > 1 for extent in grid)]
    if not grids:
        return
    up = bool(case.of_layer and case.row.layer.__dict__.get("ceil_mode"))
    if case.of_layer and case.working is not None and case.facts.windows_slide:
        for steps, besides in _window_steps(case):
            for grid in grids:
                equation = _quotient_equation(case, steps, grid)
                if equation is not None:
                    yield WrongAnswer(case.answer.value, running_text((_sentence(up), *besides)), equation)
                    return
        if max(case.facts.strides) == 1:
            yield WrongAnswer(
                case.answer.value, said("Rows and columns are whole numbers, and nothing is divided here.")
            )
            return
    yield WrongAnswer(case.answer.value, _sentence(up))


def _sentence(up: bool) -> str:
    if up:
        return said(
            "The division was not rounded up: this pool rounds up (ceil_mode), and rows and columns are whole numbers."
        )
    return said("The division was not rounded down: rows and columns are whole numbers.")


def _grids(case: Case) -> Iterator[Extents]:
    """Rows and columns of the answer, without the channels; one number stands for a square."""
    given, axes = case.answer.value, len(case.row.output.spatial) if case.of_layer else 2
    if not isinstance(given, tuple):
        yield (given,) * axes
    elif case.quantity == "output" and len(given) > axes:
        yield from (given[-axes:], given[:axes])
    else:
        yield given


def _window_steps(case: Case) -> Iterator[tuple[tuple[Step, ...], tuple[str, ...]]]:
    """The steps to sums without rounding: with the right windows, and with those of every mistake that changes them."""
    yield (_unrounded,), ()
    for mistake in SIZE_MISTAKES:
        for change in possible_changes(case, mistake):
            yield (change.step, _unrounded), (case.sentence(change),)


def _unrounded(w: Working) -> Working:
    return w.with_sums(lambda value: with_operator(with_operator(value, "//", "/"), "ceil", "/"))


def _quotient_equation(case: Case, steps: tuple[Step, ...], grid: Extents) -> Equation | None:
    """The equation of the first axis that was not rounded; None unless every axis is its quotient or right."""
    try:
        made = changed_working(case, *steps).shape("size")
    except NoSuchSum:
        return None
    if len(grid) != len(made) or not case.row.output.spatial:
        return None
    equations: list[Equation] = []
    for name, exact, extent, right in zip(GRIDS[len(grid)], made, grid, case.row.output.spatial, strict=True):
        if extent == right:
            continue
        equation = UnroundedEquation(f"{name}_out", simplified(exact))
        if abs(Fraction(equation.value) - Fraction(extent)) >= min(case.answer.step, Fraction(1, 2)):
            return None
        equations.append(equation)
    return equations[0] if equations else None


FRACTION_MISTAKES: tuple[Mistake, ...] = (Mistake("not_rounded", ("output", "size"), _not_rounded),)
"""The likeliest first."""
