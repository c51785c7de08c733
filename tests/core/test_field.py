"""Receptive-field algebra against sets of positions, and against a U-Net that torch really runs."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import reduce
from itertools import pairwise
from typing import NamedTuple

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from cnncalc.core.field import (
    ITSELF,
    MOST_PHASES,
    Field,
    Interval,
    TooManyPhases,
    adaptive_windows,
    interpolation_window,
    sliding_window,
    transposed_window,
)

UNITS = range(-7, 25)


class Window(NamedTuple):
    """A window as the algebra has it, and as the positions that one unit reads on an axis without ends."""

    name: str
    field: Field
    reads: Callable[[int], set[int]]


def sliding_case(kernel: int, stride: int, dilation: int, before: int) -> Window:
    return Window(
        f"sliding{kernel, stride, dilation, before}",
        sliding_window(kernel, stride, dilation, before),
        lambda unit: {stride * unit - before + dilation * tap for tap in range(kernel)},
    )


def transposed_case(kernel: int, stride: int, dilation: int, before: int) -> Window:
    def reads(unit: int) -> set[int]:
        reach = abs(unit) + before + dilation * kernel
        return {
            source
            for source in range(-reach, reach + 1)
            for tap in range(kernel)
            if stride * source - before + dilation * tap == unit
        }

    return Window(
        f"spreading{kernel, stride, dilation, before}", transposed_window(kernel, stride, dilation, before), reads
    )


def near(place: Fraction) -> range:
    return range(int(place) - 3, int(place) + 4)


def adaptive_window(size: int, count: int) -> Window:
    def reads(unit: int) -> set[int]:  # the positions that overlap the unit's even share of the axis
        first, last = Fraction(unit * size, count), Fraction((unit + 1) * size, count)
        return {
            position for position in range(near(first)[0], near(last)[-1]) if position < last and position + 1 > first
        }

    return Window(f"adaptive{size, count}", adaptive_windows(size, count), reads)


def interpolating_window(kind: str, size: int, count: int) -> Window:
    def reads(unit: int) -> set[int]:
        if kind == "nearest":
            place = Fraction(unit * size, count)
            return {position for position in near(place) if position <= place < position + 1}
        if kind == "linear":
            place = (unit + Fraction(1, 2)) * Fraction(size, count) - Fraction(1, 2)
        else:
            place = unit * Fraction(size - 1, count - 1)
        return {
            position for position in near(place) if abs(position - place) < 1
        }  # where a tent of width 2 is not zero

    return Window(f"{kind}{size, count}", interpolation_window(kind, size, count), reads)


small = st.integers(1, 4)
slides = st.builds(sliding_case, small, small, small, st.integers(0, 4))
spreads = st.builds(transposed_case, small, small, small, st.integers(0, 4))
shares = st.builds(adaptive_window, st.integers(1, 9), st.integers(1, 6))
resizes = st.builds(
    interpolating_window, st.sampled_from(["nearest", "linear", "corners"]), st.integers(2, 6), st.integers(2, 6)
)
windows = st.one_of(slides, spreads, shares, resizes)


def hull(positions: set[int]) -> Interval:
    return (min(positions), max(positions)) if positions else None


def union_of(intervals: list[Interval]) -> Interval:
    return hull({end for seen in intervals if seen for end in seen})


@given(windows)
def test_a_window_is_where_its_units_read(window: Window) -> None:
    for unit in UNITS:
        assert window.field.of_unit(unit) == hull(window.reads(unit))
    widths = [len(range(seen[0], seen[1] + 1)) if seen else 0 for seen in map(window.field.of_unit, range(24))]
    assert window.field.sizes == (min(widths), max(widths))
    assert window.field.size == max(widths)
    seen = hull(window.reads(0))
    assert window.field.start == (seen[0] if seen else None)


def in_order(seen: list[Interval]) -> bool:
    """Whether every unit sees something, and neither end ever moves backwards."""
    known = [ends for ends in seen if ends]
    return len(known) == len(seen) and all(a[0] <= b[0] and a[1] <= b[1] for a, b in pairwise(known))


@given(st.lists(windows, min_size=2, max_size=4))
def test_composition_is_the_union_of_what_is_read(chain: list[Window]) -> None:
    """To the unit, unless a window with gaps reads units that look about out of order: then it includes the gaps."""
    field = reduce(Field.through, (window.field for window in chain), ITSELF)
    exact = True
    lower: Callable[[int], set[int]] = lambda unit: {unit}  # noqa: E731
    for window in chain:
        read = [window.reads(unit) for unit in UNITS]
        reach = {position for positions in read for position in positions}
        gaps = any(len(positions) < len(range(min(positions), max(positions) + 1)) for positions in read if positions)
        ordered = not reach or in_order([hull(lower(unit)) for unit in range(min(reach), max(reach) + 1)])
        exact = exact and (ordered or not gaps)
        lower = _composed(window.reads, lower)
    for unit in UNITS:
        found, true = field.of_unit(unit), hull(lower(unit))
        if exact:
            assert found == true
        elif true is not None:
            assert found is not None
            assert found[0] <= true[0] <= true[1] <= found[1]


def _composed(reads: Callable[[int], set[int]], lower: Callable[[int], set[int]]) -> Callable[[int], set[int]]:
    return lambda unit: {position for read in reads(unit) for position in lower(read)}


@given(st.lists(windows, min_size=1, max_size=3), st.integers(-9, 9), st.integers(0, 20))
def test_several_units_together(chain: list[Window], first: int, more: int) -> None:
    field = reduce(Field.through, (window.field for window in chain), ITSELF)
    together = union_of([field.of_unit(unit) for unit in range(first, first + more + 1)])
    assert field.of_units(first, first + more) == together


@given(windows, windows)
def test_jumps_multiply(one: Window, other: Window) -> None:
    assert one.field.through(other.field).jump == one.field.jump * other.field.jump


@given(windows, windows)
def test_union_sees_what_either_sees(one: Window, other: Window) -> None:
    union = one.field.union(other.field)
    if one.field.jump != other.field.jump:
        assert union is None
        return
    assert union is not None
    assert union.jump == one.field.jump
    for unit in UNITS:
        assert union.of_unit(unit) == union_of([one.field.of_unit(unit), other.field.of_unit(unit)])


phases = st.lists(st.none() | st.tuples(st.integers(-5, 0), st.integers(0, 5)), min_size=1, max_size=4)


@given(st.integers(0, 6), phases, st.integers(1, 4))
def test_reduced_is_the_same_field_in_its_shortest_period(advance: int, seen: list[Interval], turns: int) -> None:
    short = Field(advance, tuple(seen))
    period = len(seen)
    long = Field(advance * turns, tuple(short.of_unit(unit) for unit in range(period * turns)))
    reduced = long.in_shortest_period()
    assert [reduced.of_unit(unit) for unit in UNITS] == [long.of_unit(unit) for unit in UNITS]
    assert reduced.jump == long.jump == short.jump
    repeats = [
        shorter
        for shorter in range(1, period + 1)
        if (reduced.jump * shorter).denominator == 1
        and all(
            long.of_unit(unit + shorter) == _moved(long.of_unit(unit), int(reduced.jump * shorter)) for unit in UNITS
        )
        and period * turns % shorter == 0
    ]
    assert len(reduced.intervals) == min(repeats)


def _moved(seen: Interval, by: int) -> Interval:
    return seen and (seen[0] + by, seen[1] + by)


def test_too_many_phases() -> None:
    with pytest.raises(TooManyPhases):
        transposed_window(3, MOST_PHASES + 1)
    with pytest.raises(TooManyPhases):
        adaptive_windows(2, MOST_PHASES + 1)
    with pytest.raises(TooManyPhases):
        transposed_window(2, 2**9).through(transposed_window(2, 2**9))
    with pytest.raises(TooManyPhases):
        Field(251, ((0, 0),) * 251).union(Field(263, ((0, 1),) * 263))
    assert len(transposed_window(1, MOST_PHASES).intervals) == MOST_PHASES


# U-Net: Ronneberger et al. (2015), figure 1, from 572 to 388 rows

DEPTH = 4
CROPS = (
    88,
    40,
    16,
    4,
)  # rows cut off both ends of the skip on the way up: 568 -> 392, 280 -> 200, 136 -> 104, 64 -> 56


def unet_field() -> Field:
    field, skips = ITSELF, []
    for _ in range(DEPTH):
        field = field.through(sliding_window(3)).through(sliding_window(3))
        skips.append(field)
        field = field.through(sliding_window(2, 2))
    field = field.through(sliding_window(3)).through(sliding_window(3))
    for skip, crop in zip(reversed(skips), reversed(CROPS), strict=True):
        joined = field.through(transposed_window(2, 2)).union(skip.through(sliding_window(1, 1, 1, -crop)))
        assert joined is not None
        field = joined.through(sliding_window(3)).through(sliding_window(3))
    return field.through(sliding_window(1))


def unet(x: Tensor) -> Tensor:
    """U-Net on one axis with one channel, all weights one, and sums for maxima: nothing that is read cancels."""
    three, two = torch.ones(1, 1, 3, dtype=x.dtype), torch.ones(1, 1, 2, dtype=x.dtype)
    skips = []
    for _ in range(DEPTH):
        x = F.conv1d(F.conv1d(x, three), three)
        skips.append(x)
        x = F.conv1d(x, two, stride=2)
    x = F.conv1d(F.conv1d(x, three), three)
    for skip, crop in zip(reversed(skips), reversed(CROPS), strict=True):
        x = F.conv_transpose1d(x, two, stride=2) + skip[..., crop:-crop]
        x = F.conv1d(F.conv1d(x, three), three)
    return x


def test_unet_sees_188_to_204_rows_by_phase() -> None:
    size = 572
    moved = unet(torch.eye(size, dtype=torch.float64)[:, None, :])[:, 0, :] > 0  # one input row disturbed at a time
    assert moved.shape == (size, 388)
    field = unet_field()
    for unit in range(388):
        rows = moved[:, unit].nonzero().flatten().tolist()
        assert field.of_unit(unit) == (rows[0], rows[-1])
    widths = {int(moved[:, unit].nonzero().max() - moved[:, unit].nonzero().min()) + 1 for unit in range(388)}
    assert (min(widths), max(widths)) == field.sizes == (188, 204)
    assert field.jump == 1
