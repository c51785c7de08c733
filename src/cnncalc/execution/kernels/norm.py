"""Normalisation, by stored statistics or by those of the input."""

from math import prod

import numpy as np

from cnncalc.core.counts import Op
from cnncalc.execution.engine.layout import channels_first, channels_last, rows, tiled_row
from cnncalc.execution.engine.scratch import Extents, Scratch
from cnncalc.execution.engine.tally import Array
from cnncalc.execution.engine.task import Fill, Task
from cnncalc.execution.kernels.windows import padded_map, sliding_reduction

ADD, MULTIPLY, DIVIDE, ROOT = Op.NORM_ADD, Op.NORM_MULTIPLY, Op.NORM_DIVIDE, Op.NORM_ROOT
COMPARE = Op.NORM_COMPARE


def batch_norm(task: Task, x: Array) -> Array:
    """Every channel by stored statistics, or by those of the batch."""
    if task.options.track_running_stats:
        return _stored_norm(task, x)
    scale, shift = _per_channel(task, x)
    y = np.empty_like(x)
    _standardise(task, y, x, (0, *range(2, x.ndim)))
    _rescale(task, y, scale, shift)
    return y


def instance_norm(task: Task, x: Array) -> Array:
    """Every channel of every image by stored statistics, or by its own."""
    if task.options.track_running_stats:
        return _stored_norm(task, x)
    return _norm_of_images(task, x, x.shape[1])


def group_norm(task: Task, x: Array) -> Array:
    """Every group of channels of every image by its own statistics."""
    return _norm_of_images(task, x, task.options.num_groups)


def layer_norm(task: Task, x: Array) -> Array:
    """The last axes, for every place on the others."""
    return _norm_of_places(task, x, x.shape[x.ndim - len(task.options.normalized_shape) :])


def rms_norm(task: Task, x: Array) -> Array:
    """Over the root of the mean square of the last axes, for every place on the others."""
    tally, options = task.tally, task.options
    inner = x.shape[x.ndim - len(options.normalized_shape) :]
    axes = tuple(range(x.ndim - len(inner), x.ndim))
    y = tally.each(MULTIPLY, np.square, np.ascontiguousarray(x))
    base = tally.each(DIVIDE, np.divide, tally.reduce(ADD, np.add, y, axes), prod(inner))
    tally.each(ADD, np.add, base, LEAST if options.eps is None else options.eps, out=base)
    factor = tally.each(DIVIDE, np.divide, 1, tally.each(ROOT, np.sqrt, base))
    tally.each(MULTIPLY, np.multiply, x, factor.reshape(*factor.shape, *[1] * len(inner)), out=y)
    if options.elementwise_affine:
        tally.each(MULTIPLY, np.multiply, y, task.weight("weight", *inner), out=y)
    return y


LEAST = float(np.finfo(np.float32).eps)
"""The epsilon where none is given."""


def normalize(task: Task, x: Array) -> Array:
    """Over the norm along an axis."""
    tally, dim = task.tally, task.options.dim
    axis = dim + 1 if dim >= 0 else dim
    y = tally.each(MULTIPLY, np.square, np.ascontiguousarray(x))
    length = tally.each(ROOT, np.sqrt, tally.reduce(ADD, np.add, y, axis))
    tally.each(COMPARE, np.maximum, length, task.options.eps, out=length)
    return tally.each(DIVIDE, np.divide, x, np.expand_dims(length, axis), out=y)


def axis_scratch(e: Extents) -> Scratch:
    """The input in order, and a few values for each place."""
    (x,), o = e.inputs, e.options
    together = prod(o.normalized_shape) if e.type == "rms_norm" else e.output[o.dim + 1 if o.dim >= 0 else o.dim]
    copied = 0 if x.is_in_order(tuple(range(len(x.shape)))) else x.nbytes
    return Scratch(copied + 3 * e.output_bytes // together)


def layer_norm2d(task: Task, x: Array) -> Array:
    """The channels, for every place of the map."""
    return channels_first(_norm_of_places(task, channels_last(x), x.shape[1:2]))


def local_response_norm(task: Task, x: Array) -> Array:
    """Every value over a power of the sum of squares of its neighbours, along the channels."""
    tally, size, channels = task.tally, task.options.size, x.shape[1]
    share = task.options.alpha / size
    last = channels_last(x)
    y = np.empty_like(last)
    sources, targets = last.reshape(-1, channels), y.reshape(-1, channels)

    def fill(part: slice) -> None:
        values = sources[part]
        squares = tally.each(MULTIPLY, np.multiply, values, values)
        base = _neighbour_sums(task, squares, size)
        tally.each(MULTIPLY, np.multiply, base, share, out=base)
        tally.each(ADD, np.add, base, task.options.k, out=base)
        tally.each(ROOT, np.power, base, task.options.beta, out=base)
        tally.each(DIVIDE, np.divide, values, base, out=targets[part])

    task.map_blocks(sources, fill)
    return channels_first(y)


MANY_NEIGHBOURS = 32
"""Neighbours from which their sums are computed by `sliding_reduction`."""


def _neighbour_sums(task: Task, values: Array, size: int) -> Array:
    """For every channel of some rows, the sum over `size` channels around it, zero-padded."""
    channels = values.shape[1]
    if size > MANY_NEIGHBOURS:
        before, after = (min(reach, channels) for reach in (size // 2, (size - 1) // 2))
        task.tally.record(ADD, values.size * (size - 1))
        around = padded_map(values[..., None], [(before, after)])[..., 0]
        return sliding_reduction(np.add, around, 1, before + 1 + after, 1)
    around = padded_map(values[..., None], [(size // 2, (size - 1) // 2)])[..., 0]
    neighbours = [around[:, first : first + channels] for first in range(size)]
    base = neighbours[0].copy()
    for neighbour in neighbours[1:]:
        task.tally.each(ADD, np.add, base, neighbour, out=base)
    return base


def l2_norm(task: Task, x: Array) -> Array:
    """Every position over its norm along the channels, times a learned scale per channel."""
    tally = task.tally
    scale = task.weight("", x.shape[1]) if task.options.affine else None
    last = channels_last(x)
    y = np.empty_like(last)
    sources, targets = last.reshape(-1, x.shape[1]), y.reshape(-1, x.shape[1])

    def fill(part: slice) -> None:
        values, target = sources[part], targets[part]
        tally.each(MULTIPLY, np.multiply, values, values, out=target)
        length = tally.each(ROOT, np.sqrt, tally.reduce(ADD, np.add, target, 1)[:, None])
        tally.each(COMPARE, np.maximum, length, task.options.eps, out=length)
        tally.each(DIVIDE, np.divide, values, length, out=target)
        if scale is not None:
            tally.each(MULTIPLY, np.multiply, target, scale, out=target)

    task.map_blocks(sources, fill)
    return channels_first(y)


def layer_scale(task: Task, x: Array) -> Array:
    """A learned scale per channel."""
    scale = task.weight("", x.shape[1], *[1] * (x.ndim - 2)).reshape(-1)
    return _channel_by_channel(task, x, [(Op.ELEMENTWISE_MULTIPLY, np.multiply, scale)])


def affine(task: Task, x: Array) -> Array:
    """A learned scale per channel, and a learned shift."""
    steps: list[ChannelStep] = []
    if task.options.scale:
        steps.append((Op.ELEMENTWISE_MULTIPLY, np.multiply, task.weight("weight", x.shape[1])))
    if task.options.bias:
        steps.append((Op.ELEMENTWISE_ADD, np.add, task.weight("bias", x.shape[1])))
    return _channel_by_channel(task, x, steps)


def normalization(task: Task, x: Array) -> Array:
    """Every channel by the mean and the deviation of a data set; the count of its images is kept, but not needed."""
    mean, variance = task.statistic("mean", x.shape[1]), task.statistic("variance", x.shape[1])
    task.statistic("count", 1)
    deviation = np.maximum(np.sqrt(variance), LEAST_DEVIATION)
    return _channel_by_channel(task, x, [(ADD, np.subtract, mean), (DIVIDE, np.divide, deviation)])


LEAST_DEVIATION = 1e-7
"""Keras's epsilon: a channel that never changes is not divided by zero."""

ChannelStep = tuple[Op, np.ufunc, Array]
"""An operation on every value, with one number per channel."""


def _channel_by_channel(task: Task, x: Array, steps: list[ChannelStep]) -> Array:
    """The steps, one after the other, at every position."""
    last = channels_last(x)
    y = np.empty_like(last)
    sources, targets = last.reshape(-1, x.shape[1]), y.reshape(-1, x.shape[1])

    def fill(part: slice) -> None:
        values = sources[part]
        for op, function, numbers in steps:
            values = task.tally.each(op, function, values, numbers, out=targets[part])

    task.map_blocks(sources, fill)
    return channels_first(y)


def rescaling(task: Task, x: Array) -> Array:
    """One factor for all values, and a number added to the product."""
    scale, offset = task.options.scale, task.options.offset

    def fill(y: Array, part: Array) -> None:
        task.tally.each(Op.ELEMENTWISE_MULTIPLY, np.multiply, part, scale, out=y)
        if offset:
            task.tally.each(Op.ELEMENTWISE_ADD, np.add, y, offset, out=y)

    return task.map_values(fill, x)


def _norm_of_places(task: Task, x: Array, inner: tuple[int, ...]) -> Array:
    """The last axes, `inner`, by their own statistics, for every place on the others."""
    affine = task.options.elementwise_affine
    scale = task.weight("weight", *inner) if affine else None
    shift = task.weight("bias", *inner) if affine and task.options.bias else None
    source = x.reshape(-1, *inner)
    y = np.empty_like(source)

    def fill(part: slice) -> None:
        _standardise(task, y[part], source[part], tuple(range(1, source.ndim)))
        _rescale(task, y[part], scale, shift)

    task.map_blocks(source, fill)
    return y.reshape(x.shape)


def _per_channel(task: Task, x: Array) -> tuple[Array | None, Array | None]:
    """Learned scale and shift of every channel, broadcast to (N, C, *spatial)."""
    along = (x.shape[1], *[1] * (x.ndim - 2))
    scale, shift = _learned(task, x.shape[1])
    return None if scale is None else scale.reshape(along), None if shift is None else shift.reshape(along)


def _learned(task: Task, channels: int) -> tuple[Array | None, Array | None]:
    """Learned scale and shift of every channel, each None if it is not learned."""
    options = task.options
    scaled, shifted = (options.affine and getattr(options, name, True) for name in ("scale", "center"))
    return task.weight("weight", channels) if scaled else None, task.weight("bias", channels) if shifted else None


def _stored_norm(task: Task, x: Array) -> Array:
    """(x − mean) / √(variance + eps) · weight + bias, as one scale and one shift."""
    last = channels_last(x)
    y = np.empty_like(last)
    sources, targets = rows(last), rows(y)
    fill = fused_stored_norm(task, sources, x.shape[1])
    epilogue = task.epilogue(y)

    def block(part: slice) -> None:
        fill(targets[part], sources[part])
        epilogue(targets[part])

    task.map_blocks(sources, block)
    return channels_first(y)


def fused_stored_norm(task: Task, lines: Array, channels: int) -> Fill:
    """The fused form of `_stored_norm`, for rows of positions with their channels last."""
    mean, variance = task.statistic("running_mean", channels), task.statistic("running_var", channels)
    learned_scale, learned_shift = _learned(task, channels)
    scale = 1 / np.sqrt(variance.astype(np.float64) + task.options.eps)
    if learned_scale is not None:
        scale *= learned_scale
    shift = mean * -scale
    if learned_shift is not None:
        shift += learned_shift
    # repeated along a row, so that NumPy has one inner loop
    factors, terms = (tiled_row(each.astype(lines.dtype), lines.shape[1] // channels) for each in (scale, shift))

    def fill(y: Array, part: Array) -> None:
        task.tally.each(MULTIPLY, np.multiply, part, factors, out=y)
        task.tally.each(ADD, np.add, y, terms, out=y)

    return fill


def _norm_of_images(task: Task, x: Array, groups: int) -> Array:
    """Groups of channels of every image, each by its own mean and variance over the map."""
    scale, shift = _per_channel(task, x)
    grouped = (groups, x.shape[1] // groups, *x.shape[2:])
    y = np.empty_like(x)

    def fill(part: slice) -> None:
        source, target = x[part], y[part]
        _standardise(
            task, target.reshape(-1, *grouped), source.reshape(-1, *grouped), tuple(range(2, len(grouped) + 1))
        )
        _rescale(task, target, scale, shift)

    task.map_blocks(x, fill)
    return y


def _standardise(task: Task, y: Array, x: Array, axes: tuple[int, ...]) -> None:
    """Fill y with x, normalised to mean 0 and variance 1 over some axes.

    Differences from the mean are computed twice, because storing them would take another map.
    """
    tally = task.tally

    def mean(values: Array) -> Array:
        total = np.expand_dims(tally.reduce(ADD, np.add, values, axes), axes)
        return tally.each(DIVIDE, np.divide, total, values.size // total.size)

    centre = mean(x)
    tally.each(ADD, np.subtract, x, centre, out=y)
    tally.each(MULTIPLY, np.multiply, y, y, out=y)
    deviation = tally.each(ROOT, np.sqrt, tally.each(ADD, np.add, mean(y), task.options.eps))
    reciprocal = tally.each(DIVIDE, np.divide, 1, deviation)
    tally.each(ADD, np.subtract, x, centre, out=y)
    tally.each(MULTIPLY, np.multiply, y, reciprocal, out=y)


def _rescale(task: Task, y: Array, scale: Array | None, shift: Array | None) -> None:
    """Multiply by a learned scale and add a learned shift, in place."""
    if scale is not None:
        task.tally.each(MULTIPLY, np.multiply, y, scale, out=y)
    if shift is not None:
        task.tally.each(ADD, np.add, y, shift, out=y)
