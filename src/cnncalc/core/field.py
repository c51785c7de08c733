"""Receptive fields on one axis, exact to the unit, through strides, dilation, branches and upsampling.

A unit sees an interval of positions on an earlier axis, and the intervals are periodic: unit `period·q + r` sees
`[advance·q + low_r, advance·q + high_r]`. An ordinary window has one phase; a transposed convolution of stride s has s,
because neighbouring outputs read different taps. A window is the receptive field over a single layer, so composing
windows (`through`) is the whole algebra, and it never rounds.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import gcd, lcm
from typing import NamedTuple

MOST_PHASES = 4_096
"""Phases of a field; a field with more (a product of transposed strides) is not tracked."""

MOST_LOOKS = 1_000_000
"""Look-ups of intervals and taps to compute one field; a field that needs more is not tracked either."""

Interval = tuple[int, int] | None
"""Lowest and highest position seen, or None for a unit that sees nothing (a transposed stride beyond its kernel)."""


class Untracked(Exception):
    """What units see is not tracked: it is not periodic, or it is not computed."""


class TooManyPhases(Untracked):
    """The period exceeds `MOST_PHASES` units, or the field needs more than `MOST_LOOKS` look-ups."""


class Field(NamedTuple):
    """What the units of one axis see: phase r of `intervals` belongs to the units r, r + period, r + 2·period, ..."""

    advance: int
    intervals: tuple[Interval, ...]

    @property
    def jump(self) -> Fraction:
        """Mean distance between the fields of neighbouring units; below 1 after upsampling."""
        return Fraction(int(self.advance), len(self.intervals))

    @property
    def start(self) -> int | None:
        """First position that unit 0 sees; negative inside the padding."""
        return self.intervals[0][0] if self.intervals[0] else None

    @property
    def sizes(self) -> tuple[int, int]:
        """Smallest and largest width over the phases; they differ only after upsampling."""
        widths = [0 if seen is None else seen[1] - seen[0] + 1 for seen in self.intervals]
        return min(widths), max(widths)

    @property
    def size(self) -> int:
        """Width of the largest field, borders ignored."""
        return self.sizes[1]

    def of_unit(self, unit: int) -> Interval:
        """The interval that one unit sees."""
        turns, phase = divmod(unit, len(self.intervals))
        seen = self.intervals[phase]
        return seen and (self.advance * turns + seen[0], self.advance * turns + seen[1])

    def of_units(self, first: int, last: int) -> Interval:
        """The interval that the units from `first` to `last` see together."""
        if len(self.intervals) == 1:  # every unit sees the same, shifted
            seen = self.intervals[0]
            return seen and (self.advance * first + seen[0], self.advance * last + seen[1])
        period = len(self.intervals)
        # The lowest position belongs to one of the first units, the highest to one of the last.
        near = [*range(first, min(first + period, last + 1)), *range(max(first, last + 1 - period), last + 1)]
        intervals = [seen for seen in map(self.of_unit, near) if seen]
        return (min(low for low, _ in intervals), max(high for _, high in intervals)) if intervals else None

    def through(self, window: Field) -> Field:
        """The field of units that see this axis through `window`: the composition of the two."""
        if len(self.intervals) == 1 == len(window.intervals):
            seen, looked = self.intervals[0], window.intervals[0]
            joint = seen and looked and (self.advance * looked[0] + seen[0], self.advance * looked[1] + seen[1])
            return Field(self.advance * window.advance, (joint,))
        turns = len(self.intervals) // gcd(len(self.intervals), window.advance)
        period = len(window.intervals) * turns
        if period > MOST_PHASES or period * min(window.size, 2 * len(self.intervals)) > MOST_LOOKS:
            raise TooManyPhases
        joined = []
        for unit in range(period):
            looked = window.of_unit(unit)
            joined.append(looked and self.of_units(*looked))
        return Field(self.advance * window.advance * turns // len(self.intervals), tuple(joined)).in_shortest_period()

    def union(self, other: Field) -> Field | None:
        """The field of units that read both; None if the two advance at different rates."""
        if self == other:
            return self
        if self.advance * len(other.intervals) != other.advance * len(self.intervals):
            return None
        if len(self.intervals) == 1 == len(other.intervals):
            return Field(self.advance, (_hull(self.intervals[0], other.intervals[0]),))
        period = lcm(len(self.intervals), len(other.intervals))
        if period > MOST_PHASES:
            raise TooManyPhases
        joined = tuple(_hull(self.of_unit(unit), other.of_unit(unit)) for unit in range(period))
        return Field(self.advance * period // len(self.intervals), joined)

    def in_shortest_period(self) -> Field:
        """The same field with its shortest period."""
        period = len(self.intervals)
        for divisor in range(1, period // 2 + 1):
            if period % divisor == 0 and self.advance * divisor % period == 0:
                shorter = Field(self.advance * divisor // period, self.intervals[:divisor])
                if all(shorter.of_unit(unit) == self.intervals[unit] for unit in range(divisor, period)):
                    return shorter
        return self


def _hull(one: Interval, other: Interval) -> Interval:
    if one is None or other is None:
        return one or other
    return min(one[0], other[0]), max(one[1], other[1])


ITSELF = Field(1, ((0, 0),))
"""The field of units that see their own position."""


def sliding_window(kernel: int, stride: int = 1, dilation: int = 1, pad_before: int = 0) -> Field:
    """A sliding window: unit i sees k taps, d apart, from position s·i − p on."""
    return Field(stride, ((-pad_before, dilation * (kernel - 1) - pad_before),))


def transposed_window(kernel: int, stride: int = 1, dilation: int = 1, pad_before: int = 0) -> Field:
    """The window of a transposed convolution: input j reaches outputs s·j − p + d·tap, so an output sees few taps."""
    if stride == 1:
        return Field(1, ((pad_before - dilation * (kernel - 1), pad_before),))
    common = gcd(stride, dilation)
    cycle = stride // common  # the taps that reach one output lie `cycle` apart
    if stride > MOST_PHASES or stride * min(cycle, kernel) > MOST_LOOKS:
        raise TooManyPhases
    intervals: list[Interval] = []
    for unit in range(stride):
        offset = unit + pad_before
        taps = (
            [] if offset % common else [t for t in range(min(cycle, kernel)) if (offset - dilation * t) % stride == 0]
        )
        if not taps:
            intervals.append(None)
            continue
        first = taps[0]
        last = first + (kernel - 1 - first) // cycle * cycle
        intervals.append(((offset - dilation * last) // stride, (offset - dilation * first) // stride))
    return Field(1, tuple(intervals))


def whole_axis(size: int) -> Field:
    """The field of units that see all positions."""
    return Field(0, ((0, size - 1),))


def window_partition(window: int, shift: int = 0) -> Field:
    """Windows side by side, one of them beginning at `shift`: every unit sees the window that it lies in."""
    if window > MOST_PHASES:
        raise TooManyPhases
    starts = [(unit - shift) // window * window + shift for unit in range(window)]
    return Field(window, tuple((start, start + window - 1) for start in starts))


def adaptive_windows(size: int, count: int) -> Field:
    """The `count` windows of an adaptive pool over `size` positions: unit i sees ⌊i·n/m⌋ to ⌈(i+1)·n/m⌉ − 1."""
    return _periodic_field(size, count, lambda i: (i * size // count, -(-(i + 1) * size // count) - 1))


def pyramid_windows(size: int, counts: tuple[int, ...]) -> Field:
    """The windows of a spatial pyramid over `size` positions, level after level."""
    if sum(counts) > MOST_PHASES:
        raise TooManyPhases
    return Field(0, tuple(adaptive_windows(size, count).of_unit(unit) for count in counts for unit in range(count)))


def interpolation_window(kind: str, size: int, count: int) -> Field:
    """`size` positions resized to `count`: `nearest`, `linear`, or `corners` (linear with aligned ends)."""
    if kind == "nearest":  # unit i copies position ⌊i·n / m⌋
        return _periodic_field(size, count, lambda i: (i * size // count,) * 2)
    if kind == "linear":  # unit i lies at (i + ½)·n/m − ½, on a position or between two
        return _periodic_field(size, count, lambda i: _neighbours((2 * i + 1) * size - count, 2 * count))
    if count == 1:
        return Field(0, ((0, 0),))
    return _periodic_field(size - 1, count - 1, lambda i: _neighbours(i * (size - 1), count - 1))


def _neighbours(numerator: int, denominator: int) -> tuple[int, int]:
    """The positions around a fraction: its floor and its ceiling."""
    return numerator // denominator, -(-numerator // denominator)


def _periodic_field(size: int, count: int, seen: Callable[[int], tuple[int, int]]) -> Field:
    """The field that advances `size` positions every `count` units; `seen` gives the interval of a unit."""
    common = gcd(size, count)
    if count // common > MOST_PHASES:
        raise TooManyPhases
    return Field(size // common, tuple(map(seen, range(count // common))))
