"""The values of expressions: exact numbers and lists, all bounded, and the operators and functions on them."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import reduce
from math import ceil, floor
from typing import Any

from cnncalc.core.errors import Fault
from cnncalc.language.work import Work

MOST_BITS = 256
"""Bits of an intermediate result: far more than any real count has, and still fast."""

MOST_ITEMS = 10_000
"""Items of a list, including those of nested lists."""

MOST_LEVELS = 10
"""Levels of nested lists: a few suffice."""


def integer_if_whole(value: Any) -> Any:
    """A whole fraction as an int; any other value unchanged."""
    return value.numerator if isinstance(value, Fraction) and value.denominator == 1 else value


def bounded_list(parts: Iterable[Any], work: Work) -> tuple[Any, ...]:
    """A list of these parts, which must be within the bounds.

    Errors:  list-too-large, Exhausted
    """
    values = tuple(parts)
    items, levels = extent(values)
    work.spend(items)
    if items > MOST_ITEMS or levels > MOST_LEVELS:
        raise Fault(
            "list-too-large",
            "a list may have {most:,} items in {levels} levels",
            help="use shorter lists, or `repeat`",
            most=MOST_ITEMS,
            levels=MOST_LEVELS,
        )
    return values


def extent(value: tuple[Any, ...]) -> tuple[int, int]:
    """(items, levels) of a list whose parts are within the bounds."""
    items, levels = len(value), 0
    for part in value:
        if isinstance(part, tuple):
            inner, below = extent(part)
            items, levels = items + inner, max(levels, below)
            if items > MOST_ITEMS:
                break
    return items, levels + 1


def as_number(value: Any) -> Any:
    """The value, which must be a number.

    Errors:  bad-expression
    """
    if isinstance(value, bool) or not isinstance(value, (int, Fraction)):
        raise Fault("bad-expression", "{value} is not a number", help="calculate with numbers only", value=value)
    return value


def as_list(value: Any) -> tuple[Any, ...]:
    """The value, which must be a list.

    Errors:  bad-expression
    """
    if not isinstance(value, tuple):
        raise Fault("bad-expression", "{value} is not a list", help="give it a list, as [1, 2, 3]", value=value)
    return value


def bounded_number(value: Any) -> Any:
    """The number, which must have at most `MOST_BITS` bits.

    Errors:  number-too-large
    """
    size = value if isinstance(value, int) else max(abs(value.numerator), value.denominator)
    if size.bit_length() > MOST_BITS:
        raise Fault(
            "number-too-large", "this number has more than {bits} bits", help="use smaller numbers", bits=MOST_BITS
        )
    return value


def _power(base: Any, exponent: Any) -> Any:
    if not isinstance(exponent, int):
        raise Fault("bad-expression", "the exponent {value} is not whole", help="use a whole exponent", value=exponent)
    size = base if isinstance(base, int) else max(abs(base.numerator), base.denominator)
    if abs(exponent) * size.bit_length() > 2 * MOST_BITS:  # an upper bound, checked before computing
        raise Fault(
            "number-too-large",
            "{base} ** {exponent} is too large",
            help="use smaller numbers",
            base=base,
            exponent=exponent,
        )
    return Fraction(base) ** exponent


def make_divisible(value: Any, divisor: int, least: int | None = None) -> int:
    """The nearest multiple of the divisor that is not below nine tenths of the value.

    Source:  Sandler et al., MobileNetV2 (2018), reference code; torchvision `_make_divisible`
    """
    rounded: int = max(divisor if least is None else least, floor(value + Fraction(divisor, 2)) // divisor * divisor)
    return rounded + divisor if rounded < Fraction(9, 10) * value else rounded


def _range(count: Any) -> tuple[int, ...]:
    """The numbers from 0 to count − 1."""
    if as_number(count) > MOST_ITEMS:
        raise Fault("list-too-large", "a list may have {most:,} items", help="use a smaller number", most=MOST_ITEMS)
    return tuple(range(count))


def _bounded_sum(one: Any, other: Any) -> Any:
    return bounded_number(one + other)  # at every step, because the denominators of fractions multiply


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "min": lambda *values: min(map(as_number, values)),
    "max": lambda *values: max(map(as_number, values)),
    "abs": lambda value: abs(as_number(value)),
    "round": lambda value: round(as_number(value)),
    "floor": lambda value: floor(as_number(value)),
    "ceil": lambda value: ceil(as_number(value)),
    "make_divisible": make_divisible,
    "len": lambda values: len(as_list(values)),
    "sum": lambda values: reduce(_bounded_sum, map(as_number, as_list(values)), 0),
    "range": _range,
}
"""The functions of expressions."""

ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: Fraction,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: _power,
}

COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda item, values: item in values,
    ast.NotIn: lambda item, values: item not in values,
}
