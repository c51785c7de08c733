"""An integer that remembers how it was computed, so that one rule both computes and explains.

A `Term` is an `int`: rules, comparisons, shapes and hashing cannot tell it from a plain number. Arithmetic on it gives
another `Term` that keeps its operands, and the expression can be printed in symbols and in this layer's numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Literal

from cnncalc.core.notation import CUT, PLAIN, Notation

Operator = Literal["+", "-", "*", "/", "//", "ceil", "%", "neg"]
_BINDING: dict[str, int] = {"+": 1, "-": 1, "%": 1, "/": 2, "*": 3, "neg": 4}

MOST_DEPTH = 100
"""Depth up to which an expression is remembered: nobody reads more of a sum over 400 weights."""

Key = Any
"""The key of an expression: equal for two that were computed in the same way."""

NO_NAMES: Mapping[Key, str] = {}


class Term(int):
    """A whole number with its own expression.

    Example:  `Term.symbol("H", 224) + 2 * Term.symbol("p", 3)` is 230, and reads `H + 2·p` or `224 + 2·3`.
    """

    operator: Operator | None
    operands: tuple[int, ...]
    symbol_name: str
    depth: int

    @classmethod
    def symbol(cls, name: str, value: int) -> Term:
        """A named quantity: an extent of the input or an option of the layer."""
        term = cls(value)
        term.operator, term.operands, term.symbol_name, term.depth = None, (), name, 0
        return term

    @classmethod
    def _of(cls, operator: Operator, value: int, *operands: int) -> Term:
        depth = 1 + max([operand.depth for operand in operands if isinstance(operand, Term)])
        if depth > MOST_DEPTH:
            return cls._of(operator, value, *[_truncate(operand) for operand in operands])
        term = cls(value)
        term.operator, term.operands, term.symbol_name, term.depth = operator, operands, "", depth
        return term

    def formula(self, notation: Notation = PLAIN, names: Mapping[Key, str] = NO_NAMES) -> str:
        """The expression in the field's symbols; a part that has a name in `names` is written by it."""
        return _Speller(notation, names, symbols=True).spell(self)[0]

    def substitution(self, notation: Notation = PLAIN, names: Mapping[Key, str] = NO_NAMES) -> str:
        """The expression with numbers substituted for the symbols."""
        return _Speller(notation, names, symbols=False).spell(self)[0]

    def evaluate(self) -> int:
        """The value, computed again from the expression alone."""
        if self.operator is None:
            return int(self)
        values = [v.evaluate() if isinstance(v, Term) else v for v in self.operands]
        match self.operator:
            case "+":
                return values[0] + values[1]
            case "-":
                return values[0] - values[1]
            case "*":
                return values[0] * values[1]
            case "/" | "//":
                return values[0] // values[1]
            case "ceil":
                return -(-values[0] // values[1])
            case "%":
                return values[0] % values[1]
            case "neg":
                return -values[0]

    def ceil_div(self, divisor: int) -> Term:
        """⌈self / divisor⌉."""
        return Term._of("ceil", -(-int(self) // int(divisor)), self, divisor)

    def exact_div(self, divisor: int) -> Term:
        """self / divisor, without a remainder."""
        return Term._of("/", int(self) // int(divisor), self, divisor)

    # As with int, the other operand decides if it is no integer (an array, a fraction).
    def __add__(self, other: Any) -> Any:
        return Term._of("+", int(self) + int(other), self, other) if isinstance(other, int) else NotImplemented

    def __radd__(self, other: Any) -> Any:
        if type(other) is int and other == 0:  # where sum() starts
            return self
        return Term._of("+", int(other) + int(self), other, self) if isinstance(other, int) else NotImplemented

    def __sub__(self, other: Any) -> Any:
        if type(other) is int and other == 0:
            return self
        return Term._of("-", int(self) - int(other), self, other) if isinstance(other, int) else NotImplemented

    def __rsub__(self, other: Any) -> Any:
        return Term._of("-", int(other) - int(self), other, self) if isinstance(other, int) else NotImplemented

    def __mul__(self, other: Any) -> Any:
        return Term._of("*", int(self) * int(other), self, other) if isinstance(other, int) else NotImplemented

    def __rmul__(self, other: Any) -> Any:
        if type(other) is int and other == 1:  # where prod() starts
            return self
        return Term._of("*", int(other) * int(self), other, self) if isinstance(other, int) else NotImplemented

    def __floordiv__(self, other: Any) -> Any:
        return Term._of("//", int(self) // int(other), self, other) if isinstance(other, int) else NotImplemented

    def __rfloordiv__(self, other: Any) -> Any:
        return Term._of("//", int(other) // int(self), other, self) if isinstance(other, int) else NotImplemented

    def __mod__(self, other: Any) -> Any:
        return Term._of("%", int(self) % int(other), self, other) if isinstance(other, int) else NotImplemented

    def __neg__(self) -> Any:
        return Term._of("neg", -int(self), self)


def _truncate(value: int) -> int:
    """The value without its expression, if that is as deep as is allowed."""
    return Term.symbol(CUT, int(value)) if isinstance(value, Term) and value.depth == MOST_DEPTH else value


def key_of(value: int) -> Key:
    """The key of an expression."""
    if not isinstance(value, Term):
        return int(value)
    if value.operator is None:
        return (CUT, int(value)) if value.symbol_name == CUT else value.symbol_name
    return (value.operator, *map(key_of, value.operands))


class _Speller:
    """A writer of expressions in one notation."""

    def __init__(self, notation: Notation, names: Mapping[Key, str], symbols: bool) -> None:
        self.notation, self.names, self.symbols = notation, names, symbols

    def spell(self, value: int) -> tuple[str, int]:
        """The expression of a value, and the precedence of its outermost operator (9: never needs brackets)."""
        notation = self.notation
        if not isinstance(value, Term):
            return notation.number(value), 9
        name = value.symbol_name if value.operator is None else self.names.get(key_of(value)) if self.names else None
        if name is not None:
            return (notation.symbol(name) if self.symbols else notation.number(int(value))), 9
        operator = value.operator
        assert operator is not None
        spelled = [self.spell(operand) for operand in value.operands]
        if operator in notation.quotient and (notation.fraction or operator != "/"):
            least = (0, 0) if notation.fraction else (2, 4)
            return notation.quotient[operator].format(*map(self._operand, spelled, least)), 9
        binding = _BINDING[operator]
        if operator == "neg":
            return f"{notation.signs['neg']}{self._right_operand(self._operand(spelled[0], binding))}", binding
        left, right = map(self._operand, spelled, _LEAST.get(operator, (binding, binding)))
        right = self._right_operand(right)
        if operator == "/":
            return notation.quotient["/"].format(left, right), binding
        return f"{left}{notation.signs[operator]}{right}", binding

    def _operand(self, spelled: tuple[str, int], least: int) -> str:
        text, binding = spelled
        return text if binding >= least else self.notation.brackets(text)

    def _right_operand(self, text: str) -> str:
        """The text after an operator; a leading minus is put in brackets: a − (−b)."""
        return self.notation.brackets(text) if text.startswith(("-", "−")) else text


_LEAST = {"-": (1, 2), "%": (3, 4), "/": (2, 4)}
"""Precedence that the two operands need to stand without brackets: in a − (b − c) they are kept."""


def rational_value(expression: int) -> Fraction:
    """The value of an expression with exact quotients."""
    if not isinstance(expression, Term) or expression.operator is None:
        return Fraction(int(expression))
    left, *right = map(rational_value, expression.operands)
    match expression.operator:
        case "+":
            return left + right[0]
        case "-":
            return left - right[0]
        case "*":
            return left * right[0]
        case "neg":
            return -left
    return left / right[0]
