"""The sketch of a layer: its sums as they are written by hand, whose parts can each be wrong."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any, NamedTuple

from cnncalc.analysis.report import LayerReport, Report
from cnncalc.core.arithmetic import ceil_div, exact_div
from cnncalc.core.kinds import Kind
from cnncalc.core.tensor import Shape, TensorSpec
from cnncalc.core.term import Term
from cnncalc.explain.layer import Equation
from cnncalc.explain.symbols import GRIDS, extent_names, traced_inputs, traced_layer

AnyAmount = Any
"""An amount whose kind, a number or a shape, is clear from the question; typed loosely for arithmetic."""

SketchKey = tuple[Any, ...]
"""The key of one part of a sketch: a field, or an axis and a field of it."""


class NoSuchSum(Exception):
    """The sketch gives no value: a window does not fit, or nothing is left."""


def times(*factors: int) -> int:
    """The product, without plain factors of 1."""
    written = [factor for factor in factors if type(factor) is not int or factor != 1]
    return prod(written[1:], start=written[0]) if written else 1


def plus(*parts: int) -> int:
    """The sum, without plain summands of 0."""
    written = [part for part in parts if type(part) is not int or part]
    return sum(written[1:], written[0]) if written else 0


class WindowAxis(NamedTuple):
    """One axis that windows slide along."""

    size: int
    before: int
    after: int
    kernel: int
    stride: int
    dilation: int = 1
    up: bool = False  # the quotient is rounded up
    dropping: bool = False  # a window that would start beyond the input is dropped, as pools do
    within: int = 0  # added to the numerator
    one: int = 1  # added to the quotient

    def extent(self) -> int:
        """⌊(n + 2·p − k) / s⌋ + 1, with d·(k − 1) + 1 for k where it is dilated."""
        room = int(self.size + self.before + self.after) - int(_span(self))
        if room < 0 and not (self.dropping and room + self.stride > 0):
            raise NoSuchSum
        reach = plus(_padded_size(self) - _span(self), self.within)
        quotient = reach if self.stride == 1 else ceil_div(reach, self.stride) if self.up else reach // self.stride
        count = plus(quotient, self.one)
        if self.dropping and (count - 1) * self.stride >= self.size + self.before:
            count = count - 1
        if count < 1:
            raise NoSuchSum
        return count

    def unrounded_extent(self) -> int:
        """(n + 2·p − k) / s + 1 without rounding: an expression whose value may be a fraction."""
        return plus(exact_div(plus(_padded_size(self) - _span(self), self.within), self.stride), self.one)


class TransposedAxis(NamedTuple):
    """One axis of a transposed convolution."""

    size: int
    before: int
    after: int
    kernel: int
    stride: int
    dilation: int = 1
    extra: int = 0

    def extent(self) -> int:
        """(n − 1)·s − 2·p + k, plus the output padding."""
        count = plus(times(self.size - 1, self.stride) - _padding(self), _span(self), self.extra)
        if count < 1:
            raise NoSuchSum
        return count


def _span(axis: WindowAxis | TransposedAxis) -> int:
    return axis.kernel if axis.dilation == 1 else axis.dilation * (axis.kernel - 1) + 1


def _padding(axis: WindowAxis | TransposedAxis) -> int:
    if axis.before == axis.after:
        return 2 * axis.before if axis.before else 0
    return plus(*(rows for rows in (axis.before, axis.after) if rows))


def _padded_size(axis: WindowAxis) -> int:
    return plus(axis.size, _padding(axis))


class Sketch(NamedTuple):
    """The parts of which the sums of a convolution, a linear layer or a pool consist."""

    out: int
    into: int
    kernel: Shape = ()
    axes: tuple[WindowAxis | TransposedAxis, ...] = ()
    biases: int = 0
    groups: int = 1
    out_groups: int = 1
    learns: bool = True
    sizes: Shape | None = None  # extents that replace those of the axes
    places: Shape | None = None  # positions at which every weight is used, if not those of the output
    copies: Shape = ()  # further factors of the weights

    @property
    def is_pool(self) -> bool:
        """Whether windows slide over the map and nothing is learned."""
        return not self.learns and bool(self.axes)

    def extents(self) -> Shape:
        """Rows and columns of the output."""
        return tuple(axis.extent() for axis in self.axes) if self.sizes is None else self.sizes

    def weights(self) -> int:
        """Weights without biases."""
        return times(
            _per_group(self.out, self.out_groups), _per_group(self.into, self.groups), *self.kernel, *self.copies
        )

    def params(self) -> int:
        """Weights and biases."""
        return plus(self.weights(), self.biases) if self.learns else 0

    def macs(self) -> int:
        """Every weight, once per position."""
        if not self.learns:
            return 0
        return times(self.weights(), *(self.extents() if self.places is None else self.places))

    def expression(self, quantity: str, nbytes: int, batch: int) -> int:
        """The expression for a quantity that is a number."""
        match quantity:
            case "channels":
                return self.out
            case "params":
                return self.params()
            case "param_memory":
                return times(self.params(), Term.symbol("bytes", nbytes))
            case "macs":
                return self.macs()
            case "flops":
                return times(2, self.macs())
            case "memory":
                values = times(self.out, *self.extents(), Term.symbol("bytes", nbytes))
                return times(values, Term.symbol("N", batch)) if batch > 1 else values
        raise NoSuchSum

    def difference(self, other: Sketch) -> dict[SketchKey, Any]:
        """The parts that differ in another sketch, with its values."""
        found: dict[SketchKey, Any] = {
            (name,): theirs
            for name, ours, theirs in zip(self._fields, self, other, strict=True)
            if ours != theirs and name != "axes"
        }
        for place, (ours, theirs) in enumerate(zip(self.axes, other.axes, strict=False)):
            if type(ours) is not type(theirs):
                return {**found, ("axes",): other.axes}
            found |= {
                (place, name): new for name, old, new in zip(ours._fields, ours, theirs, strict=True) if old != new
            }
        return found

    def with_difference(self, parts: Mapping[SketchKey, Any]) -> Sketch:
        """The sketch with these parts replaced."""
        axes = [
            axis._replace(**{part[1]: value for part, value in parts.items() if part[0] == place})
            for place, axis in enumerate(self.axes)
        ]
        whole = {part[0]: value for part, value in parts.items() if len(part) == 1}
        return self._replace(**{"axes": tuple(axes), **whole})

    def value(self, quantity: str, nbytes: int = 1, batch: int = 1) -> AnyAmount:
        """The value of a quantity."""
        if quantity == "output":
            return (int(self.out), *map(int, self.extents()))
        if quantity == "size":
            return tuple(map(int, self.extents())) or (int(self.out),)
        return int(self.expression(quantity, nbytes, batch))


def _per_group(channels: int, groups: int) -> int:
    if groups == 1:
        return channels
    if channels % groups:
        raise NoSuchSum
    return exact_div(channels, groups)  # type: ignore[no-any-return]


SYMBOLS = {
    "params": "params",
    "param_memory": "memory",
    "macs": "MACs",
    "flops": "FLOPs",
    "memory": "memory",
    "channels": "C_out",
}


def equation_of(sketch: Sketch, right: Sketch, quantity: str, report: Report) -> Equation | None:
    """The equation that leads to a wrong value; for a shape, that of the first wrong extent."""
    names = [f"{name}_out" for name in GRIDS.get(len(right.axes), ())]
    if quantity in SYMBOLS:
        known = (
            {}
            if _counted_extents(sketch) != _counted_extents(right)
            else extent_names(_counted_extents(sketch), names[: len(_counted_extents(sketch))])
        )
        return Equation(SYMBOLS[quantity], sketch.expression(quantity, report.dtype.nbytes, report.batch), known)
    if quantity == "output" and sketch.out != right.out:
        return Equation("C_out", sketch.out) if isinstance(sketch.out, Term) else None
    for name, made, meant in zip(names, sketch.extents(), right.extents(), strict=False):
        if made != meant:
            return Equation(name, made) if isinstance(made, Term) else None
    return None


def _counted_extents(sketch: Sketch) -> Shape:
    return sketch.extents() if sketch.axes else ()


def sketch_of(row: LayerReport, *, symbols: bool) -> Sketch | None:
    """The sketch of a layer, in numbers or in symbols; None where it has no filters and is no pool."""
    if len(row.inputs) != 1 or row.output.channels_last or row.weights_from is not None:
        return None
    specs: tuple[TensorSpec, ...] = row.inputs
    layer = row.layer
    if symbols:
        layer, specs = traced_layer(layer), traced_inputs(row.layer, specs)
    (x,) = specs
    if row.kind is Kind.LINEAR:
        return Sketch(layer.out_features, x.shape[-1], biases=layer.out_features if layer.bias else 0)
    if not hasattr(layer, "kernel_size"):
        return None
    if row.kind is Kind.CONVOLUTION and layer.connections is None:
        axes = tuple(
            map(WindowAxis, x.spatial, *_padding_ends(layer.pads(x)), layer.kernel_size, layer.stride, layer.dilation)
        )
        return Sketch(*_filters(layer, x), axes, layer.out_channels if layer.bias else 0, _group_count(layer.groups))
    if row.kind is Kind.TRANSPOSED_CONVOLUTION:
        transposed_axes = tuple(
            map(
                TransposedAxis,
                x.spatial,
                *_padding_ends(layer.pads()),
                layer.kernel_size,
                layer.stride,
                layer.dilation,
                layer.extra_rows(),
            )
        )
        sketch = Sketch(
            *_filters(layer, x), transposed_axes, layer.out_channels if layer.bias else 0, _group_count(layer.groups)
        )
        return sketch._replace(places=x.spatial)
    if row.kind is Kind.POOLING and hasattr(layer, "strides") and not row.weights:
        axes = tuple(
            map(
                WindowAxis,
                x.spatial,
                *_padding_ends(layer.pads(x)),
                layer.kernel_size,
                layer.strides(),
                layer.dilations(),
            )
        )
        if layer.ceil_mode:
            axes = tuple(axis._replace(up=True, dropping=layer.drops_windows) for axis in axes)
        return Sketch(x.channels, x.channels, layer.kernel_size, axes, learns=False)
    return None


def _padding_ends(pads: Any) -> tuple[Shape, Shape]:
    """Padding before and after, axis by axis; a computed one (`same`) becomes a symbol."""
    before, after = zip(*pads, strict=True)
    return tuple(_with_symbol(rows, "p1") for rows in before), tuple(_with_symbol(rows, "p2") for rows in after)


def _with_symbol(rows: int, symbol: str) -> int:
    return Term.symbol(symbol, int(rows)) if isinstance(rows, Term) and rows.operator is not None else rows


def _filters(layer: Any, x: TensorSpec) -> tuple[int, int, Shape]:
    kernel = layer.kernel_size
    return layer.out_channels, x.channels, kernel if prod(kernel) > 1 else ()


def _group_count(groups: int) -> int:
    return groups if groups > 1 else 1
