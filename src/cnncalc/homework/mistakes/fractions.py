"""Maps of 54.25 rows: the division by the stride as it stands, which has to be rounded."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import floor

from cnncalc.core.notation import PLAIN, Notation
from cnncalc.core.term import Term
from cnncalc.core.translation import said, together
from cnncalc.explain.layer import Equation
from cnncalc.explain.symbols import GRIDS
from cnncalc.homework.mistakes.case import Case, Mistake, Wrong, tried
from cnncalc.homework.mistakes.rewrite import Axis, Sketch
from cnncalc.homework.mistakes.sizes import SIZE_MISTAKES
from cnncalc.homework.questions import Extents

DECIMALS = 4
"""Digits behind the point of a quotient, as it is shown."""


class Unrounded(Equation):
    """A sum with a quotient that is left as it is."""

    @property
    def value(self) -> int | Fraction:
        """What the expression comes to."""
        return evaluated(self.expression)

    def sides(self, notation: Notation = PLAIN) -> list[str]:
        """Symbol, formula, numbers and result; of a result without end, the first digits."""
        shown = floor(self.value * 10**DECIMALS) / 10**DECIMALS
        cut = "" if Fraction(shown).limit_denominator(10**DECIMALS) == self.value else "…"
        return [*super().sides(notation)[:-1], f"{shown:,.{DECIMALS}f}".rstrip("0").rstrip(".") + cut]


def evaluated(expression: int) -> Fraction:
    """The value of an expression, its quotients exact."""
    if not isinstance(expression, Term) or expression.operator is None:
        return Fraction(int(expression))
    left, *right = map(evaluated, expression.operands)
    match expression.operator:
        case "+":
            return left + right[0]
        case "-":
            return left - right[0]
        case "*":
            return left * right[0]
        case "neg":
            return -left
    return left / right[0]


def _not_rounded(case: Case) -> Iterator[Wrong]:
    """Rows and columns that are no whole numbers: by the right sum, by a wrong one, or by any."""
    grids = [grid for grid in _grids(case) if any(Fraction(extent).denominator > 1 for extent in grid)]
    if not grids:
        return
    s, up = case.symbols, False
    if s is not None:
        up = any(isinstance(axis, Axis) and axis.up for axis in s.axes)
        for sketch, besides in _ways(case, s):
            for grid in grids:
                line = _sum(case, sketch, grid)
                if line is not None:
                    yield Wrong(case.answer.value, together((_sentence(up), *besides)), line)
                    return
    if s is not None and all(isinstance(axis, Axis) and axis.stride == 1 for axis in s.axes):
        yield Wrong(case.answer.value, said("Rows and columns are whole numbers, and nothing is divided here."))
    else:
        yield Wrong(case.answer.value, _sentence(up))


def _sentence(up: bool) -> str:
    if up:
        return said(
            "The division was not rounded up: this pool rounds up (ceil_mode), and rows and columns are whole numbers."
        )
    return said("The division was not rounded down: rows and columns are whole numbers.")


def _grids(case: Case) -> Iterator[Extents]:
    """Rows and columns of what was given, without the channels; one number is for a square."""
    given, axes = case.answer.value, len(case.row.output.spatial) if case.of_layer else 2
    if not isinstance(given, tuple):
        yield (given,) * axes
    elif case.quantity == "output" and len(given) > axes:
        yield from (given[-axes:], given[:axes])
    else:
        yield given


def _ways(case: Case, s: Sketch) -> Iterator[tuple[Sketch, tuple[str, ...]]]:
    """The right windows, and those of every mistake that changes them."""
    yield s, ()
    for mistake in SIZE_MISTAKES:
        for change in tried(mistake, case, s):
            if change.sketch.sizes is None and change.sketch.axes != s.axes:
                yield change.sketch, (change.sentence,)
            elif mistake.name == "divided_by_stride":
                bare = (Axis(axis.size, 0, 0, 0, axis.stride, one=0) for axis in s.axes)
                yield s._replace(axes=tuple(bare)), (change.sentence,)


def _sum(case: Case, sketch: Sketch, grid: Extents) -> Equation | None:
    """The quotient of the first axis that is no whole number, where every axis is its quotient or right."""
    assert case.sketch is not None
    if len(grid) != len(sketch.axes):
        return None
    lines: list[Equation] = []
    for name, axis, extent, right in zip(GRIDS[len(grid)], sketch.axes, grid, case.sketch.extents(), strict=True):
        if extent == right:
            continue
        line = Unrounded(f"{name}_out", axis.unrounded() if isinstance(axis, Axis) else axis.extent())
        if abs(Fraction(line.value) - Fraction(extent)) >= min(case.answer.step, Fraction(1, 2)):
            return None
        lines.append(line)
    return lines[0] if lines else None


FRACTION_MISTAKES: tuple[Mistake, ...] = (Mistake("not_rounded", ("output", "size"), _not_rounded),)
"""The likeliest first."""
