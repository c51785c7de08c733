"""Layers with windows computed one scalar at a time: convolutions, matrices, pools."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import accumulate, product

from torch import nn

from tests.support.scalar_tally import Index, Tally, Values, indices, parameters_of
from tests.support.torch_layers import FLT_MAX, Options, Shape, WindowOptions, per_axis


def _window(g: WindowOptions, place: Index) -> Iterator[tuple[Index, Index]]:
    """(tap, position on the unpadded input) for every tap of the window at one place."""
    for tap in indices(g.kernel):
        yield (
            tap,
            tuple(
                s * i - before + d * t
                for s, i, before, d, t in zip(g.stride, place, g.before, g.dilation, tap, strict=True)
            ),
        )


def _standardized(kernels: Values) -> Values:
    """Kernels with a mean of 0 and a variance of 1: that depends on no input, and is no operation of the layer."""
    found: Values = {}
    for channel in {at[0] for at in kernels}:
        own = {at: value for at, value in kernels.items() if at[0] == channel}
        mean = sum(own.values()) / len(own)
        spread = math.sqrt(sum((value - mean) ** 2 for value in own.values()) / len(own) + 1e-6)
        found.update({at: (value - mean) / spread for at, value in own.items()})
    return found


def convolution(t: Tally, options: Options, x: Values, shape: Shape, out: Shape, module: nn.Module) -> Values:
    g = WindowOptions(options, shape[1:])
    stored = parameters_of(module)
    groups = options.get("groups", 1)
    table = options.get("connections")
    kernels = _standardized(stored["weight"]) if options.get("standardized") else stored["weight"]
    firsts = [0, *accumulate(map(len, table or ()))]  # a table's kernels lie one after the other
    y: Values = {}
    for channel, *place in indices(out):
        if table is None:
            width = shape[0] // groups
            first = channel // (out[0] // groups) * width
            maps = list(range(first, first + width))
        else:
            maps = list(table[channel])
        total = 0.0
        for row, source in enumerate(maps):
            for tap, position in _window(g, tuple(place)):
                at = (channel, row, *tap) if table is None else (firsts[channel] + row, *tap)
                total = t.multiply_add(total, kernels[at], x.get((source, *position), 0.0))
        if "bias" in stored:
            total = t.add("bias", total, stored["bias"][(channel,)])
        y[(channel, *place)] = total
    return y


def conv_transpose(t: Tally, options: Options, x: Values, shape: Shape, out: Shape, module: nn.Module) -> Values:
    axes = len(shape) - 1
    if options.get("padding") == "same":
        # of the convolution that this is the gradient of: n·s positions to n
        strides = per_axis(options.get("stride", 1), axes)
        g = WindowOptions(options, tuple(n * s for n, s in zip(shape[1:], strides, strict=True)))
    else:
        g = WindowOptions(options, shape[1:])
    stored = parameters_of(module)
    groups = options.get("groups", 1)
    width, leaves = shape[0] // groups, out[0] // groups
    y: Values = dict.fromkeys(indices(out), 0.0)
    for (source, *place), value in x.items():
        for leaf in range(leaves):
            for tap, position in _window(g, tuple(place)):
                at = (source // width * leaves + leaf, *position)
                total = t.multiply_add(y.get(at, 0.0), stored["weight"][(source, leaf, *tap)], value)
                if at in y:  # what falls into the padding is computed and dropped
                    y[at] = total
    if "bias" in stored:
        y = {at: t.add("bias", value, stored["bias"][at[:1]]) for at, value in y.items()}
    return y


def locally_connected(t: Tally, options: Options, x: Values, shape: Shape, out: Shape, module: nn.Module) -> Values:
    g = WindowOptions(options, shape[1:])
    stored = parameters_of(module)
    shared = options.get("bias") == "per_channel"
    y: Values = {}
    for channel, *place in indices(out):
        total = 0.0
        for source in range(shape[0]):
            for tap, position in _window(g, tuple(place)):
                kernel = stored["weight"][(*place, channel, source, *tap)]
                total = t.multiply_add(total, kernel, x.get((source, *position), 0.0))
        if "bias" in stored:
            at = (channel,) if shared else (channel, *place)
            total = t.add("bias", total, stored["bias"][at])
        y[(channel, *place)] = total
    return y


def linear(t: Tally, options: Options, x: Values, shape: Shape, out: Shape, module: nn.Module) -> Values:
    stored = parameters_of(module)
    y: Values = {}
    for *rows, feature in indices(out):
        total = 0.0
        for source in range(shape[-1]):
            total = t.multiply_add(total, stored["weight"][(feature, source)], x[(*rows, source)])
        y[(*rows, feature)] = t.add("bias", total, stored["bias"][(feature,)]) if "bias" in stored else total
    return y


def _mean(t: Tally, seen: list[float], count: int) -> float:
    return t.divide("pool", t.sum("pool", seen), count)


def pool(t: Tally, kind: str, options: Options, x: Values, shape: Shape, out: Shape, module: nn.Module) -> Values:
    g = WindowOptions(options, shape[1:], strides_by_kernel=True)
    stored = parameters_of(module)
    include = options.get("count_include_pad", True)
    least = -FLT_MAX if options.get("ceil_mode") == "caffe" else -math.inf
    y: Values = {}
    for channel, *place in indices(out):
        positions = [position for _, position in _window(g, tuple(place))]
        seen = [x.get((channel, *position), 0.0) for position in positions]
        padded = [x.get((channel, *position), least) for position in positions]
        counted = sum(  # what the mean divides by: a window beyond the padding is cut, for torch
            all(
                (-before if include else 0) <= at < n + (after if include else 0)
                for at, n, (before, after) in zip(position, shape[1:], g.pads, strict=True)
            )
            for position in positions
        )
        match kind:
            case "max":
                value = t.largest("pool", padded)
            case "avg":
                value = _mean(t, seen, counted)
            case "lp":
                p = options["norm_type"]
                value = t.power("pool", t.sum("pool", [t.power("pool", v, p) for v in seen]), 1 / p)
            case "sum":
                value = t.sum("pool", seen)
            case "stochastic":
                squares = t.sum("pool", [t.multiply("pool", v, v) for v in seen])
                value = t.divide("pool", squares, t.sum("pool", seen))
            case "mixed":
                mix = stored["mix"][(0,)]
                rest = 1 - mix
                larger = t.multiply("pool", mix, t.largest("pool", padded))
                value = t.add("pool", larger, t.multiply("pool", rest, _mean(t, seen, counted)))
            case "trainable":
                scaled = t.multiply("pool", t.sum("pool", seen), stored["weight"][(channel,)])
                value = t.add("bias", scaled, stored["bias"][(channel,)])
            case _:
                raise LookupError(kind)
        y[(channel, *place)] = value
    return y


def _bins(size: int, count: int) -> list[range]:
    """The positions of adaptive windows: those that overlap an even cut of the axis into `count` pieces."""
    return [
        range(
            next(i for i in range(size) if (i + 1) * count > unit * size),
            next(i for i in range(size, 0, -1) if (i - 1) * count < (unit + 1) * size),
        )
        for unit in range(count)
    ]


def unpooled(t: Tally, options: Options, x: Values, pooled: Values, out: Shape) -> Values:
    """Every value where the largest of its window stood; places in the padding are compared like any other."""
    g = WindowOptions(options, out[1:], strides_by_kernel=True)
    y = dict.fromkeys(indices(out), 0.0)
    for channel, *place in x:
        window = [(channel, *position) for _, position in _window(g, tuple(place))]
        best = window[0]
        for at in window[1:]:
            one, other = pooled.get(best, -math.inf), pooled.get(at, -math.inf)
            best = at if t.larger("pool", other, one) != one else best
        y[best] = x[(channel, *place)]
    return y


def adaptive(t: Tally, kind: str, x: Values, shape: Shape, targets: list[int]) -> Values:
    bins = [_bins(size, count) for size, count in zip(shape[1:], targets, strict=True)]
    y: Values = {}
    for channel, *place in indices((shape[0], *targets)):
        seen = [x[(channel, *at)] for at in product(*(pieces[i] for pieces, i in zip(bins, place, strict=True)))]
        y[(channel, *place)] = t.largest("pool", seen) if kind == "max" else _mean(t, seen, len(seen))
    return y
