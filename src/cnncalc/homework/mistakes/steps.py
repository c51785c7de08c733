"""Steps that several mistakes take: parts of a working replaced or left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cnncalc.core.arithmetic import exact_div
from cnncalc.core.kinds import Kind
from cnncalc.core.rewriting import combined, operands_of, operator_of, product, substituted
from cnncalc.core.tensor import Shape
from cnncalc.core.term import Term, key_of
from cnncalc.homework.mistakes.facts import Pads, is_bias, pairs_of
from cnncalc.homework.mistakes.working import Working
from cnncalc.layers.catalogue import resolve

Step = Callable[[Working], Working]
"""A working with something changed."""

Factors = Callable[[list[int]], list[int]]


# Products


def is_same(one: int, other: int) -> bool:
    """Whether two parts of a sum are computed in the same way."""
    return one == other and key_of(one) == key_of(other)


def without(parts: Sequence[int]) -> Factors:
    """Leave these factors out of a product."""
    return lambda factors: [one for one in factors if not any(is_same(one, part) for part in parts)]


def instead(pairs: Sequence[tuple[int, int]]) -> Factors:
    """Put other factors into a product."""
    return lambda factors: [next((new for old, new in pairs if is_same(one, old)), one) for one in factors]


# Biases and channels


def without_biases(w: Working) -> Working:
    """The weights alone."""
    return w.with_weights(lambda one: None if is_bias(one.name) else one)


def with_biases(shape_of: Callable[[Working], Shape]) -> Step:
    """Biases of another shape."""
    return lambda w: w.with_weights(lambda one: one._replace(shape=shape_of(w)) if is_bias(one.name) else one)


def width(w: Working) -> int:
    """The number of filters, or the features of the output."""
    number: int = w.layer.__dict__[_width_option(w)]
    return number


def with_width(w: Working, number: int) -> Working:
    """Another number of filters."""
    return w.with_options(**{_width_option(w): number})


def _width_option(w: Working) -> str:
    return "out_channels" if "out_channels" in w.layer.__dict__ else "out_features"


def reading(number: int) -> Step:
    """Another number of channels or features that go in."""
    return lambda w: w.with_channels(number)


def of_flat_map(values: int, shape: Callable[[Working], Shape]) -> Step:
    """Another number of values in the map that is laid flat: given to a matrix, or the output of a flatten."""

    def step(w: Working) -> Working:
        if _width_option(w) in w.layer.__dict__:
            return w.with_channels(values)
        flat = w.made.shape[0]
        return w.with_sums(lambda value: substituted(value, [(flat, product(shape(w)))]))

    return step


def seen_channels(w: Working) -> int:
    """Channels that a filter reads."""
    return exact_div(w.features, w.layer.__dict__.get("groups", 1))  # type: ignore[no-any-return]


def ungrouped(w: Working) -> Working:
    """One group."""
    return w.with_options(groups=1) if "groups" in w.layer.__dict__ else w


def with_channels_out(new: Callable[[Working], int]) -> Step:
    """Other channels in the output, of the same working."""
    return lambda w: w.with_sums(lambda value: substituted(value, [(w.made.channels, new(w))]))


# Windows


def places(w: Working) -> Shape:
    """Rows and columns at which every weight is used: those of the output, or where values are spread, of the input."""
    if w.reads_sequence:
        return w.x.shape[:1]
    return w.x.spatial if w.layer.traits.kind is Kind.TRANSPOSED_CONVOLUTION else w.extents


def pads(w: Working) -> Pads:
    """Rows added, or cut off, at the ends of each axis; those that are computed are symbols."""
    if not hasattr(w.layer, "pads"):
        return pairs_of(w.layer.padding, len(w.x.spatial))
    found: Pads = w.layer.pads() if w.layer.traits.kind is Kind.TRANSPOSED_CONVOLUTION else w.layer.pads(w.x)
    return tuple((_as_symbol(before, "p1"), _as_symbol(after, "p2")) for before, after in found)


def _as_symbol(rows: int, symbol: str) -> int:
    return Term.symbol(symbol, int(rows)) if operator_of(rows) is not None else rows


def doubled(given: Pads) -> Pads:
    """Twice the padding; equal ends stay one and the same."""
    twice = [(2 * before, before is after, 2 * after) for before, after in given]
    return tuple((before, before if alike else after) for before, alike, after in twice)


def has_operator(value: int, operator: str) -> bool:
    """Whether an operator is somewhere in a sum."""
    return operator_of(value) == operator or any(has_operator(part, operator) for part in operands_of(value))


def steps_between(value: int) -> int:
    """A count of windows without its + 1: the steps between them."""
    left, *right = operands_of(value) or (value,)
    is_plus_one = operator_of(value) == "+" and type(right[0]) is int and right[0] == 1
    return left if is_plus_one and operator_of(left) in ("//", "ceil", "/") else value


def one_above_the_line(value: int) -> int:
    """A quotient whose dividend has the + 1 as well."""
    operator, parts = operator_of(value), operands_of(value)
    return combined(operator, (parts[0] + 1, parts[1])) if operator in ("//", "ceil", "/") else value


def on_grid(grid: Shape) -> Step:
    """Inputs of another size, under the same symbols."""

    def step(w: Working) -> Working:
        inputs = []
        for x in w.inputs:
            spatial = tuple(map(_under_symbol, x.spatial, grid))
            inputs.append(x._replace(shape=(*spatial, x.channels) if x.channels_last else (x.channels, *spatial)))
        return w.with_inputs(*inputs)

    return step


def _under_symbol(old: int, new: int) -> int:
    return Term.symbol(old.symbol_name, new) if isinstance(old, Term) else new


def as_convolution(w: Working, out: int, *, bias: bool) -> Working:
    """The rule of a convolution with the windows of another layer."""
    layer, axes = w.layer, len(w.layer.kernel_size)
    options: dict[str, Any] = {
        "out_channels": out,
        "kernel_size": layer.kernel_size,
        "stride": layer.strides() if hasattr(layer, "strides") else layer.stride,
        "padding": layer.padding,
        "dilation": layer.dilation,
        "groups": layer.__dict__.get("groups", 1),
        "bias": bias,
    }
    return w.of_layer(resolve(f"conv{axes}d")(out_channels=1, kernel_size=(1,) * axes).model_copy(options))
