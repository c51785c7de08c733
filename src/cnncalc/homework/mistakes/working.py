"""The working of a layer's numbers: the sums that its rule records, in which a mistake changes one step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from cnncalc.analysis.conventions.torch import PER_MAC
from cnncalc.analysis.report import LayerReport, Report
from cnncalc.core.counts import Op
from cnncalc.core.errors import Fault
from cnncalc.core.rewriting import Change, simplified, substituted, total, with_factors
from cnncalc.core.tensor import Shape, TensorSpec, WeightSpec
from cnncalc.core.term import Term
from cnncalc.explain.layer import Equation
from cnncalc.explain.symbols import extent_names, output_symbols, traced_inputs, traced_layer
from cnncalc.homework.mistakes.facts import is_bias
from cnncalc.layers.at_node import rule_inputs

AnyAmount = Any
"""An amount whose kind, a number or a shape, is clear from the question; typed loosely for arithmetic."""

SYMBOLS = {"params": "params", "param_memory": "memory", "macs": "MACs", "flops": "FLOPs", "memory": "memory"}
"""Symbols of the quantities that are numbers."""

NEUTRAL = {"stride": 1, "dilation": 1, "groups": 1, "padding": 0, "output_padding": 0, "num_layers": 1}
"""Options with the values that leave a sum as it is, and are not put down."""


class NoSuchSum(Exception):
    """The rule gives no value: a window does not fit, or nothing is left."""


@dataclass(frozen=True)
class Working:
    """A layer and its inputs in symbols, what is done to its weights, and what to the sums that its rule records."""

    layer: Any
    inputs: tuple[TensorSpec, ...]
    regions: int = 1
    on_weights: tuple[Callable[[WeightSpec], WeightSpec | None], ...] = ()
    on_sums: tuple[Change, ...] = ()
    on_counts: tuple[Change, ...] = ()  # on sums that are no extents

    # With something changed

    def with_options(self, **options: Any) -> Working:
        """The working for other options of the layer."""
        return replace(self, layer=self.layer.model_copy(options))

    def with_inputs(self, *inputs: TensorSpec) -> Working:
        """The working for other inputs."""
        return replace(self, inputs=inputs)

    def with_channels(self, channels: int) -> Working:
        """The working for other channels, or features, of the first input."""
        last = self.x.channels_last or self.reads_sequence
        shape = (*self.x.shape[:-1], channels) if last else (channels, *self.x.shape[1:])
        return self.with_inputs(self.x._replace(shape=shape), *self.inputs[1:])

    def with_weights(self, change: Callable[[WeightSpec], WeightSpec | None]) -> Working:
        """The working with weights of other shapes; those that become None are left out."""
        return replace(self, on_weights=(*self.on_weights, change))

    def with_longer_weights(self, extents: Shape) -> Working:
        """The working with weights, but no biases, of further extents."""
        return self.with_weights(lambda one: one if is_bias(one.name) else one._replace(shape=(*one.shape, *extents)))

    def of_layer(self, layer: Any) -> Working:
        """The working by the rule of another layer."""
        return replace(self, layer=layer)

    def with_sums(self, change: Change) -> Working:
        """The working with a change in every sum."""
        return replace(self, on_sums=(*self.on_sums, change))

    def with_counts(self, change: Change) -> Working:
        """The working with a change in every sum but those of extents."""
        return replace(self, on_counts=(*self.on_counts, change))

    def with_factors(self, change: Callable[[list[int]], list[int]]) -> Working:
        """The working with other factors in every product of a count."""
        return self.with_counts(lambda count: with_factors(count, change))

    def with_extents(self, extents: Sequence[int]) -> Working:
        """The working with other rows and columns in the output."""
        if len(extents) != len(self.extents):
            raise NoSuchSum
        pairs = list(zip(self.extents, extents, strict=True))
        return self.with_sums(lambda value: substituted(value, pairs))

    # Its parts

    @property
    def x(self) -> TensorSpec:
        """The first input."""
        return self.inputs[0]

    @property
    def features(self) -> int:
        """Channels of the first input, or its features if it is a vector or a sequence."""
        return self.x.shape[-1] if self.reads_sequence else self.x.channels

    @property
    def reads_sequence(self) -> bool:
        """Whether the first input is a sequence of (length, features)."""
        return bool(self.layer.traits.reads_sequences) and len(self.x.shape) == 2

    @cached_property
    def made(self) -> TensorSpec:
        """The output as the rule records it."""
        try:
            made: TensorSpec = self.layer.output(*self.inputs)
        except (Fault, ArithmeticError, ValueError, IndexError):
            raise NoSuchSum from None
        return made

    @property
    def extents(self) -> Shape:
        """Rows and columns of the output as the rule records them."""
        return self.made.spatial

    @cached_property
    def weights(self) -> tuple[WeightSpec, ...]:
        """What is stored."""
        found: Iterable[WeightSpec] = self.layer.weights(*self.inputs)
        for change in self.on_weights:
            found = [changed for weight in found if (changed := change(weight)) is not None]
        return tuple(found)

    # Its sums

    def shape(self, quantity: str) -> Shape:
        """The extents that a question about a shape is about."""
        match quantity:
            case "channels":
                extents: Shape = (self.made.channels,)
            case "size":
                extents = self.made.spatial or self.made.shape
            case _:
                extents = self.made.shape
        changed = tuple(self._changed(extent, counts=False) for extent in extents)
        if any(extent < 1 for extent in changed):
            raise NoSuchSum
        return changed

    def count(self, quantity: str, report: Report) -> int:
        """The sum of a quantity that is a number."""
        try:
            return self._changed(self._count(quantity, report), counts=True)
        except (Fault, ArithmeticError, ValueError, IndexError):
            raise NoSuchSum from None

    def _count(self, quantity: str, report: Report) -> AnyAmount:
        match quantity:
            case "params":
                return total([weight.numel for weight in self.weights if weight.trainable])
            case "param_memory":
                return self._count("params", report) * Term.symbol("bytes", report.dtype.nbytes)
            case "macs":
                macs: int = self.layer.ops(*self.inputs).of(Op.CONTRACTION_MAC)
                return _times_regions(self.regions, macs)
            case "flops":
                return PER_MAC * self._count("macs", report)
            case "memory":
                values = _times_regions(self.regions * self.made.regions, self.made.numel) * Term.symbol(
                    "bytes", report.dtype.nbytes
                )
                return values * Term.symbol("N", report.batch) if report.batch > 1 else values
            case "buffers":
                return total([weight.numel for weight in self.weights if not weight.trainable])
        raise NoSuchSum

    def _changed(self, value: int, *, counts: bool) -> int:
        for change in (*self.on_sums, *(self.on_counts if counts else ())):
            value = change(value)
        return value

    def value(self, quantity: str, report: Report) -> AnyAmount:
        """The value of a quantity."""
        if quantity in ("output", "size"):
            return tuple(map(int, self.shape(quantity)))
        return int(self.shape(quantity)[0] if quantity == "channels" else self.count(quantity, report))

    def equation(self, right: Working, quantity: str, report: Report) -> Equation | None:
        """The equation that leads to a value; for a shape, that of the first extent that is not the right one."""
        if quantity in SYMBOLS:
            names = right.names if self._has_extents_of(right) else {}
            return Equation(SYMBOLS[quantity], simplified(self.count(quantity, report)), names)
        if quantity == "buffers":
            return None
        symbols = output_symbols(right.layer, right.made)
        for symbol, made, meant in zip(_of_shape(symbols, right.made, quantity), self.shape(quantity),
                                       right.shape(quantity), strict=False):  # fmt: skip
            if made != meant:
                return Equation(symbol, simplified(made)) if isinstance(made, Term) else None
        return None

    def _has_extents_of(self, right: Working) -> bool:
        try:
            return tuple(map(simplified, self.shape("output"))) == tuple(map(simplified, right.made.shape))
        except NoSuchSum:
            return False

    @cached_property
    def names(self) -> Mapping[Any, str]:
        """Names of the extents that are computed."""
        return extent_names(tuple(map(simplified, self.made.shape)), output_symbols(self.layer, self.made))


def _times_regions(regions: int, number: int) -> int:
    return number if regions == 1 else Term.symbol("regions", int(regions)) * number


def _of_shape(symbols: Sequence[str], made: TensorSpec, quantity: str) -> Sequence[str]:
    """The symbols of the extents that a question is about."""
    of = made._replace(shape=tuple(symbols))  # type: ignore[arg-type]
    return {"channels": [of.channels], "size": of.spatial or of.shape}.get(quantity, of.shape)  # type: ignore[return-value]


def working_of(row: LayerReport) -> Working:
    """The working of a layer."""
    inputs = traced_inputs(row.layer, rule_inputs(row.layer, row.inputs))
    layer = _without_neutral(traced_layer(row.layer), row.layer)
    return Working(layer, inputs, row.inputs[0].regions)


def _without_neutral(traced: Any, layer: Any) -> Any:
    """A traced layer in which options that change nothing are plain numbers."""
    options = {
        name: layer.__dict__[name] for name, value in NEUTRAL.items() if _is_all(layer.__dict__.get(name), value)
    }
    if _is_all(layer.__dict__.get("kernel_size"), 1):
        options["kernel_size"] = layer.kernel_size
    return traced.model_copy(options)


def _is_all(given: Any, value: int) -> bool:
    if isinstance(given, tuple):
        return all(_is_all(one, value) for one in given)
    return type(given) is int and given == value
