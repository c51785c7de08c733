"""Compares receptive fields by rule with measured ones, along one axis of the input."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from cnncalc.core.field import ITSELF, Field, Interval
from cnncalc.execution.engine.tally import Array
from cnncalc.execution.verify.receptive_field.spans import NEVER, UnitSpans


class VisibleEnds:
    """Whether the first and the last row of each unit's field by rule can be observed, for the units of an axis.

    They cannot where they, or a unit on the path to them, lie in the padding: rules ignore the borders of maps, so that
    a unit may really see less.
    """

    def __init__(self, first: Array, last: Array) -> None:
        self.first, self.last = first, last
        self.units = len(first)


def ends_of_input(size: int) -> VisibleEnds:
    """The ends of an input: every row can be observed."""
    return VisibleEnds(np.ones(size, bool), np.ones(size, bool))


def ends_through_windows(field: Field, units: int, sources: Sequence[tuple[Field, Field, VisibleEnds]]) -> VisibleEnds:
    """The ends of units that see others through windows; each source is a window, a field and its ends.

    An end can be observed if it is the end of the outermost unit of some window, that unit is on the map, and its own
    end can be observed. With windows on several sources, all outermost units must be on the map.
    """
    found = []
    for side, end in enumerate(_spans_by_rule(field, units)):
        measurable, all_there = np.zeros(units, bool), None
        for window, source, ends in sources:
            reached, those = _spans_by_rule(source, ends.units)[side], (ends.first, ends.last)[side]
            if window is not ITSELF:
                at = _spans_by_rule(window, units)[side]
                there = (at >= 0) & (at < ends.units)
                all_there = there if all_there is None else all_there & there
                unit = np.where(there, at, 0)
                reached, those = reached[unit], those[unit]
            measurable |= those & (reached == end)
        found.append(measurable if all_there is None else measurable & all_there)
    return VisibleEnds(*found)


class AxisCheck(NamedTuple):
    """One unit of one axis: the rows that it sees by rule and as measured, and whether they agree.

    `exact` says whether both ends were measured; `ok` is None where neither was, though they lie on the map.
    """

    rule: Interval
    measured: Interval
    exact: bool
    ok: bool | None


class _FieldRule:
    """The rows that the units of an axis see by rule, and which ends can be measured: those in the perturbed `rows`.

    A `folded` map has padding that repeats its rows: of units that may see it, nothing is measured.
    """

    def __init__(self, field: Field, units: int, ends: VisibleEnds, rows: range | None, folded: bool) -> None:
        self.low, self.high = _spans_by_rule(field, units)
        first, last = (ends.first, ends.last) if ends.units == units else (np.zeros(units, bool), np.zeros(units, bool))
        self._unfolded: Array | None = None
        if folded:
            first = last = self._unfolded = first & last
        self._there = first, last
        if rows is not None:
            first = first & (rows.start <= self.low) & (self.low < rows.stop)
            last = last & (rows.start <= self.high) & (self.high < rows.stop)
        self._first_measurable, self._last_measurable, self.exact = first, last, first & last

    @property
    def is_unperturbed(self) -> bool:
        """Whether no end can be measured, but some could if all rows were perturbed."""
        measurable = self._first_measurable.any() or self._last_measurable.any()
        return not measurable and any(ends.any() for ends in self._there)

    def fits(self, first: Array, last: Array) -> Array:
        """Whether units see these rows by rule: within their bounds, and exactly at ends that can be measured."""
        inside = (self.low <= first) & (last <= self.high)
        if self._unfolded is not None:
            inside |= ~self._unfolded
        first_ok, last_ok = (first == self.low) >= self._first_measurable, (last == self.high) >= self._last_measurable
        found: Array = inside & first_ok & last_ok
        return found

    def unit(self, among: Array) -> int:
        """The unit among these that is nearest to the middle; the middle one where there is none."""
        middle = len(self.low) // 2
        if among[middle]:
            return middle
        units = np.flatnonzero(among)
        return int(units[np.argmin(abs(units - middle))]) if len(units) else middle

    def interval(self, unit: int) -> Interval:
        """The rows that a unit sees."""
        return _interval(self.low[unit], self.high[unit])


def compare_on_grid(field: Field, spans: UnitSpans, ends: VisibleEnds, rows: range | None, folded: bool) -> AxisCheck:
    """Compare the units of an axis with those of the rule, one by one."""
    first, last = spans.first, spans.last
    if first.ndim > 1:  # they are not along the axis
        return AxisCheck(field.of_unit(0), middle_interval(spans), False, False)
    rule = _FieldRule(field, len(first), ends, rows, folded)
    fits = rule.fits(first, last)
    ok: bool | None = bool(fits.all())
    unit = rule.unit(rule.exact if ok else ~fits)
    exact = bool(rule.exact[unit])
    if ok and not exact and (rule.is_unperturbed or spans.sees_nothing):
        ok = None
    return AxisCheck(rule.interval(unit), _interval(first[unit], last[unit]), exact, ok)


def compare_off_grid(
    field: Field, spans: UnitSpans, ends: VisibleEnds, extent: int, rows: range | None, folded: bool
) -> AxisCheck:
    """Compare a tensor that is off the grid with the `extent` units that the rule has along the axis.

    The span of each value must be that of some unit of the rule.
    """
    rule = _FieldRule(field, extent, ends, rows, folded)
    first, last = spans.distinct
    fits = rule.fits(first[:, None], last[:, None])  # [span, unit]
    wrong = ~fits.any(axis=1)
    if wrong.any():
        span = int(np.argmax(wrong))
        return AxisCheck(rule.interval(rule.unit(rule.exact)), _interval(first[span], last[span]), False, False)
    exact = rule.exact & fits.any(axis=0)
    unit = rule.unit(exact)
    if exact.any():
        return AxisCheck(rule.interval(unit), rule.interval(unit), True, True)
    return AxisCheck(
        rule.interval(unit), middle_interval(spans), False, None if rule.is_unperturbed or spans.sees_nothing else True
    )


def sees_all(spans: UnitSpans, arriving: tuple[int, int], partial: bool) -> bool | None:
    """Whether every unit that sees any row sees all rows that reach the layer; None where that cannot be told.

    Of a `partial` input, some units saw nothing but padding: what has read those cannot be told from what was blind.
    """
    low, high = arriving
    if low > high:
        return None
    sees = spans.first <= spans.last
    whole = (spans.first[sees] == low) & (spans.last[sees] == high)
    if partial:
        return bool(whole.any()) or None
    return bool(sees.any() and whole.all())


def middle_interval(spans: UnitSpans) -> Interval:
    """The rows that the middle unit sees."""
    unit = spans.units // 2
    return _interval(spans.first.flat[unit], spans.last.flat[unit])


@lru_cache(1024)
def _spans_by_rule(field: Field, units: int) -> tuple[Array, Array]:
    """The first and the last row that each unit sees by rule, as in `UnitSpans`."""
    if len(field.intervals) == 1 and field.intervals[0]:
        start, end = field.intervals[0]
        moved = field.advance * np.arange(units)
        return start + moved, end + moved
    turns, phases = np.divmod(np.arange(units), len(field.intervals))
    ends = np.array([(NEVER, -NEVER) if interval is None else interval for interval in field.intervals])
    low, high = ends[phases].T
    moved = np.where(low <= high, field.advance * turns, 0)
    return low + moved, high + moved


def _interval(low: int, high: int) -> Interval:
    return (int(low), int(high)) if low <= high else None
