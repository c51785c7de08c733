"""An integer that remembers how it was computed, so that one rule both computes and explains.

A `Term` is an `int`: rules, comparisons, shapes and hashing cannot tell it from a plain number. Arithmetic on it gives
another `Term` that keeps its operands, and the expression can be printed twice, in symbols and in this layer's numbers.
"""

from __future__ import annotations

from typing import Any, Literal

Operator = Literal["+", "-", "*", "//", "ceil", "%", "neg"]
_BINDING: dict[str, int] = {"+": 1, "-": 1, "%": 1, "*": 2, "neg": 3}
_SIGN: dict[str, str] = {"+": " + ", "-": " − ", "*": "·", "%": " mod "}


class Term(int):
    """A whole number with its own expression.

    Example:  `Term.symbol("H", 224) + 2 * Term.symbol("p", 3)` is 230, and reads `H + 2·p` or `224 + 2·3`.
    """

    operator: Operator | None
    operands: tuple[int, ...]
    symbol_name: str

    @classmethod
    def symbol(cls, name: str, value: int) -> Term:
        """A named quantity: an extent of the input or an option of the layer."""
        term = cls(value)
        term.operator, term.operands, term.symbol_name = None, (), name
        return term

    @classmethod
    def _of(cls, operator: Operator, value: int, *operands: int) -> Term:
        term = cls(value)
        term.operator, term.operands, term.symbol_name = operator, operands, ""
        return term

    def formula(self) -> str:
        """The expression in the field's symbols."""
        return _spell(self, symbols=True)[0]

    def worked(self) -> str:
        """The expression with the numbers in place of the symbols."""
        return _spell(self, symbols=False)[0]

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
            case "//":
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

    # An operand that is no integer (an array, a fraction) is left to the other side, as int does.
    def __add__(self, other: Any) -> Any:
        return Term._of("+", int(self) + int(other), self, other) if isinstance(other, int) else NotImplemented

    def __radd__(self, other: Any) -> Any:
        if type(other) is int and other == 0:  # where sum() starts
            return self
        return Term._of("+", int(other) + int(self), other, self) if isinstance(other, int) else NotImplemented

    def __sub__(self, other: Any) -> Any:
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


def _spell(value: int, symbols: bool) -> tuple[str, int]:
    """The expression of a value, and how tightly its outermost operator binds (9: never needs brackets)."""
    if not isinstance(value, Term):
        return str(value), 9
    if value.operator is None:
        return (value.symbol_name if symbols else str(int(value))), 9
    spelled = [_spell(operand, symbols) for operand in value.operands]
    if value.operator in ("//", "ceil"):
        over = f"{_bracketed(spelled[0], 2)} / {_bracketed(spelled[1], 3)}"
        return (f"⌊{over}⌋" if value.operator == "//" else f"⌈{over}⌉"), 9
    binding = _BINDING[value.operator]
    if value.operator == "neg":
        return f"−{_bracketed(spelled[0], binding)}", binding
    least = {"-": (1, 2), "%": (2, 3)}.get(value.operator, (binding, binding))  # a − (b − c) keeps its brackets
    left, right = map(_bracketed, spelled, least)
    return f"{left}{_SIGN[value.operator]}{right}", binding


def _bracketed(spelled: tuple[str, int], least: int) -> str:
    text, binding = spelled
    return text if binding >= least else f"({text})"
