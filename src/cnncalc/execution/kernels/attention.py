"""Attention: values weighted by the products of queries and keys."""

import math
from collections.abc import Callable
from math import prod

import numpy as np

from cnncalc.core.counts import Op
from cnncalc.execution.engine.layout import compact_array
from cnncalc.execution.engine.scratch import VALUE_BYTES, Extents, Scratch
from cnncalc.execution.engine.tally import Array
from cnncalc.execution.engine.task import PRODUCT, Task
from cnncalc.execution.engine.workers import BLOCK_BYTES
from cnncalc.execution.kernels.linear import projection
from cnncalc.execution.kernels.windows import padded_map

COMPARE, ADD = Op.ACTIVATION_COMPARE, Op.ACTIVATION_ADD

APART = -100.0
"""The mask that is added to scores of positions which must not attend to each other."""

SCORE_BYTES = 1 << 20
"""Bytes of scores that are computed at once: they are read and written several times."""

Part = tuple[slice, slice, slice]
"""Slices of heads, sets and queries."""

Adjust = Callable[[Array, Part], None]
"""Changes the scores of a part, (heads, sets, queries, keys), in place."""


def scaled_dot_product_attention(task: Task, query: Array, key: Array, value: Array, *mask: Array) -> Array:
    """Values weighted by a softmax over the products of queries and keys, for every head."""
    leading, queries, keys = query.shape[:-2], query.shape[-2], key.shape[-2]
    added = [np.broadcast_to(x, (*leading, queries, keys)).reshape(-1, queries, keys) for x in mask]
    if task.options.is_causal:
        behind = np.arange(keys) > np.arange(queries)[:, None]
        apart = np.where(behind, -np.inf, 0.0).astype(query.dtype)
        added.append(np.broadcast_to(apart, (prod(leading), queries, keys)))

    def adjust(scores: Array, part: Part) -> None:
        for x in added:
            task.tally.each(Op.ELEMENTWISE_ADD, np.add, scores, x[part[1:]], out=scores)

    query, key, value = (x.reshape(-1, *x.shape[-2:]) for x in (query, key, value))
    y = _attention(task, query, key, value, adjust, task.options.scale)
    return y.reshape(*leading, *y.shape[1:])


def multi_head_attention(task: Task, query: Array, *others: Array) -> Array:
    """Attention between projections, with its output projected."""
    features, biased = query.shape[-1], task.options.bias
    weight = task.weight("in_proj_weight", 3 * features, features)
    bias = task.weight("in_proj_bias", 3 * features) if biased else None
    if others:
        parts = [slice(first, first + features) for first in range(0, 3 * features, features)]
        inner = [
            projection(task, x, weight[part], None if bias is None else bias[part])
            for x, part in zip((query, *others), parts, strict=True)
        ]
    else:
        inner = np.split(projection(task, query, weight, bias), 3, axis=-1)
    mixed = _attention(task, inner[0], inner[1], inner[2])
    del inner
    outer = task.weight("out_proj.weight", features, features)
    return projection(task, mixed, outer, task.weight("out_proj.bias", features) if biased else None)


def window_attention(task: Task, x: Array) -> Array:
    """Self-attention within windows of a map (N, H, W, C), shifted and masked."""
    channels, options = x.shape[-1], task.options
    rows, columns = options.window_size
    whole = padded_map(x, [(0, -n % window) for n, window in zip(x.shape[1:3], options.window_size, strict=True)])
    extents = whole.shape[1:3]
    shifts = [
        shift if n > window else 0
        for n, window, shift in zip(extents, options.window_size, options.shift_size, strict=True)
    ]
    if any(shifts):
        whole = np.roll(whole, [-shift for shift in shifts], (1, 2))
    down, across = extents[0] // rows, extents[1] // columns
    sets = whole.reshape(-1, down, rows, across, columns, channels).swapaxes(2, 3).reshape(-1, rows * columns, channels)
    shape = whole.shape
    del whole  # several maps of this size follow

    weight = task.weight("qkv.weight", 3 * channels, channels)
    bias = task.weight("qkv.bias", 3 * channels) if options.qkv_bias else None
    inner = np.split(projection(task, sets, weight, bias), 3, axis=-1)
    del sets
    nearby = _position_bias(task, rows, columns)
    sides = _sides(extents, options.window_size, shifts)
    windows = np.tile(np.arange(len(sides)), len(x))  # of all images

    def adjust(scores: Array, part: Part) -> None:
        heads, sets, queries = part
        task.tally.each(Op.BIAS_ADD, np.add, scores, nearby[heads, None, queries], out=scores)
        if any(shifts):
            of_keys = sides[windows[sets]]
            apart = np.where(of_keys[:, queries, None] == of_keys[:, None], 0.0, APART).astype(x.dtype)
            task.tally.each(Op.ELEMENTWISE_ADD, np.add, scores, apart, out=scores)

    mixed = _attention(task, inner[0], inner[1], inner[2], adjust)
    del inner
    outer = projection(task, mixed, task.weight("proj.weight", channels, channels), task.weight("proj.bias", channels))
    del mixed
    y = outer.reshape(-1, down, across, rows, columns, channels).swapaxes(2, 3).reshape(shape)
    del outer
    if any(shifts):
        y = np.roll(y, shifts, (1, 2))
    return compact_array(y[:, : x.shape[1], : x.shape[2]])


def patch_merging(task: Task, x: Array) -> Array:
    """Squares of 2×2 positions of a map (N, H, W, C) with their channels concatenated, column by column."""
    whole = padded_map(x, [(0, n % 2) for n in x.shape[1:3]])
    return np.concatenate([whole[:, row::2, column::2] for column in (0, 1) for row in (0, 1)], axis=-1)


def class_token(task: Task, x: Array) -> Array:
    """A learned position before the sequence."""
    token = task.weight("", 1, 1, x.shape[-1]).astype(x.dtype)
    return np.concatenate([np.broadcast_to(token, (len(x), *token.shape[1:])), x], axis=1)


def position_embedding(task: Task, x: Array) -> Array:
    """A learned vector added to every position."""
    return task.tally.each(Op.ELEMENTWISE_ADD, np.add, x, task.weight("", 1, *x.shape[1:]))


def _heads(task: Task, x: Array) -> Array:
    """(sets, length, features) viewed as (heads, sets, length, features of a head)."""
    return x.reshape(*x.shape[:2], task.options.num_heads, -1).transpose(2, 0, 1, 3)


def _attention(
    task: Task, query: Array, key: Array, value: Array, adjust: Adjust | None = None, scale: float | None = None
) -> Array:
    """The attention of all heads over (sets, length, features), concatenated."""
    tally = task.tally
    query, key, value = (_heads(task, x) for x in (query, key, value))
    scale = 1 / math.sqrt(query.shape[-1]) if scale is None else scale
    y = np.empty((*query.shape[1:3], len(query), value.shape[-1]), query.dtype)
    targets = y.transpose(2, 0, 1, 3)

    def mix(part: Part) -> None:
        heads, sets, _ = part
        scaled = tally.each(Op.ELEMENTWISE_MULTIPLY, np.multiply, query[part], scale)
        scores = tally.matmul(scaled, key[heads, sets].swapaxes(2, 3))
        if adjust is not None:
            adjust(scores, part)
        largest = tally.reduce(COMPARE, np.maximum, scores, 3)
        tally.each(ADD, np.subtract, scores, largest[..., None], out=scores)
        tally.each(Op.ACTIVATION_EXPONENTIAL, np.exp, scores, out=scores)
        total = tally.reduce(ADD, np.add, scores, 3)
        tally.each(Op.ACTIVATION_DIVIDE, np.divide, scores, total[..., None], out=scores)
        targets[part] = tally.matmul(scores, value[heads, sets])

    heads, sets, queries = query.shape[:3]
    row_bytes = key.shape[2] * query.itemsize

    def of_heads(part: slice) -> None:
        """Attend with these heads, over as many sets or queries at once as `SCORE_BYTES` allows."""
        several = max(1, SCORE_BYTES // (len(range(heads)[part]) * queries * row_bytes))
        few = max(1, SCORE_BYTES // (len(range(heads)[part]) * row_bytes))
        for first in range(0, sets, several):
            for begin in range(0, queries, few):
                mix((part, slice(first, first + several), slice(begin, begin + few)))

    task.workers.map_blocks(heads, sets * queries * row_bytes, of_heads, effort=PRODUCT)
    return y.reshape(*y.shape[:2], -1)


def _position_bias(task: Task, rows: int, columns: int) -> Array:
    """The learned bias of every pair of positions in a window by their distance: (heads, queries, keys)."""
    table = task.weight("relative_position_bias_table", (2 * rows - 1) * (2 * columns - 1), task.options.num_heads)
    row, column = np.divmod(np.arange(rows * columns), columns)
    down = row[:, None] - row + rows - 1
    across = column[:, None] - column + columns - 1
    pairs: Array = table.reshape(2 * rows - 1, 2 * columns - 1, -1)[down, across]
    return pairs.transpose(2, 0, 1)


def _sides(extents: tuple[int, ...], windows: tuple[int, ...], shifts: list[int]) -> Array:
    """(windows, positions): a number for the side of the border that positions come from, after the cyclic shift."""
    wrapped = [np.arange(n) >= n - shift for n, shift in zip(extents, shifts, strict=True)]
    side = 2 * wrapped[0][:, None] + wrapped[1]
    (rows, columns), (down, across) = windows, (n // window for n, window in zip(extents, windows, strict=True))
    return side.reshape(down, rows, across, columns).swapaxes(1, 2).reshape(-1, rows * columns)


def attention_scratch(e: Extents) -> Scratch:
    """Scores of a part, and results computed from them; inputs in order, and a mask for all queries."""
    query, key = e.inputs[0], e.inputs[min(1, len(e.inputs) - 1)]
    rows = max(SCORE_BYTES, BLOCK_BYTES, VALUE_BYTES * key.shape[-2])
    copied = sum(x.nbytes for x in e.inputs if not x.is_in_order(tuple(range(len(x.shape)))))
    masks = len(e.inputs) > 3 and VALUE_BYTES * prod(query.shape[:-1]) * key.shape[-2]
    causal = 13 * query.shape[-2] * key.shape[-2] if getattr(e.options, "is_causal", False) else 0
    return Scratch(copied + masks + causal, 3 * rows)


def multi_head_scratch(e: Extents) -> Scratch:
    """The projections, and the attention before the last projection."""
    query, key, value = e.inputs * 3 if len(e.inputs) == 1 else e.inputs
    whole, block = attention_scratch(e)
    return Scratch(whole + query.nbytes + key.nbytes + value.nbytes, block)


def window_scratch(e: Extents) -> Scratch:
    """Three projections and their attention, each as large as the padded map."""
    (x,), o = e.inputs, e.options
    images, *extents, channels = x.shape
    places = [-(-n // window) * window for n, window in zip(extents, o.window_size, strict=True)]
    whole = VALUE_BYTES * images * prod(places) * channels
    positions = prod(o.window_size)
    scores = max(SCORE_BYTES, VALUE_BYTES * positions)
    return Scratch(4 * whole - x.nbytes + positions**2 * (16 + VALUE_BYTES * o.num_heads), 6 * scores)


def merging_scratch(e: Extents) -> Scratch:
    """A map with an even number of rows and columns."""
    (x,) = e.inputs
    even = all(n % 2 == 0 for n in x.shape[1:3])
    return Scratch(0 if even and x.is_in_order((0, 1, 2, 3)) else x.nbytes + e.output_bytes // x.shape[1])
