"""Receptive fields by rule beside those measured, on one axis of the input."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from cnncalc.core.field import ITSELF, Field, Interval
from cnncalc.execution.engine.tally import Array
from cnncalc.execution.verify.receptive_field.spans import NEVER, Seen


class Ends:
    """Of the units of an axis, whether the first and the last row that each sees by rule are there to be seen.

    They are not where they lie in the padding, or where a unit on the way to them does: a field is told as if maps had
    no borders, and what a unit sees within them is no more than that.
    """

    def __init__(self, first: Array, last: Array) -> None:
        self.first, self.last = first, last
        self.units = len(first)


def ends_of_input(size: int) -> Ends:
    """Every row of an input is there."""
    return Ends(np.ones(size, bool), np.ones(size, bool))


def ends_behind(field: Field, units: int, sources: Sequence[tuple[Field, Field, Ends]]) -> Ends:
    """The ends of units that look through windows at others; of each source, the window, the field and the ends.

    An end is there if it is that of the outermost unit within some window, which is there and whose own is. Windows on
    several sources go together: all of the outermost units have to be there.
    """
    found = []
    for side, end in enumerate(_by_rule(field, units)):
        told, all_there = np.zeros(units, bool), None
        for window, seen, ends in sources:
            reached, those = _by_rule(seen, ends.units)[side], (ends.first, ends.last)[side]
            if window is not ITSELF:
                at = _by_rule(window, units)[side]
                there = (at >= 0) & (at < ends.units)
                all_there = there if all_there is None else all_there & there
                unit = np.where(there, at, 0)
                reached, those = reached[unit], those[unit]
            told |= those & (reached == end)
        found.append(told if all_there is None else told & all_there)
    return Ends(*found)


class Compared(NamedTuple):
    """One unit of one axis: the rows it sees by rule and by measurement, and whether they agree.

    `exact` says whether both ends could be told; `ok` is None where neither could, though they lie on the map.
    """

    rule: Interval
    measured: Interval
    exact: bool
    ok: bool | None


class _Rule:
    """What the units of an axis see by rule, and which ends a probe can tell: those among the rows it disturbs.

    Where a map is `folded`, its padding shows rows of it again: of a unit that may see that nothing is told.
    """

    def __init__(self, field: Field, units: int, ends: Ends, rows: range | None, folded: bool) -> None:
        self.low, self.high = _by_rule(field, units)
        first, last = (ends.first, ends.last) if ends.units == units else (np.zeros(units, bool), np.zeros(units, bool))
        self._apart: Array | None = None
        if folded:
            first = last = self._apart = first & last
        self._there = first, last
        if rows is not None:
            first = first & (rows.start <= self.low) & (self.low < rows.stop)
            last = last & (rows.start <= self.high) & (self.high < rows.stop)
        self._tells_first, self._tells_last, self.exact = first, last, first & last

    @property
    def unwatched(self) -> bool:
        """Whether no end can be told, and that for no border's sake."""
        told = self._tells_first.any() or self._tells_last.any()
        return not told and any(ends.any() for ends in self._there)

    def fits(self, first: Array, last: Array) -> Array:
        """Whether units may see these rows: none beyond their bounds, and the ends that can be told to the row."""
        inside = (self.low <= first) & (last <= self.high)
        if self._apart is not None:
            inside |= ~self._apart
        told: Array = inside & ((first == self.low) >= self._tells_first) & ((last == self.high) >= self._tells_last)
        return told

    def unit(self, among: Array) -> int:
        """The unit nearest to the middle that is among these; the one in the middle where none is."""
        middle = len(self.low) // 2
        if among[middle]:
            return middle
        units = np.flatnonzero(among)
        return int(units[np.argmin(abs(units - middle))]) if len(units) else middle

    def interval(self, unit: int) -> Interval:
        """What a unit sees."""
        return _interval(self.low[unit], self.high[unit])


def on_grid(field: Field, seen: Seen, ends: Ends, rows: range | None, folded: bool) -> Compared:
    """Compare the units of an axis, each with its own."""
    first, last = seen.first, seen.last
    if first.ndim > 1:  # they do not stand along the axis
        return Compared(field.of_unit(0), middle(seen), False, False)
    rule = _Rule(field, len(first), ends, rows, folded)
    fits = rule.fits(first, last)
    ok: bool | None = bool(fits.all())
    unit = rule.unit(rule.exact if ok else ~fits)
    exact = bool(rule.exact[unit])
    if ok and not exact and (rule.unwatched or seen.sees_nothing):
        ok = None
    return Compared(rule.interval(unit), _interval(first[unit], last[unit]), exact, ok)


def off_grid(field: Field, seen: Seen, ends: Ends, extent: int, rows: range | None, folded: bool) -> Compared:
    """Compare a tensor that has left the grid with the `extent` units that it had on the axis.

    Whatever a value sees, some unit of the rule may see.
    """
    rule = _Rule(field, extent, ends, rows, folded)
    first, last = seen.distinct
    fits = rule.fits(first[:, None], last[:, None])  # [span, unit]
    wrong = ~fits.any(axis=1)
    if wrong.any():
        span = int(np.argmax(wrong))
        return Compared(rule.interval(rule.unit(rule.exact)), _interval(first[span], last[span]), False, False)
    exact = rule.exact & fits.any(axis=0)
    unit = rule.unit(exact)
    if exact.any():
        return Compared(rule.interval(unit), rule.interval(unit), True, True)
    return Compared(rule.interval(unit), middle(seen), False, None if rule.unwatched or seen.sees_nothing else True)


def sees_all(seen: Seen, arriving: tuple[int, int]) -> bool | None:
    """Whether every unit that sees anything sees all that arrives at the layer; None where nothing does."""
    low, high = arriving
    if low > high:
        return None
    sees = seen.first <= seen.last
    return bool(sees.any() and (seen.first[sees] == low).all() and (seen.last[sees] == high).all())


def middle(seen: Seen) -> Interval:
    """What the unit in the middle sees."""
    unit = seen.units // 2
    return _interval(seen.first.flat[unit], seen.last.flat[unit])


@lru_cache(1024)
def _by_rule(field: Field, units: int) -> tuple[Array, Array]:
    """What each unit sees by rule, in the form of `Seen`."""
    if len(field.intervals) == 1 and field.intervals[0]:
        start, end = field.intervals[0]
        moved = field.advance * np.arange(units)
        return start + moved, end + moved
    turns, phases = np.divmod(np.arange(units), len(field.intervals))
    ends = np.array([(NEVER, -NEVER) if seen is None else seen for seen in field.intervals])
    low, high = ends[phases].T
    moved = np.where(low <= high, field.advance * turns, 0)
    return low + moved, high + moved


def _interval(low: int, high: int) -> Interval:
    return (int(low), int(high)) if low <= high else None
