"""Recorded sums with something changed: parts replaced, factors and summands left out, and what is left put shortly."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from operator import add, mul

from cnncalc.core.arithmetic import ceil_div, exact_div
from cnncalc.core.term import Operator, Term, key_of

Change = Callable[[int], int]
"""A part of a sum, changed or as it was."""


def combined(operator: Operator, operands: Sequence[int]) -> int:
    """Operands put together by an operator."""
    left, right = operands[0], operands[-1]
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "//":
            return left // right
        case "%":
            return left % right
        case "neg":
            return -left
        case "ceil":
            return ceil_div(left, right)  # type: ignore[no-any-return]
        case "/":
            return exact_div(left, right)  # type: ignore[no-any-return]


def operator_of(value: int) -> Operator | None:
    """The outermost operator; a number or a symbol has none."""
    return value.operator if isinstance(value, Term) else None


def operands_of(value: int) -> tuple[int, ...]:
    """What the outermost operator puts together."""
    return value.operands if isinstance(value, Term) else ()


def rewritten(value: int, change: Change) -> int:
    """A sum with every part changed, the innermost first."""
    operator = operator_of(value)
    if operator is not None:
        parts = [rewritten(part, change) for part in operands_of(value)]
        if any(new is not old for new, old in zip(parts, operands_of(value), strict=True)):
            value = combined(operator, parts)
    return change(value)


def substituted(value: int, replacements: Iterable[tuple[int, int]]) -> int:
    """A sum with some of its parts replaced, each of them at once."""
    pairs = [(int(old), key_of(old), new) for old, new in replacements]

    def replace(part: int) -> int:
        for number, key, new in pairs:
            if part == number and isinstance(part, Term) and key_of(part) == key:
                return new
        operator = operator_of(part)
        if operator is None:
            return part
        parts = [replace(operand) for operand in operands_of(part)]
        return part if all(map(_is_same, parts, operands_of(part))) else combined(operator, parts)

    return replace(value)


def _is_same(one: int, other: int) -> bool:
    return one is other


def factors(value: int) -> list[int]:
    """The factors of a product; anything else is one factor."""
    if operator_of(value) != "*":
        return [value]
    return [factor for operand in operands_of(value) for factor in factors(operand)]


def summands(value: int) -> list[int]:
    """The summands of a sum; anything else is one summand."""
    if operator_of(value) != "+":
        return [value]
    return [summand for operand in operands_of(value) for summand in summands(operand)]


def product(parts: Sequence[int]) -> int:
    """The product of some factors; without one, 1."""
    return reduce(mul, parts) if parts else 1


def total(parts: Sequence[int]) -> int:
    """The sum of some summands; without one, 0."""
    return reduce(add, parts) if parts else 0


def with_factors(value: int, change: Callable[[list[int]], list[int]]) -> int:
    """A sum whose products have other factors; quotients stay as they are."""
    operator = operator_of(value)
    if operator == "*":
        return product(change([with_factors(factor, change) for factor in factors(value)]))
    if operator in ("+", "-"):
        parts = [with_factors(part, change) for part in operands_of(value)]
        return value if all(map(_is_same, parts, operands_of(value))) else combined(operator, parts)
    return value


def with_operator(value: int, old: Operator, new: Operator) -> int:
    """A sum with another operator in the place of one."""
    return rewritten(value, lambda part: combined(new, operands_of(part)) if operator_of(part) == old else part)


def simplified(value: int) -> int:
    """A sum as it is put down: without factors and divisors of 1, zeros, and numbers that cancel each other."""
    return rewritten(value, _simplified_step)


def _simplified_step(value: int) -> int:
    operator, parts = operator_of(value), operands_of(value)
    if operator == "*":
        plain = [part for part in parts if type(part) is int]
        return 0 if 0 in plain else product([part for part in parts if type(part) is not int or part != 1])
    if operator in ("/", "//", "ceil") and type(parts[1]) is int and parts[1] == 1:
        return parts[0]
    return _resolved_sum(value) if operator in ("+", "-") else value


def _resolved_sum(value: int) -> int:
    """A sum without brackets, and without numbers that cancel each other."""
    kept: list[tuple[bool, int]] = []
    for negative, part in _signed_summands(value, negative=False):
        is_number = type(part) is int
        opposite = next(
            (one for one in kept if is_number and type(one[1]) is int and one == (not negative, part)), None
        )
        if opposite is not None:
            kept.remove(opposite)
        elif part or not is_number:
            kept.append((negative, part))
    start = next((place for place, (negative, _) in enumerate(kept) if not negative), None)
    if start is None:
        return -total([part for _, part in kept]) if kept else 0
    result = kept.pop(start)[1]
    for negative, part in kept:
        result = result - part if negative else result + part
    return result


def _signed_summands(value: int, *, negative: bool) -> Iterable[tuple[bool, int]]:
    operator, parts = operator_of(value), operands_of(value)
    if operator not in ("+", "-"):
        return [(negative, value)]
    return [
        *_signed_summands(parts[0], negative=negative),
        *_signed_summands(parts[1], negative=negative is not (operator == "-")),
    ]
