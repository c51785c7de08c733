"""Layers computed one scalar at a time, in plain Python, tallying every operation that is really carried out.

Nothing here reads cnncalc. Layers with a `formula` in their case file are computed by it, the others by the code below.
The values are compared with torch's, so that what is tallied is the layer and not something cheaper; loops run over the
extents that torch's output has. A window reads all its taps, those in the padding too. Operations on constants that do
not depend on the input (1 − a, alpha / size, a batch norm's scale) come before.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import product

import torch
from torch import Tensor, nn

from tests.support.counted import Formula
from tests.support.scalar_attention import attention
from tests.support.scalar_recurrent import conv_lstm, recurrent, recurrent_cell
from tests.support.scalar_tally import Index, Tally, Values, indices, parameters_of, values_of
from tests.support.scalar_windows import (
    adaptive,
    conv_transpose,
    convolution,
    linear,
    locally_connected,
    pool,
    unpooled,
)
from tests.support.torch_layers import Options, Shape, per_axis

# Normalisation


def _standardised(t: Tally, values: list[float], eps: float) -> list[float]:
    mean = t.divide("norm", t.sum("norm", values), len(values))
    squares = []
    for value in values:
        difference = t.less("norm", value, mean)
        squares.append(t.multiply("norm", difference, difference))
    variance = t.divide("norm", t.sum("norm", squares), len(values))
    reciprocal = t.divide("norm", 1.0, t.root(t.add("norm", variance, eps)))
    return [t.multiply("norm", t.less("norm", value, mean), reciprocal) for value in values]


def _normalised(t: Tally, type_name: str, options: Options, x: Values, shape: Shape, module: nn.Module) -> Values:
    stored = parameters_of(module)
    eps = options.get("eps", 1e-5)
    named = per_axis(options.get("normalized_shape", ()), 1) if type_name == "layer_norm" else []

    def learned(at: Index) -> Index:
        return at[len(shape) - len(named) :] if named else at[:1]

    if "running_mean" in stored:  # one scale and one shift, known before the input is
        weight, bias, y = stored.get("weight"), stored.get("bias"), {}
        for at, value in x.items():
            scale = (weight[at[:1]] if weight else 1.0) / math.sqrt(stored["running_var"][at[:1]] + eps)
            shift = (bias[at[:1]] if bias else 0.0) - stored["running_mean"][at[:1]] * scale
            y[at] = t.add("norm", t.multiply("norm", value, scale), shift)
        return y
    sets: dict[Index, list[Index]] = {}
    for at in x:
        if named:
            key = at[: len(shape) - len(named)]
        elif type_name == "layer_norm2d":
            key = at[1:]
        elif type_name == "group_norm":
            key = (at[0] // (shape[0] // options["num_groups"]),)
        else:
            key = at[:1]
        sets.setdefault(key, []).append(at)
    y = {}
    for places in sets.values():
        y.update(zip(places, _standardised(t, [x[at] for at in places], eps), strict=True))
    if "weight" in stored:
        y = {at: t.multiply("norm", value, stored["weight"][learned(at)]) for at, value in y.items()}
    if "bias" in stored:
        y = {at: t.add("norm", value, stored["bias"][learned(at)]) for at, value in y.items()}
    return y


def _local_response(t: Tally, options: Options, x: Values) -> Values:
    size, k, beta = options["size"], options.get("k", 1.0), options.get("beta", 0.75)
    share = options.get("alpha", 1e-4) / size
    squares = {at: t.multiply("norm", value, value) for at, value in x.items()}
    y: Values = {}
    for (channel, *place), value in x.items():
        first = channel - size // 2
        near = [squares.get((source, *place), 0.0) for source in range(first, first + size)]
        base = t.add("norm", k, t.multiply("norm", share, t.sum("norm", near)))
        y[(channel, *place)] = t.divide("norm", value, t.root(base, beta))
    return y


def _divided_along(t: Tally, type_name: str, options: Options, x: Values, shape: Shape, module: nn.Module) -> Values:
    """Values over their norm along an axis, or over the root of the mean square of the last axes."""
    named = per_axis(options.get("normalized_shape", ()), 1)
    axes = range(len(shape) - len(named), len(shape)) if named else (options.get("dim", 0) % len(shape),)
    sets: dict[Index, list[Index]] = {}
    for at in x:
        sets.setdefault(tuple(place for axis, place in enumerate(at) if axis not in axes), []).append(at)
    scale, y = parameters_of(module).get("weight"), {}
    for places in sets.values():
        squares = t.sum("norm", [t.multiply("norm", x[at], x[at]) for at in places])
        if type_name == "normalize":
            length = t.larger("norm", t.root(squares), options.get("eps", 1e-12))
            y.update({at: t.divide("norm", x[at], length) for at in places})
            continue
        mean = t.add("norm", t.divide("norm", squares, len(places)), options.get("eps") or 2.0**-52)
        factor = t.divide("norm", 1.0, t.root(mean))
        for at in places:
            y[at] = t.multiply("norm", x[at], factor)
            if scale is not None:
                y[at] = t.multiply("norm", y[at], scale[at[len(shape) - len(named) :]])
    return y


def _matrix_product(t: Tally, x: Values, other: Values, out: Shape) -> Values:
    """Sums of products of a row and a column, for every index before them."""
    ends, others = max(x), max(other)
    y: Values = {}
    for *before, row, column in indices(out):
        here = [min(place, last) for place, last in zip(before, ends, strict=False)]
        there = [min(place, last) for place, last in zip(before, others, strict=False)]
        total = 0.0
        for along in range(ends[-1] + 1):
            total = t.multiply_add(total, x[(*here, row, along)], other[(*there, along, column)])
        y[(*before, row, column)] = total
    return y


def _over_the_norm(t: Tally, options: Options, x: Values, shape: Shape, module: nn.Module) -> Values:
    """Every position by the norm along its channels."""
    scale = parameters_of(module).get("")
    y: Values = {}
    for place in indices(shape[1:]):
        along = [(channel, *place) for channel in range(shape[0])]
        length = t.root(t.sum("norm", [t.multiply("norm", x[at], x[at]) for at in along]))
        length = t.larger("norm", length, options.get("eps", 1e-12))
        for at in along:
            y[at] = t.divide("norm", x[at], length)
            if scale is not None:
                y[at] = t.multiply("norm", y[at], scale[at[:1]])
    return y


def _affine(t: Tally, x: Values, stored: Mapping[str, Values]) -> Values:
    """A number per channel that multiplies, and one that is added."""
    if "weight" in stored:
        x = {at: t.multiply("elementwise", value, stored["weight"][at[:1]]) for at, value in x.items()}
    if "bias" in stored:
        x = {at: t.add("elementwise", value, stored["bias"][at[:1]]) for at, value in x.items()}
    return x


def _by_statistics(t: Tally, x: Values, stored: Mapping[str, Values]) -> Values:
    """Every channel by a stored mean and deviation."""
    return {
        at: t.divide("norm", t.less("norm", value, stored["mean"][at[:1]]), math.sqrt(stored["variance"][at[:1]]))
        for at, value in x.items()
    }


# Regions


def _aligned(t: Tally, options: Options, maps: list[Tensor], out: Shape) -> Values:
    """Means of points between four pixels; regions are half of a map, at places that depend on their number alone."""
    ratio = options.get("sampling_ratio", 2)
    y: Values = {}
    for region, channel, *place in indices(out):
        x = maps[region % len(maps)]
        values = values_of(x[channel])

        def corners(axis: int, point: int, size: int, region: int = region) -> list[tuple[int, float]]:
            length = max(size / 2, 1.0)
            start = region * ((34, 12)[axis] / (55, 29)[axis]) % 1.0 * (size - length)
            at = start + (point + 0.5) * length / (out[2 + axis] * ratio)
            low = min(int(at), size - 1)
            return [(low, 1 - (at - low)), (min(low + 1, size - 1), at - low)]

        points = []
        for tap in product(range(ratio), repeat=2):
            near = product(*(corners(a, place[a] * ratio + tap[a], x.shape[1 + a]) for a in (0, 1)))
            weighted = [t.multiply("interpolation", u * v, values[(i, j)]) for (i, u), (j, v) in near]
            points.append(t.sum("interpolation", weighted))
        y[(region, channel, *place)] = t.divide("pool", t.sum("pool", points), ratio * ratio)
    return y


def _region_pooled(t: Tally, x: Values, shape: Shape, out: Shape) -> Values:
    """Regions that are the whole map, one after the other."""
    y: Values = {}
    for region in range(out[0]):
        y.update(((region, *at), value) for at, value in adaptive(t, "max", x, shape, list(out[2:])).items())
    return y


# One value at a time


def _sloping(t: Tally, x: Values, module: nn.Module) -> Values:
    """A slope for negative values that is learned: one, or one for each channel."""
    slopes, y = parameters_of(module)["weight"], {}
    for at, value in x.items():
        sloping = t.multiply("activation", slopes[(at[0] if len(slopes) > 1 else 0,)], value)
        y[at] = t.positive("activation", value, sloping)
    return y


def _gated(t: Tally, options: Options, x: Values, out: Shape) -> Values:
    """The first half of an axis, each value times the sigmoid of the one in the second half."""
    axis, y = options.get("dim", 0) % len(out), {}
    for at in indices(out):
        gate = x[(*at[:axis], at[axis] + out[axis], *at[axis + 1 :])]
        share = t.divide("activation", 1.0, t.add("activation", 1.0, t.special("exponential", -gate)))
        y[at] = t.multiply("activation", x[at], share)
    return y


def _reduced(t: Tally, options: Options, x: Values, shape: Shape) -> Values:
    """One value of all along some axes."""
    axes = {dim % len(shape) for dim in per_axis(options["dim"], 1)}
    sets: dict[Index, list[float]] = {}
    for at, value in x.items():
        places = [0 if axis in axes else place for axis, place in enumerate(at)]
        key = places if options.get("keepdim") else [place for axis, place in enumerate(places) if axis not in axes]
        sets.setdefault(tuple(key), []).append(value)

    def squares(values: list[float]) -> float:
        return t.sum("pool", [t.multiply("pool", value, value) for value in values])

    y: Values = {}
    for at, values in sets.items():
        if options["operation"] == "max":
            y[at] = t.largest("pool", values)
        elif options["operation"] == "norm":
            y[at] = t.power("pool", squares(values), 0.5)
        elif options["operation"] == "var":
            mean = t.divide("pool", t.sum("pool", values), len(values))
            spread = [t.less("pool", value, mean) for value in values]
            y[at] = t.divide("pool", squares(spread), len(values) - options.get("correction", 1))
        else:
            y[at] = t.sum("pool", values)
            if options["operation"] == "mean":
                y[at] = t.divide("pool", y[at], len(values))
    return y


def _folded(t: Tally, options: Options, x: Values, out: Shape) -> Values:
    """Columns added up to a map, which begins with zeros; what falls into the padding is added there."""
    kernel, step, apart, pad = (
        per_axis(options.get(name, default), 2)
        for name, default in (("kernel_size", 1), ("stride", 1), ("dilation", 1), ("padding", 0))
    )
    down, across = (
        (n + 2 * p - d * (k - 1) - 1) // s + 1 for n, p, d, k, s in zip(out[1:], pad, apart, kernel, step, strict=True)
    )
    sums: Values = {}
    for channel, i, j, row, column in indices((out[0], *kernel, down, across)):
        value = x[((channel * kernel[0] + i) * kernel[1] + j, row * across + column)]
        at = (channel, row * step[0] + i * apart[0] - pad[0], column * step[1] + j * apart[1] - pad[1])
        sums[at] = t.add("elementwise", sums.get(at, 0.0), value)
    return {at: sums.get(at, 0.0) for at in indices(out)}


def _upsampled(t: Tally, options: Options, x: Values, shape: Shape, out: Shape) -> Values:
    """Weighted sums of the corners around every place; the weights depend on the sizes alone."""
    factors = per_axis(options.get("scale_factor"), len(shape) - 1)

    def corners(axis: int, unit: int) -> list[tuple[int, float]]:
        n, m = shape[axis + 1], out[axis + 1]
        if options.get("align_corners"):
            at = unit * (n - 1) / (m - 1) if m > 1 else 0.0
        else:
            at = max((unit + 0.5) * (n / m if factors[axis] is None else 1 / factors[axis]) - 0.5, 0.0)
        low = min(int(at), n - 1)
        return [(low, 1 - (at - low)), (min(low + 1, n - 1), at - low)]

    y: Values = {}
    for channel, *place in indices(out):
        near = product(*(corners(axis, unit) for axis, unit in enumerate(place)))
        y[(channel, *place)] = t.sum(
            "interpolation",
            [
                t.multiply("interpolation", math.prod(w for _, w in corner), x[(channel, *(i for i, _ in corner))])
                for corner in near
            ],
        )
    return y


def scalar_count(
    type_name: str,
    options: Options,
    module: nn.Module,
    inputs: list[Tensor],
    output: Tensor,
    formula: Formula | None = None,
) -> tuple[Tensor, Tally]:
    """The layer's values for one image, computed one scalar at a time, and the operations that this took.

    `inputs` and `output` (for the extents of its axes alone) are without a batch axis and in double precision.
    """
    t = Tally()
    shape, out = tuple(inputs[0].shape), tuple(output.shape)
    x = values_of(inputs[0])
    axes = len(shape) - 1
    family = type_name.removesuffix(f"{axes}d")
    y: Values
    if formula is not None:
        y = formula.values(t, module, [values_of(value) for value in inputs])
    elif type_name in ("normalize", "rms_norm"):
        y = _divided_along(t, type_name, options, x, shape, module)
    elif type_name == "matmul":
        y = _matrix_product(t, x, values_of(inputs[1]), out)
    elif type_name == "fold":
        y = _folded(t, options, x, out)
    elif type_name == "reduce":
        y = _reduced(t, options, x, shape)
    elif type_name == "glu":
        y = _gated(t, options, x, out)
    elif type_name == "prelu":
        y = _sloping(t, x, module)
    elif family in ("conv", "conv_transpose", "locally_connected", "linear"):
        rule = {
            "conv": convolution,
            "conv_transpose": conv_transpose,
            "locally_connected": locally_connected,
            "linear": linear,
        }[family]
        y = rule(t, options, x, shape, out, module)
    elif type_name.endswith("_attention") or type_name == "position_embedding":
        y = attention(t, type_name, options, [values_of(value) for value in inputs], shape, parameters_of(module))
    elif type_name in ("rnn", "lstm", "gru"):
        y = recurrent(t, type_name, options, x, shape, parameters_of(module))
    elif type_name == "conv_lstm2d":
        y = conv_lstm(t, options, x, shape, out, module)
    elif type_name.endswith("_cell"):
        y = recurrent_cell(t, type_name, options, [values_of(value) for value in inputs], parameters_of(module))
    elif type_name == "local_response_norm":
        y = _local_response(t, options, x)
    elif type_name == "roi_align":
        y = _aligned(t, options, inputs, out)
    elif type_name == "roi_pool":
        y = _region_pooled(t, x, shape, out)
    elif type_name == "l2_norm":
        y = _over_the_norm(t, options, x, shape, module)
    elif type_name == "layer_scale":
        scale = parameters_of(module)[""]
        y = {at: t.multiply("elementwise", value, scale[(at[0], *[0] * axes)]) for at, value in x.items()}
    elif type_name == "affine":
        y = _affine(t, x, parameters_of(module))
    elif type_name == "rescaling":
        y = {at: t.multiply("elementwise", options["scale"], value) for at, value in x.items()}
        if options.get("offset"):
            y = {at: t.add("elementwise", options["offset"], value) for at, value in y.items()}
    elif type_name == "normalization":
        y = _by_statistics(t, x, parameters_of(module))
    elif "_norm" in type_name:
        y = _normalised(t, type_name, options, x, shape, module)
    elif type_name == "upsample" and options.get("mode", "nearest") != "nearest":
        y = _upsampled(t, options, x, shape, out)
    elif type_name == "max_unpool2d":
        y = unpooled(t, options, x, values_of(inputs[1]), out)
    elif type_name == "spatial_pyramid_pool2d":
        kind = options.get("mode", "max")
        levels = [adaptive(t, kind, x, shape, [level] * 2) for level in options["levels"]]
        y = {(i,): value for i, value in enumerate(value for level in levels for value in level.values())}
    elif family.startswith("adaptive"):
        targets = [m or n for n, m in zip(shape[1:], per_axis(options["output_size"], axes), strict=True)]
        y = adaptive(t, family.split("_")[1], x, shape, targets)
    elif family.startswith("global"):
        pooled = adaptive(t, family.split("_")[1], x, shape, [1] * axes)
        y = {at[: len(out)]: value for at, value in pooled.items()}
    elif family.endswith("_pool"):
        y = pool(t, family.removesuffix("_pool"), options, x, shape, out, module)
    elif type_name == "opaque":  # as many as it states
        for _ in range(options.get("macs", 0)):
            t.multiply_add(0.0, 0.0, 0.0)
        y = values_of(output)
    else:  # values are moved, not computed
        y = values_of(output)
    assert set(y) == set(indices(out))
    return torch.tensor([y[at] for at in indices(out)], dtype=torch.float64).reshape(out), t
