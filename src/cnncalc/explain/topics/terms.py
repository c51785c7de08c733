"""What topics are made of: layers in the topic's own symbols, and quotients of what their rules say."""

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
from cnncalc.core.term import NO_NAMES, Key, Term, key_of
from cnncalc.core.translation import said
from cnncalc.explain.layer import Explanation, Line
from cnncalc.layers.base import Layer

Sizes = Mapping[str, Term]
"""The sizes of a topic, as symbols."""

Explaining = Callable[[Sizes], list[Explanation]]

Kind = TypeVar("Kind", bound=Layer)


def made(type_: type[Kind], **options: Any) -> Kind:
    """A layer with symbols among its options, checked as any layer is."""
    return type_(**{name: _plain(value) for name, value in options.items()}).model_copy(options)


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    return int(value) if isinstance(value, Term) else value


class Part(NamedTuple):
    """One layer at one input; what it costs, in the symbols of the topic."""

    layer: Layer
    output: TensorSpec  # extents that the rule computed go by symbols
    extents: tuple[int, ...]  # the same, as computed
    params: int
    macs: int
    bias_adds: int
    growth: int  # by how much units see further than those before, in their jumps; 0 without windows


def part(layer: Layer, x: TensorSpec) -> Part:
    """What the rules of a layer say; an extent that stays as it was keeps its symbol."""
    y = layer.output(x)
    spatial = tuple(_symbol_after(after, before) for after, before in zip(y.spatial, x.spatial, strict=True))
    names = {key_of(extent): symbol.symbol_name for extent, symbol in zip(y.spatial, spatial, strict=True)}
    weights = [weight.numel for weight in layer.weights(x) if weight.trainable]
    ops = layer.ops(x)
    return Part(
        layer,
        y.with_spatial(spatial) if spatial else y,
        y.spatial,
        sum(simplified(number, names) for number in weights),
        simplified(ops.of(Op.CONTRACTION_MAC), names),
        simplified(ops.of(Op.BIAS_ADD), names),
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
    """Layers one behind the other."""
    parts: list[Part] = []
    for layer in layers:
        parts.append(part(layer, x))
        x = parts[-1].output
    return parts


def together(numbers: Iterable[int]) -> int:
    """A sum in which equal parts are counted: 2·C·C·3·3."""
    times: dict[Key, list[int]] = {}
    for number in numbers:
        times.setdefault(key_of(number), []).append(number)
    parts = [alike[0] if len(alike) == 1 else len(alike) * alike[0] for alike in times.values()]
    return sum(parts[1:], parts[0])


def params_of(parts: Sequence[Part]) -> int:
    """Parameters of a chain."""
    return together(one.params for one in parts)


def macs_of(parts: Sequence[Part]) -> int:
    """MACs of a chain."""
    return together(one.macs for one in parts)


def field_of(parts: Sequence[Part]) -> int:
    """How many positions a unit behind a chain without strides sees on one axis."""
    return together(one.growth for one in parts) + 1


def summed(symbol: str, names: Sequence[str], numbers: Iterable[int]) -> list[Line]:
    """A line for each number, and their sum in the names of the lines."""
    lines = [Line(name, number) for name, number in zip(names, numbers, strict=True)]
    named = [Term.symbol(line.symbol, int(line.expression)) for line in lines]
    return [*lines, Line(symbol, sum(named[1:], named[0]))]


# Quotients


def simplified(value: int, names: Mapping[Key, str] = NO_NAMES) -> int:
    """An expression with names for its parts, and without factors and divisors of 1."""
    if not isinstance(value, Term) or value.operator is None:
        return value
    name = names.get(key_of(value))
    if name is not None:
        return Term.symbol(name, int(value))
    if value.operator not in ("+", "*", "/"):
        return value
    one, other = (simplified(operand, names) for operand in value.operands)
    if value.operator == "+":
        return one + other
    if _is_one(other):
        return one
    if value.operator == "*":
        return other if _is_one(one) else one * other
    quotient: int = 1 if key_of(one) == key_of(other) else exact_div(one, other)
    return quotient


def _is_one(value: int) -> bool:
    """Whether this is the number 1; a symbol is not, whatever its value."""
    return not isinstance(value, Term) and value == 1


def ratio(part: int, whole: int) -> Term:
    """A sum over a product, every summand with the factors cancelled that it shares with the product."""
    if isinstance(part, Term) and part.operator == "+":
        one, other = part.operands
        joint: Term = ratio(one, whole) + ratio(other, whole)
        return joint
    above, below = _factors(part)
    under, over = _factors(whole)
    above, below = _without(above + over, below + under), _without(below + under, above + over)
    # what is left of a numerator without factors is the number 1, here as an expression that can be divided
    top = reduce(mul, above) if above else Term.symbol("1", 1)
    top = top if isinstance(top, Term) else Term.symbol(str(top), top)
    return top.exact_div(reduce(mul, below)) if below else top


def _factors(value: int) -> tuple[list[int], list[int]]:
    """What is multiplied in an expression, and what it is divided by."""
    if not isinstance(value, Term) or value.operator not in ("*", "/"):
        return [value], []
    (above, below), (more, less) = map(_factors, value.operands)
    return (above + more, below + less) if value.operator == "*" else (above + less, below + more)


def _without(factors: Sequence[int], cancelled: Sequence[int]) -> list[int]:
    """The factors less those that the others hold as well; alike is what is computed alike, not what is as large."""
    more = Counter(map(key_of, cancelled))
    left = []
    for factor in factors:
        if more[key_of(factor)]:
            more[key_of(factor)] -= 1
        else:
            left.append(factor)
    return left


def exact(value: int) -> Fraction:
    """The value of an expression whose divisions may leave a rest."""
    if not isinstance(value, Term) or value.operator is None:
        return Fraction(int(value))
    one, other = map(exact, value.operands)
    match value.operator:
        case "+":
            return one + other
        case "*":
            return one * other
        case _:
            assert value.operator == "/"
            return one / other


class Ratio(Line):
    """A quotient, which need not be whole."""

    @property
    def value(self) -> Fraction:
        """The exact value."""
        return exact(self.expression)

    def sides(self, notation: Notation = PLAIN) -> list[str]:
        """As of any line; the result is a fraction in its lowest terms."""
        value = self.value
        result = notation.number(value.numerator)
        if value.denominator != 1:
            result = notation.quotient["/"].format(result, notation.number(value.denominator))
        sides = [*super().sides(notation)[:-1], result]
        return [side for place, side in enumerate(sides) if place == 0 or side != sides[place - 1]]


def times_fewer(before: int, after: int) -> str:
    """How many times fewer the second is than the first, or how many times as many."""
    fewer = Fraction(int(before), int(after))
    if fewer < 1:
        return said("{times} times as many", times=decimal(1 / fewer))
    return said("{times} times fewer", times=decimal(fewer)) if fewer > 1 else said("as many")


def decimal(value: Fraction) -> str:
    """A fraction to two decimals, or below 1 to three digits that say something."""
    if value.denominator == 1:
        return f"{value.numerator:,}"
    return f"{float(value):,.2f}" if value > 1 else f"{float(value):.3g}"


def percent(value: Fraction) -> str:
    """A fraction as a percentage."""
    return f"{100 * float(value):.1f} %"
