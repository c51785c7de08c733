"""Tools for topics: layers in the topic's own symbols, and sums and quotients of their costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import reduce
from operator import mul
from typing import Any, NamedTuple, TypeVar

from cnncalc.core.arithmetic import exact_div
from cnncalc.core.counts import Op
from cnncalc.core.notation import PLAIN, Notation
from cnncalc.core.tensor import TensorSpec
from cnncalc.core.term import NO_NAMES, Key, Term, key_of, rational_value
from cnncalc.core.translation import said
from cnncalc.explain.layer import Equation, Explanation
from cnncalc.layers.base import Layer

Sizes = Mapping[str, Term]
"""The sizes of a topic, as symbols."""

Explainer = Callable[[Sizes], list[Explanation]]

LayerType = TypeVar("LayerType", bound=Layer)


def make_layer(type_: type[LayerType], **options: Any) -> LayerType:
    """A layer with symbols among its options, which are validated like those of any layer."""
    return type_(**{name: _without_symbols(value) for name, value in options.items()}).model_copy(options)


def _without_symbols(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(_without_symbols, value))
    return int(value) if isinstance(value, Term) else value


class Part(NamedTuple):
    """One layer on one input, and its costs in the symbols of the topic."""

    layer: Layer
    output: TensorSpec  # computed extents are replaced by symbols
    extents: tuple[int, ...]  # the same as they were computed
    params: int
    macs: int
    bias_adds: int
    growth: int  # positions that the window adds to a field, in jumps; 0 without windows


def part(layer: Layer, x: TensorSpec) -> Part:
    """A layer on an input; an extent that does not change keeps its symbol."""
    y = layer.output(x)
    spatial = tuple(_symbol_after(after, before) for after, before in zip(y.spatial, x.spatial, strict=True))
    names = {key_of(extent): symbol.symbol_name for extent, symbol in zip(y.spatial, spatial, strict=True)}
    weights = [weight.numel for weight in layer.weights(x) if weight.trainable]
    ops = layer.ops(x)
    return Part(
        layer,
        y.with_spatial(spatial) if spatial else y,
        y.spatial,
        sum(simplify(number, names) for number in weights),
        simplify(ops.of(Op.CONTRACTION_MAC), names),
        simplify(ops.of(Op.BIAS_ADD), names),
        _growth(layer, x),
    )


def _symbol_after(after: int, before: int) -> Term:
    name = before.symbol_name if isinstance(before, Term) else str(before)
    return Term.symbol(name if int(after) == int(before) else f"{name}_out", int(after))


def _growth(layer: Layer, x: TensorSpec) -> int:
    unpadded = layer.model_copy({"padding": ((0, 0),) * len(x.spatial)}) if hasattr(layer, "padding") else layer
    windows = unpadded.windows(x)
    seen = windows[0].intervals[0] if windows else None
    return seen[1] - seen[0] if seen else 0


def chain(x: TensorSpec, *layers: Layer) -> list[Part]:
    """Layers in sequence, each on the output of the one before it."""
    parts: list[Part] = []
    for layer in layers:
        parts.append(part(layer, x))
        x = parts[-1].output
    return parts


def sum_of(numbers: Iterable[int]) -> int:
    """The sum, with equal summands collected: 2·C·C·3·3."""
    times: dict[Key, list[int]] = {}
    for number in numbers:
        times.setdefault(key_of(number), []).append(number)
    parts = [alike[0] if len(alike) == 1 else len(alike) * alike[0] for alike in times.values()]
    return sum(parts[1:], parts[0])


def params_of(parts: Sequence[Part]) -> int:
    """Parameters of a chain."""
    return sum_of(one.params for one in parts)


def macs_of(parts: Sequence[Part]) -> int:
    """MACs of a chain."""
    return sum_of(one.macs for one in parts)


def field_of(parts: Sequence[Part]) -> int:
    """The receptive field of a chain without strides, on one axis."""
    return sum_of(one.growth for one in parts) + 1


def equations_and_sum(symbol: str, names: Sequence[str], numbers: Iterable[int]) -> list[Equation]:
    """An equation for each number, and one for their sum in terms of the symbols."""
    equations = [Equation(name, number) for name, number in zip(names, numbers, strict=True)]
    named = [Term.symbol(equation.symbol, int(equation.expression)) for equation in equations]
    return [*equations, Equation(symbol, sum(named[1:], named[0]))]


# Quotients


def simplify(value: int, names: Mapping[Key, str] = NO_NAMES) -> int:
    """The expression with names for its parts, and without factors and divisors of 1."""
    if not isinstance(value, Term) or value.operator is None:
        return value
    name = names.get(key_of(value))
    if name is not None:
        return Term.symbol(name, int(value))
    if value.operator not in ("+", "*", "/"):
        return value
    one, other = (simplify(operand, names) for operand in value.operands)
    if value.operator == "+":
        return one + other
    if _is_one(other):
        return one
    if value.operator == "*":
        return other if _is_one(one) else one * other
    quotient: int = 1 if key_of(one) == key_of(other) else exact_div(one, other)
    return quotient


def _is_one(value: int) -> bool:
    """Whether this is the plain number 1; a symbol never is, whatever its value."""
    return not isinstance(value, Term) and value == 1


def ratio(part: int, whole: int) -> Term:
    """A sum over a product as a sum of quotients, each with common factors cancelled."""
    if isinstance(part, Term) and part.operator == "+":
        one, other = part.operands
        joint: Term = ratio(one, whole) + ratio(other, whole)
        return joint
    above, below = _factors(part)
    under, over = _factors(whole)
    above, below = _without_factors(above + over, below + under), _without_factors(below + under, above + over)
    # an empty numerator is 1, as an expression that can be divided
    top = reduce(mul, above) if above else Term.symbol("1", 1)
    top = top if isinstance(top, Term) else Term.symbol(str(top), top)
    return top.exact_div(reduce(mul, below)) if below else top


def _factors(value: int) -> tuple[list[int], list[int]]:
    """The factors of an expression, and its divisors."""
    if not isinstance(value, Term) or value.operator not in ("*", "/"):
        return [value], []
    (above, below), (more, less) = map(_factors, value.operands)
    return (above + more, below + less) if value.operator == "*" else (above + less, below + more)


def _without_factors(factors: Sequence[int], cancelled: Sequence[int]) -> list[int]:
    """The factors without the cancelled ones; two are the same if they are computed alike, not if they are as large."""
    more = Counter(map(key_of, cancelled))
    left = []
    for factor in factors:
        if more[key_of(factor)]:
            more[key_of(factor)] -= 1
        else:
            left.append(factor)
    return left


class Ratio(Equation):
    """A quotient that need not be whole."""

    @property
    def value(self) -> Fraction:
        """The exact value."""
        return rational_value(self.expression)

    def sides(self, notation: Notation = PLAIN) -> list[str]:
        """As for any equation; the result is a fraction in lowest terms."""
        value = self.value
        result = notation.number(value.numerator)
        if value.denominator != 1:
            result = notation.quotient["/"].format(result, notation.number(value.denominator))
        sides = [*super().sides(notation)[:-1], result]
        return [side for place, side in enumerate(sides) if place == 0 or side != sides[place - 1]]


def times_fewer(before: int, after: int) -> str:
    """How many times fewer the second number is than the first, or how many times as many."""
    fewer = Fraction(int(before), int(after))
    if fewer < 1:
        return said("{times} times as many", times=decimal(1 / fewer))
    return said("{times} times fewer", times=decimal(fewer)) if fewer > 1 else said("as many")


def decimal(value: Fraction) -> str:
    """A fraction to two decimals, or below 1 to three significant digits."""
    if value.denominator == 1:
        return f"{value.numerator:,}"
    return f"{float(value):,.2f}" if value > 1 else f"{float(value):.3g}"


def percent(value: Fraction) -> str:
    """A fraction as a percentage."""
    return f"{100 * float(value):.1f} %"
