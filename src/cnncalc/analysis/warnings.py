"""Warnings: what a network may do, and is hardly ever meant to do."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import compress
from operator import is_

from cnncalc.analysis.infer import analyze
from cnncalc.analysis.layout import SMALLEST_IMAGE, channels_first, written_shape
from cnncalc.analysis.report import LayerReport, Report
from cnncalc.analysis.table import some
from cnncalc.core.errors import Diagnostic, InputError
from cnncalc.core.kinds import FILTERS, Kind
from cnncalc.core.tensor import Shape, spell
from cnncalc.core.translation import Phrase
from cnncalc.layers.base import axis_of

SOFTMAXES = ("softmax", "log_softmax")
"""Layers that make probabilities of scores."""


def warnings_of(report: Report) -> tuple[Diagnostic, ...]:
    """The warnings of a network, one of each kind: the first place, and how many more there are."""
    network = _Network(report)
    found = []
    for check in CHECKS:
        places = [*check(network)]
        if places:
            found.append(places[0]._replace(is_warning=True, notes=_notes(len(places) - 1)))
    return tuple(found)


def _notes(others: int) -> tuple[str, ...]:
    if not others:
        return ()
    return (Phrase("the same in 1 more place") if others == 1 else Phrase("the same in {n:,} more places", n=others),)


class _Network:
    """A report, and what tells at once whether a check has anything to look at."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.rows = report.rows
        self.layers = [row.node.layer for row in report.rows]
        self.distinct = dict(zip(map(id, self.layers), report.rows, strict=True)).values()  # equal ones are one object
        self.types = {row.type for row in self.distinct}

    def readers(self, wires: Collection[str]) -> Iterator[tuple[str, LayerReport]]:
        """Every layer that reads one of these wires, also through layers that leave values in place; with the wire."""
        origins = {wire: wire for wire in wires}
        for row in self.rows:
            origin = origins.get(row.node.inputs[0])
            if origin is not None and len(row.inputs) == 1:
                yield origin, row
                if row.path not in origins and _keeps_places(row):
                    origins[row.path] = origin


def _keeps_places(row: LayerReport) -> bool:
    traits = row.layer.traits
    keeps = traits.kind in (Kind.ACTIVATION, Kind.NORM) or (traits.moves_values and not traits.relabels)
    return keeps and row.output == row.inputs[0]


# The input


def _channels_last(network: _Network) -> Iterator[Diagnostic]:
    """Images of shape (H, W, C), and volumes of shape (D, H, W, C), that a convolution or a pool reads."""
    graph = network.report.graph
    moved = channels_first(graph)
    if not moved:
        return
    readers: dict[str, LayerReport] = {}
    for name, row in network.readers(moved):
        kernel = row.layer.__dict__.get("kernel_size")
        if row.kind is Kind.POOLING or (row.kind in FILTERS and kernel and (kernel[-1] > 1 or moved[name][0] > 1)):
            readers.setdefault(name, row)
    other = _on_inputs(network.report, {name: moved[name] for name in readers})
    if other is None:
        return
    for name, row in readers.items():
        shape = graph.inputs[name]
        span = graph.input_spans.get(name)
        is_pool = row.kind is Kind.POOLING
        yield Diagnostic(
            "channels-last",
            "the input {shape} is read as {channels} channels of {map}, since channels come first: "
            "`{path}` makes {pooled} of it"
            if is_pool
            else "the input {shape} is read as {channels} channels of {map}, since channels come first: "
            "`{path}` has {params:,} parameters",
            {
                "shape": spell(shape),
                "channels": shape[0],
                "map": spell(shape[1:]),
                "path": row.path,
                "params": _params(row),
                "written": written_shape(moved[name], span),
                "meant": spell(other.by_path[row.path].output.shape) if is_pool else _params(other.by_path[row.path]),
                "pooled": spell(row.output.shape),
            },
            span,
            help="if the last axis is that of the channels, write `{written}`: the same pool then makes {meant}"
            if is_pool
            else "if the last axis is that of the channels, write `{written}`: the same filters then have {meant:,}",
        )


def _params(row: LayerReport) -> int:
    """Parameters, also of a layer that reads those of another."""
    return sum(weight.numel for weight in row.weights if weight.trainable)


def _batch_in_input(network: _Network) -> Iterator[Diagnostic]:
    """Inputs with a batch as the first axis, read by layers that take any number of axes, or one more."""
    graph = network.report.graph
    narrows = any(len(shape) == 2 for shape in graph.inputs.values()) and _narrows_every_row(network)
    suspects = [
        name
        for name, shape in graph.inputs.items()
        if len(shape) > 3 or (len(shape) == 2 and (shape[0] == 1 or narrows))
    ]
    if not suspects:
        return
    are_3d = any(row.layer.axes == 3 for row in network.distinct)
    fed = {name for name, row in network.readers(suspects) if row.kind is Kind.LINEAR}
    without = {
        name: graph.inputs[name][1:] for name in suspects if _looks_batched(graph.inputs[name], are_3d, name in fed)
    }
    if not are_3d and _on_inputs(network.report, without) is None:
        return
    for name, shape in without.items():
        count, span = graph.inputs[name][0], graph.input_spans.get(name)
        read = Phrase("1 channel") if count == 1 else Phrase("{n:,} channels", n=count)
        yield Diagnostic(
            "batch-in-input",
            "no shape has an axis for the batch: the first axis of the input {shape} is read as {what}",
            {
                "path": name,
                "shape": spell(graph.inputs[name]),
                "what": read if len(shape) > 1 else Phrase("a sequence of length {n:,}", n=count),
                "written": written_shape(shape, span),
            },
            span,
            help="if it is the batch, write `{written}` and take the 2-d variants of the layers"
            if are_3d and len(shape) == 3
            else "if it is the batch, leave it out: write `{written}`",
        )


LEAST_NARROWING = 4
"""How many times fewer features a classifier puts out than it reads; inside of a transformer they stay as many."""


def _narrows_every_row(network: _Network) -> bool:
    """Whether linear layers, one after the other, make fewer features of every row alike: a classifier of vectors."""
    linear = [row for row in network.rows if row.kind is Kind.LINEAR]
    alone = all(row.kind is Kind.LINEAR or (len(row.inputs) == 1 and _keeps_places(row)) for row in network.rows)
    if not alone or len(linear) < 2 or linear[0].inputs[0].shape[:-1] != linear[-1].output.shape[:-1]:
        return False
    return LEAST_NARROWING * linear[-1].output.shape[-1] <= linear[0].inputs[0].shape[-1]


def _looks_batched(shape: Shape, are_3d: bool, feeds_linear: bool) -> bool:
    """Whether a shape is that of one vector, or of images, or has more axes than any layer slides over."""
    if len(shape) != 4:
        return len(shape) > 4 or feeds_linear
    first, channels, *extents = shape
    if channels not in (1, 3) or min(extents) < SMALLEST_IMAGE:
        return False
    return not are_3d or first == 1 or (channels == 3 and first != 3)  # a clip of RGB may have 1 or 3 frames


def _on_inputs(report: Report, shapes: Mapping[str, Shape]) -> Report | None:
    """The same layers on inputs of other shapes; None where they refuse them, or nothing changes."""
    graph = report.graph
    try:
        return analyze(graph._replace(inputs={**graph.inputs, **shapes})) if shapes else None
    except InputError:
        return None


# The layers


def _window_over_flattened(network: _Network) -> Iterator[Diagnostic]:
    """Convolutions and pools whose windows slide over axes that a flatten has laid end to end."""
    if not any(row.type == "flatten" and row.layer.start_dim != 0 for row in network.distinct):
        return
    merged = {}
    for row in network.rows:
        if row.type == "flatten" and len(row.output.shape) < len(row.inputs[0].shape):
            axis = axis_of(row.layer.start_dim, row.inputs[0])
            if axis > 0 and len(row.output.shape) > 1:
                merged[row.path] = axis, row
    for path, reader in network.readers(merged):
        axis, flatten = merged[path]
        kernel = reader.layer.__dict__.get("kernel_size")
        if kernel and kernel[axis - 1] > 1:
            yield Diagnostic(
                "window-over-flattened",
                "`{path}` slides windows of {size} over what `{flatten}` has made of {shape}: "
                "the end of one row of the map lies beside the beginning of the next",
                {
                    "path": reader.path,
                    "size": kernel[axis - 1],
                    "flatten": path,
                    "shape": spell(flatten.inputs[0].shape),
                    "axes": len(flatten.inputs[0].spatial),
                },
                reader.node.origin.span,
                help="put it before `{flatten}`, in its {axes}-d variant",
            )


def _even_kernel(network: _Network) -> Iterator[Diagnostic]:
    """Even kernels whose padding is half of them, so that the map grows by one."""
    growing = {id(row.layer): axis for row in network.distinct if (axis := _growing_axis(row)) is not None}
    if not growing:
        return
    cropped = {wire for row in network.rows if row.type in ("crop", "crop_like", "slice") for wire in row.node.inputs}
    for row in network.rows:
        axis = growing.get(id(row.layer))
        if axis is None or row.path in cropped:
            continue
        options, origin = row.layer.__dict__, row.node.origin
        yield Diagnostic(
            "even-kernel",
            "`{path}` makes its map one larger, {before} to {after}: its kernel of {kernel} is even, "
            "and padding {padding} on either side is half a window",
            {
                "path": row.path,
                "before": row.inputs[0].spatial[axis],
                "after": row.output.spatial[axis],
                "kernel": options["kernel_size"][axis],
                "padding": options["padding"][axis],
            },
            origin.options.get("padding", origin.span),
            help="write `padding: same`, which keeps the size",
        )


def _growing_axis(row: LayerReport) -> int | None:
    """The first axis on which a layer makes its map one larger by an even kernel; a transposed one makes it smaller.

    Padding of its own for each axis is meant: CRNN's pools halve the height and make the width one larger.
    """
    options = row.layer.__dict__
    if len(set(options.get("padding", ()))) > 1 or len(row.output.spatial) != len(row.inputs[0].spatial):
        return None
    for axis, size in enumerate(options.get("kernel_size", ())):
        if size % 2 == 0 and row.kind is not Kind.TRANSPOSED_CONVOLUTION:
            rows, span = options["padding"][axis], options["dilation"][axis] * (size - 1) + 1
            if type(rows) is int and 2 * rows == span and row.layer.strides()[axis] == 1:
                return axis
    return None


def _dropout_before_norm(network: _Network) -> Iterator[Diagnostic]:
    """Dropout between a convolution and a batch norm.

    Source:  Li et al., Understanding the disharmony between dropout and batch normalization by variance shift (2019)
    """
    if "dropout" not in network.types or not any(map(_is_batch_norm, network.distinct)):
        return
    dropouts = {row.path for row in network.rows if row.type == "dropout" and row.layer.p > 0}
    norms = dict(reversed([one for one in network.readers(dropouts) if _is_batch_norm(one[1])]))
    if not norms:
        return
    convolutions = {row.path for row in network.rows if row.kind in FILTERS}
    for convolution, dropout in network.readers(convolutions):
        row = norms.get(dropout.path)
        if row is not None:
            yield Diagnostic(
                "dropout-before-norm",
                "`{dropout}` stands between the convolution `{convolution}` and the batch norm `{path}`: "
                "the variance that `{path}` learns in training is not the one that it meets in evaluation",
                {"path": row.path, "dropout": dropout.path, "convolution": convolution},
                dropout.node.origin.span,
                help="put `{dropout}` after the last batch norm, or leave it out",
            )


def _is_batch_norm(row: LayerReport) -> bool:
    return bool(row.layer.traits.keeps_statistics)


def _softmax_before_linear(network: _Network) -> Iterator[Diagnostic]:
    """A softmax over a whole vector that a linear layer reads."""
    if network.types.isdisjoint(SOFTMAXES):
        return
    vectors = {row.path for row in network.rows if row.type in SOFTMAXES and len(row.output.shape) == 1}
    for softmax, row in network.readers(vectors):
        if row.kind is Kind.LINEAR:
            yield Diagnostic(
                "softmax-before-linear",
                "`{path}` reads the output of `{softmax}`, and does not output probabilities itself",
                {"path": row.path, "softmax": softmax},
                network.report.by_path[softmax].node.origin.span,
                help="put `{softmax}` after `{path}`",
            )


def _repeated_activation(network: _Network) -> Iterator[Diagnostic]:
    """Two equal activations in a row."""
    neighbours = zip(network.rows, network.rows[1:], strict=False)
    for one, other in compress(neighbours, map(is_, network.layers, network.layers[1:])):
        if other.kind is Kind.ACTIVATION and other.node.inputs == (one.path,):
            yield Diagnostic(
                "repeated-activation",
                "`{path}` follows `{first}`, the same activation",
                {"path": other.path, "first": one.path},
                other.node.origin.span,
                help="leave one of them out",
            )


def _opaque(network: _Network) -> Iterator[Diagnostic]:
    """Layers of which nothing is known but what their options say."""
    rows = [row for row in network.rows if row.layer.traits.is_opaque] if "opaque" in network.types else []
    if rows:
        without = [row.path for row in rows if not row.knows_macs]
        yield Diagnostic(
            "opaque-layer",
            "{layers}: opaque, so no receptive field is followed through, and the MACs of {unknown} are not known"
            if without
            else "{layers}: opaque, so no receptive field is followed through",
            {"path": rows[0].path, "layers": some([row.path for row in rows]), "unknown": some(without)},
            rows[0].node.origin.span,
            help="write them as layers that are known, if there are any",
        )


CHECKS: tuple[Callable[[_Network], Iterator[Diagnostic]], ...] = (
    _channels_last,
    _batch_in_input,
    _window_over_flattened,
    _even_kernel,
    _dropout_before_norm,
    _softmax_before_linear,
    _repeated_activation,
    _opaque,
)
"""One check for each kind of warning, in the order in which they are shown."""
