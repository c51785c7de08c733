"""Mistakes with fractions of rows, such as 54.25: the division by the stride was not rounded."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import floor

from cnncalc.core.notation import PLAIN, Notation
from cnncalc.core.term import rational_value
from cnncalc.core.translation import running_text, said
from cnncalc.explain.layer import Equation
from cnncalc.explain.symbols import GRIDS
from cnncalc.homework.mistakes.base import Case, Mistake, WrongAnswer, possible_changes
from cnncalc.homework.mistakes.sizes import SIZE_MISTAKES
from cnncalc.homework.mistakes.sketch import Sketch, WindowAxis
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
    s, up = case.symbols, False
    if s is not None:
        up = any(isinstance(axis, WindowAxis) and axis.up for axis in s.axes)
        for sketch, besides in _window_sketches(case, s):
            for grid in grids:
                equation = _quotient_equation(case, sketch, grid)
                if equation is not None:
                    yield WrongAnswer(case.answer.value, running_text((_sentence(up), *besides)), equation)
                    return
    if s is not None and all(isinstance(axis, WindowAxis) and axis.stride == 1 for axis in s.axes):
        yield WrongAnswer(case.answer.value, said("Rows and columns are whole numbers, and nothing is divided here."))
    else:
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


def _window_sketches(case: Case, s: Sketch) -> Iterator[tuple[Sketch, tuple[str, ...]]]:
    """The sketch with the right windows, and with those of every mistake that changes them."""
    yield s, ()
    for mistake in SIZE_MISTAKES:
        for change in possible_changes(mistake, case, s):
            if change.sketch.sizes is None and change.sketch.axes != s.axes:
                yield change.sketch, (change.sentence,)
            elif mistake.name == "divided_by_stride":
                bare = (WindowAxis(axis.size, 0, 0, 0, axis.stride, one=0) for axis in s.axes)
                yield s._replace(axes=tuple(bare)), (change.sentence,)


def _quotient_equation(case: Case, sketch: Sketch, grid: Extents) -> Equation | None:
    """The equation of the first axis that was not rounded; None unless every axis is its quotient or right."""
    assert case.sketch is not None
    if len(grid) != len(sketch.axes):
        return None
    equations: list[Equation] = []
    for name, axis, extent, right in zip(GRIDS[len(grid)], sketch.axes, grid, case.sketch.extents(), strict=True):
        if extent == right:
            continue
        equation = UnroundedEquation(
            f"{name}_out", axis.unrounded_extent() if isinstance(axis, WindowAxis) else axis.extent()
        )
        if abs(Fraction(equation.value) - Fraction(extent)) >= min(case.answer.step, Fraction(1, 2)):
            return None
        equations.append(equation)
    return equations[0] if equations else None


FRACTION_MISTAKES: tuple[Mistake, ...] = (Mistake("not_rounded", ("output", "size"), _not_rounded),)
"""The likeliest first."""
