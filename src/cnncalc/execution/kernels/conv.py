"""Convolution: the windows of a block of positions as a matrix (im2col), multiplied by the kernels."""

from collections.abc import Iterator, Sequence
from math import prod

import numpy as np

from cnncalc.core.counts import Op
from cnncalc.execution.engine.layout import channels_first, positions_per_run, tiled_row, with_channels_last
from cnncalc.execution.engine.scratch import VALUE_BYTES, Extents, Scratch, padded_bytes
from cnncalc.execution.engine.tally import Array
from cnncalc.execution.engine.task import PRODUCT, Epilogue, Task
from cnncalc.execution.kernels.windows import Geometry, padded_map

LEAST_BYTES, LEAST_POSITIONS = 1 << 20, 512
"""Bytes of windows and outputs, and positions, that a block should have: BLAS packs the kernels anew for each block,
which takes longer than the cache saves with fewer positions."""

SMALL_MAP = 1024
"""Positions below which a map is not cut into blocks."""

MOST_BYTES = 1 << 24
"""Bytes of windows that are laid out at once: a product with a large kernel is computed in parts."""

SMALL_KERNEL = 256
"""Taps up to which a depthwise kernel is repeated for several neighbours."""

FEW_POSITIONS = 64
"""Positions per thread below which the kernels outweigh the map, so that threads split the kernels instead."""


def convolution(task: Task, x: Array) -> Array:
    """Every window of a map multiplied by every kernel."""
    o = task.options
    geometry = Geometry(o, x.shape[2:])
    windows = geometry.windows(padded_map(with_channels_last(x), geometry.margins))  # (N, *positions, *kernel, C)
    y = np.empty((*windows.shape[: len(o.kernel_size) + 1], o.out_channels), x.dtype)
    bias = task.weight("bias", o.out_channels) if o.bias else None
    if o.connections is not None:
        _table_convolution(task, windows, bias, y)
        task.apply_fused(y)
    elif 1 < o.groups == x.shape[1] == o.out_channels:
        _depthwise_convolution(task, windows, bias, y)
    else:
        _grouped_convolution(task, windows, bias, y)
    return channels_first(y)


STEADY = 1e-6
"""Added to the variance of weights: the epsilon of timm's StdConv2d."""


def _filters(task: Task, outputs: int, inputs: int) -> Array:
    """The weights; standardized, if so wanted: no input takes part in that, and nothing is counted."""
    weight = task.weight("weight", outputs, inputs, *task.options.kernel_size)
    if not task.options.standardized:
        return weight
    each = tuple(range(1, weight.ndim))
    spread = np.sqrt(weight.var(each, keepdims=True) + STEADY)
    standardized: Array = (weight - weight.mean(each, keepdims=True)) / spread
    return standardized


def _grouped_convolution(task: Task, windows: Array, bias: Array | None, y: Array) -> None:
    """Each group of kernels over its own input channels; an ordinary convolution has one group."""
    groups = task.options.groups
    inputs, outputs = _parts(windows, groups), _parts(y, groups)
    weight = _filters(task, y.shape[-1], inputs[0].shape[-1])
    matrix = weight.transpose(*range(2, weight.ndim), 1, 0).reshape(-1, y.shape[-1])
    biases = [None] * groups if bias is None else _parts(bias, groups)
    for each in zip(inputs, _parts(matrix, groups), biases, outputs, strict=True):
        _products(task, *each, task.epilogue(y) if groups == 1 else _no_epilogue)
    if groups > 1:  # the outputs of a group are not contiguous
        task.apply_fused(y)


def _no_epilogue(part: Array) -> None:
    """No fused layers: they are applied to all groups at once."""


def _parts(x: Array, groups: int) -> list[Array]:
    """The last axis cut into equal parts."""
    return [x] if groups == 1 else np.split(x, groups, axis=-1)


def _products(task: Task, windows: Array, matrix: Array, bias: Array | None, y: Array, epilogue: Epilogue) -> None:
    """The product of windows, (N, *positions, *kernel, C), with a matrix, (*kernel · C, C_out), block by block."""
    axes = y.ndim - 2
    for rows, outputs in _maps(windows, y):
        lines = outputs.reshape(-1, outputs.shape[-1], copy=False)
        kernel = rows.ndim - axes - 1  # the first axis of the kernel
        if len(lines) < FEW_POSITIONS * task.workers.threads:
            for number, (taps, kernels) in enumerate(_pieces(rows, matrix, kernel)):
                patches = taps.reshape(len(lines), -1)

                def columns(
                    part: slice,
                    patches: Array = patches,
                    kernels: Array = kernels,
                    out: Array = lines,
                    more: bool = number > 0,
                ) -> None:
                    _multiply(task, patches, kernels[:, part], out[:, part], more)

                task.map_columns(kernels, columns)
            _add_bias(task, lines, bias)
            epilogue(lines)
            continue
        width = len(lines) // len(rows)

        def block(
            part: slice, rows: Array = rows, lines: Array = lines, width: int = width, kernel: int = kernel
        ) -> None:
            out = lines[part.start * width : part.stop * width]
            for number, (taps, kernels) in enumerate(_pieces(rows[part], matrix, kernel)):
                _multiply(task, taps.reshape(len(out), -1), kernels, out, number > 0)
            _add_bias(task, out, bias)
            epilogue(out)

        row_bytes = rows[0].nbytes + outputs[0].nbytes
        task.workers.map_blocks(
            len(rows), row_bytes, block, max(LEAST_BYTES, LEAST_POSITIONS * row_bytes // width), PRODUCT
        )


def _pieces(windows: Array, matrix: Array, axis: int) -> Iterator[tuple[Array, Array]]:
    """Windows with their matrix, cut along this axis and the next ones where they are too large."""
    if windows.nbytes <= MOST_BYTES or axis == windows.ndim:
        yield windows, matrix
        return
    size = windows.shape[axis]
    step, rows = max(1, MOST_BYTES * size // windows.nbytes), len(matrix) // size
    for first in range(0, size, step):
        part = windows[(slice(None),) * axis + (slice(first, first + step),)]
        yield from _pieces(part, matrix[first * rows : (first + step) * rows], axis + 1)


def _multiply(task: Task, patches: Array, matrix: Array, out: Array, more: bool) -> None:
    """A matrix product, written to `out` or, with `more`, added to it."""
    if more:
        out += task.tally.matmul(patches, matrix)  # the add of these multiply-adds
    else:
        task.tally.matmul(patches, matrix, out=out)


def _add_bias(task: Task, out: Array, bias: Array | None) -> None:
    if bias is not None:
        task.tally.each(Op.BIAS_ADD, np.add, out, bias, out=out)


def _maps(windows: Array, y: Array) -> Iterator[tuple[Array, Array]]:
    """Windows and outputs that can be cut into blocks along the first axis.

    Small maps of a batch are cut between images; else an image, or a slice of a volume, between its rows; and a row
    whose windows are too large for a block, between its positions.
    """
    if len(y) > 1 and y[0].size // y.shape[-1] < SMALL_MAP:
        yield windows, y
        return
    axes = y.ndim - 2
    outer = max(1, axes - 1)
    if axes > 1 and windows[(0,) * (outer + 1)].nbytes > MOST_BYTES:
        outer += 1
    for index in np.ndindex(*y.shape[:outer]):
        yield windows[index], y[index]


def _depthwise_convolution(task: Task, windows: Array, bias: Array | None, y: Array) -> None:
    """One kernel for every channel: a sum over taps of whole rows, for which a matrix product would be slow."""
    axes = y.ndim - 2
    weight = _filters(task, y.shape[-1], 1)
    taps = np.ascontiguousarray(weight[:, 0].transpose(*range(1, axes + 1), 0))  # (*kernel, C)
    order = (*range(axes), *range(axes + 1, 2 * axes + 1), axes, 2 * axes + 1)
    sources = windows.transpose(order)  # the last spatial axis beside C
    outputs = y
    if (
        sources.strides[-2] == sources.strides[-1] * sources.shape[-1]
    ):  # neighbours are contiguous, and form longer rows
        run = positions_per_run(*y.shape[-2:]) if weight[0].size <= SMALL_KERNEL else 1
        sources, outputs = (
            each.reshape(*each.shape[:-2], -1, run * each.shape[-1], copy=False) for each in (sources, y)
        )
        taps = tiled_row(taps, run)
        bias = None if bias is None else tiled_row(bias, run)
    kernel = "klm"[:axes]
    places = "nabd"[:axes]
    subscripts = f"{places}{kernel}wx,{kernel}x->{places}wx"
    epilogue = task.epilogue(y)

    def block(part: slice) -> None:
        out = outputs[:, part] if axes > 1 else outputs
        task.tally.contract(subscripts, sources[:, part] if axes > 1 else sources, taps, out=out)
        if bias is not None:
            task.tally.each(Op.BIAS_ADD, np.add, out, bias, out=out)
        for image in out:
            epilogue(image)

    if axes > 1:
        task.workers.map_blocks(y.shape[1], y[:, 0].nbytes, block, effort=weight[0].size)
    else:
        block(slice(None))


def _table_convolution(task: Task, windows: Array, bias: Array | None, y: Array) -> None:
    """Each kernel over the input maps in its row of a connection table."""
    table = task.options.connections
    weight = task.weight("weight", sum(map(len, table)), *task.options.kernel_size)
    first = 0
    for channel, maps in enumerate(table):
        kernel = np.moveaxis(weight[first : first + len(maps)], 0, -1).reshape(-1, 1)
        first += len(maps)
        for image, outputs in zip(windows, y[..., channel], strict=True):

            def block(
                part: slice,
                image: Array = image,
                outputs: Array = outputs,
                kernel: Array = kernel,
                maps: Sequence[int] = maps,
            ) -> None:
                patches = image[part][..., list(maps)].reshape(-1, len(kernel))
                task.tally.matmul(patches, kernel, out=outputs[part].reshape(-1, 1, copy=False))

            task.map_blocks(image, block)
    _add_bias(task, y, bias)


def convolution_scratch(e: Extents) -> Scratch:
    """A padded map, and the windows of a block for each thread."""
    (x,), o = e.inputs, e.options
    geometry = Geometry(o, x.shape[2:])
    positions, features = prod(e.output[2:]), prod(o.kernel_size) * (x.shape[1] // o.groups)
    windows = VALUE_BYTES * positions * e.output[0] * features
    if features == x.shape[1] and set(geometry.stride) == {1}:  # the map itself is the matrix
        windows = 0
    padding = padded_bytes(x, geometry.margins)
    if e.output[0] * positions < FEW_POSITIONS:  # laid out once, for all threads
        return Scratch(padding + min(windows, MOST_BYTES), e.row_bytes())
    at_once = max(LEAST_BYTES, LEAST_POSITIONS * VALUE_BYTES * (features + e.output[1]))
    return Scratch(padding, min(windows, at_once, MOST_BYTES) + e.row_bytes())
