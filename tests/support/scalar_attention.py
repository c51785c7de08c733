"""Attention computed one scalar at a time, from the papers' equations."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import product

from tests.support.scalar_tally import Tally, Values
from tests.support.torch_layers import Options, Shape, per_axis

Row = list[float]
Adjust = Callable[[int, int, int, float], float]
"""The score of a query and a key, by head and by their numbers, changed."""


def _rows(x: Values) -> list[Row]:
    """A sequence, position by position."""
    (length, features) = (max(at[axis] for at in x) + 1 for axis in (0, 1))
    return [[x[(i, j)] for j in range(features)] for i in range(length)]


def _projected(t: Tally, x: Sequence[Row], weight: Values, bias: Values | None, rows: range) -> list[Row]:
    """Every position times some rows of a matrix."""
    found = []
    for position in x:
        made = []
        for row in rows:
            total = 0.0
            for column, value in enumerate(position):
                total = t.multiply_add(total, weight[(row, column)], value)
            made.append(total if bias is None else t.add("bias", total, bias[(row,)]))
        found.append(made)
    return found


def _softmax(t: Tally, values: Row) -> Row:
    largest = t.largest("activation", values)
    raised = [t.special("exponential", t.less("activation", value, largest)) for value in values]
    total = t.sum("activation", raised)
    return [t.divide("activation", value, total) for value in raised]


def _attended(
    t: Tally,
    query: Sequence[Row],
    key: Sequence[Row],
    value: Sequence[Row],
    heads: int,
    adjust: Adjust = lambda head, i, j, score: score,
    scale: float | None = None,
) -> list[Row]:
    """Every query's mean of the values, head by head."""
    share, width = len(key[0]) // heads, len(value[0]) // heads
    scale = 1 / math.sqrt(share) if scale is None else scale
    found = []
    for i, row in enumerate(query):
        scaled = [t.multiply("elementwise", each, scale) for each in row]
        made: Row = []
        for head in range(heads):
            scores = []
            for j, other in enumerate(key):
                total = 0.0
                for feature in range(head * share, (head + 1) * share):
                    total = t.multiply_add(total, scaled[feature], other[feature])
                scores.append(adjust(head, i, j, total))
            weights = _softmax(t, scores)
            for feature in range(head * width, (head + 1) * width):
                total = 0.0
                for weight, other in zip(weights, value, strict=True):
                    total = t.multiply_add(total, weight, other[feature])
                made.append(total)
        found.append(made)
    return found


def _windowed(t: Tally, options: Options, x: Values, shape: Shape, stored: Mapping[str, Values]) -> Values:
    """Self-attention of the positions that lie in one window."""
    channels, heads = shape[2], options["num_heads"]
    windows = per_axis(options["window_size"], 2)
    extents = [
        next(n for n in range(size, size + window) if n % window == 0)
        for size, window in zip(shape[:2], windows, strict=True)
    ]
    shifts = [
        shift if extent > window else 0
        for extent, window, shift in zip(extents, windows, per_axis(options.get("shift_size", 0), 2), strict=True)
    ]
    sets: dict[tuple[int, ...], list[tuple[int, int]]] = {}
    for place in product(*map(range, extents)):
        window = tuple(
            (at - shift) % extent // size
            for at, shift, extent, size in zip(place, shifts, extents, windows, strict=True)
        )
        sets.setdefault(window, []).append((place[0], place[1]))
    table = stored["relative_position_bias_table"]
    y: Values = {}
    for places in sets.values():

        def adjust(head: int, i: int, j: int, score: float, places: list[tuple[int, int]] = places) -> float:
            apart = [
                ((a - shift) % extent - (b - shift) % extent, (a < shift) != (b < shift))
                for a, b, shift, extent in zip(places[i], places[j], shifts, extents, strict=True)
            ]
            entry = (apart[0][0] + windows[0] - 1) * (2 * windows[1] - 1) + apart[1][0] + windows[1] - 1
            score = t.add("bias", score, table[(entry, head)])
            if any(shifts):
                score = t.add("elementwise", score, -100.0 if apart[0][1] or apart[1][1] else 0.0)
            return score

        rows = [[x.get((*place, channel), 0.0) for channel in range(channels)] for place in places]
        inner = [
            _projected(t, rows, stored["qkv.weight"], stored.get("qkv.bias"), range(first, first + channels))
            for first in range(0, 3 * channels, channels)
        ]
        mixed = _attended(t, inner[0], inner[1], inner[2], heads, adjust)
        outer = _projected(t, mixed, stored["proj.weight"], stored["proj.bias"], range(channels))
        for (down, across), row in zip(places, outer, strict=True):
            if down < shape[0] and across < shape[1]:
                y.update(((down, across, channel), value) for channel, value in enumerate(row))
    return y


def _of_axes(t: Tally, options: Options, inputs: Sequence[Values]) -> Values:
    """Attention for every index of the axes before the last two."""
    y: Values = {}
    for before in sorted({at[:-2] for at in inputs[0]}):
        query, key, value = (_rows({at[-2:]: v for at, v in x.items() if at[:-2] == before}) for x in inputs[:3])

        def adjust(head: int, i: int, j: int, score: float, before: tuple[int, ...] = before) -> float:
            for mask in inputs[3:]:
                at = tuple(min(place, last) for place, last in zip((*before, i, j), max(mask), strict=True))
                score = t.add("elementwise", score, mask[at])
            if options.get("is_causal"):
                score = t.add("elementwise", score, -math.inf if j > i else 0.0)
            return score

        heads, scale = options.get("num_heads", 1), options.get("scale")
        found = _attended(t, query, key, value, heads, adjust, scale)
        y.update(((*before, i, j), number) for i, row in enumerate(found) for j, number in enumerate(row))
    return y


def attention(
    t: Tally, type_name: str, options: Options, inputs: Sequence[Values], shape: Shape, stored: Mapping[str, Values]
) -> Values:
    """The values of a layer of this family."""
    if type_name == "window_attention":
        return _windowed(t, options, inputs[0], shape, stored)
    if type_name == "position_embedding":
        return {at: t.add("elementwise", value, stored[""][(0, *at)]) for at, value in inputs[0].items()}
    if type_name == "scaled_dot_product_attention":
        return _of_axes(t, options, inputs)
    sequences = [_rows(x) for x in inputs]
    heads = options.get("num_heads", 1)
    features = shape[1]
    parts = sequences if len(sequences) == 3 else sequences * 3
    inner = [
        _projected(t, x, stored["in_proj_weight"], stored.get("in_proj_bias"), range(first, first + features))
        for x, first in zip(parts, range(0, 3 * features, features), strict=True)
    ]
    mixed = _attended(t, inner[0], inner[1], inner[2], heads)
    found = _projected(t, mixed, stored["out_proj.weight"], stored.get("out_proj.bias"), range(features))
    return {(i, j): value for i, row in enumerate(found) for j, value in enumerate(row)}
