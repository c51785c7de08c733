"""An integer that remembers how it was computed, so that one rule both computes and explains.

A `Term` is an `int`: rules, comparisons, shapes and hashing cannot tell it from a plain number. Arithmetic on it gives
another `Term` that keeps its operands, and the expression can be printed twice, in symbols and in this layer's numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple

Operator = Literal["+", "-", "*", "/", "//", "ceil", "%", "neg"]
_BINDING: dict[str, int] = {"+": 1, "-": 1, "%": 1, "/": 2, "*": 3, "neg": 4}


class Notation(NamedTuple):
    """How an expression is written: its signs, its quotients (of two texts), its numbers and its symbols."""

    signs: Mapping[str, str]
    quotient: Mapping[str, str]
    brackets: Callable[[str], str]
    fraction: bool  # whether a quotient holds its parts together by itself
    number: Callable[[int], str]
    symbol: Callable[[str], str]


_AXIS_OR_END = re.compile(r"in|out|[thw]?[12]?")
"""What stands below a word: `start_in`, `size_h`. Elsewhere an underscore is part of the word: `bias_add`."""


def _latex_symbol(name: str) -> str:
    """`C_out` as C with a subscript; words stand upright."""
    if name == CUT:
        return r"\dots"
    if not re.fullmatch(r"[A-Za-z0-9_.]+", name):
        return r"\text{" + name.replace("_", r"\_") + "}"  # a layer's own name, which has letters, digits, + and -
    base, *below = name.split("_")
    if len(base) > 1 and not re.fullmatch("[A-Za-z][0-9]", base):
        while below and not all(map(_AXIS_OR_END.fullmatch, below)):
            base = rf"{base}\_{below.pop(0)}"
    elif len(base) > 1:
        base, below = base[0], [base[1], *below]
    spelled = ",".join(map(_latex_word, below))
    return f"{_latex_word(base)}_{{{spelled}}}" if below else _latex_word(base)


def _latex_word(word: str) -> str:
    return word if re.fullmatch("[A-Za-z]?[0-9]*", word) else rf"\mathrm{{{word}}}"


def _latex_brackets(text: str) -> str:
    """Brackets as high as what they hold; around what is no higher than they are, a line may break."""
    return rf"\left({text}\right)" if r"\frac" in text else f"({text})"


PLAIN = Notation(
    {"+": " + ", "-": " − ", "*": "·", "%": " mod ", "neg": "−"},
    {"/": "{} / {}", "//": "⌊{} / {}⌋", "ceil": "⌈{} / {}⌉"},
    "({})".format,
    False,
    str,
    str,
)
"""Text, as it can be typed and read back."""

TEXT = PLAIN._replace(number=lambda number: f"{number:,}".replace("-", "−"))
"""Text with large numbers in groups of three, and one sign for what is below zero and for what is taken away."""

LATEX = Notation(
    {"+": " + ", "-": " - ", "*": r" \cdot ", "%": r" \bmod ", "neg": "-"},
    {
        "/": r"\frac{{{}}}{{{}}}",
        "//": r"\left\lfloor \frac{{{}}}{{{}}} \right\rfloor",
        "ceil": r"\left\lceil \frac{{{}}}{{{}}} \right\rceil",
    },
    _latex_brackets,
    True,
    lambda number: f"{number:,}".replace(",", "{,}"),
    _latex_symbol,
)
"""The inside of a LaTeX formula."""

MOST_DEPTH = 100
"""Operations inside each other that an expression remembers: nobody reads more, as of a sum over 400 weights."""

CUT = "…"
"""What stands for the beginning of a longer one."""

Key = Any
"""What tells an expression from others: two that were computed alike have the same."""

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
            return cls._of(operator, value, *[_cut(operand) for operand in operands])
        term = cls(value)
        term.operator, term.operands, term.symbol_name, term.depth = operator, operands, "", depth
        return term

    def formula(self, notation: Notation = PLAIN, names: Mapping[Key, str] = NO_NAMES) -> str:
        """The expression in the field's symbols; a part of it that has a name of its own goes by that."""
        return _Speller(notation, names, symbols=True).spell(self)[0]

    def worked(self, notation: Notation = PLAIN, names: Mapping[Key, str] = NO_NAMES) -> str:
        """The expression with the numbers in place of the symbols."""
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
        """self / divisor, which leaves no rest."""
        return Term._of("/", int(self) // int(divisor), self, divisor)

    # An operand that is no integer (an array, a fraction) is left to the other side, as int does.
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


def _cut(value: int) -> int:
    """A value whose expression is remembered no longer, where it is as deep as one may be."""
    return Term.symbol(CUT, int(value)) if isinstance(value, Term) and value.depth == MOST_DEPTH else value


def key_of(value: int) -> Key:
    """The key of an expression."""
    if not isinstance(value, Term):
        return int(value)
    if value.operator is None:
        return (CUT, int(value)) if value.symbol_name == CUT else value.symbol_name
    return (value.operator, *map(key_of, value.operands))


class _Speller:
    """Writes expressions in one notation."""

    def __init__(self, notation: Notation, names: Mapping[Key, str], symbols: bool) -> None:
        self.notation, self.names, self.symbols = notation, names, symbols

    def spell(self, value: int) -> tuple[str, int]:
        """The expression of a value, and how tightly its outermost operator binds (9: never needs brackets)."""
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
            return notation.quotient[operator].format(*map(self._bracketed, spelled, least)), 9
        binding = _BINDING[operator]
        if operator == "neg":
            return f"{notation.signs['neg']}{self._unsigned(self._bracketed(spelled[0], binding))}", binding
        left, right = map(self._bracketed, spelled, _LEAST.get(operator, (binding, binding)))
        right = self._unsigned(right)
        if operator == "/":
            return notation.quotient["/"].format(left, right), binding
        return f"{left}{notation.signs[operator]}{right}", binding

    def _bracketed(self, spelled: tuple[str, int], least: int) -> str:
        text, binding = spelled
        return text if binding >= least else self.notation.brackets(text)

    def _unsigned(self, text: str) -> str:
        """What stands behind an operator: a minus of its own is in brackets, a − (−b)."""
        return self.notation.brackets(text) if text.startswith(("-", "−")) else text


_LEAST = {"-": (1, 2), "%": (3, 4), "/": (2, 4)}
"""How tightly the sides of an operator must bind to stand without brackets: a − (b − c) keeps its own."""
