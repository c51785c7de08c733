"""Notations of expressions: plain text, text for a screen, and LaTeX."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

CUT = "…"
"""The sign for a part of an expression that is too long to read."""


class Notation(NamedTuple):
    """One way to write an expression: its signs, quotients (templates of two texts), brackets, numbers and symbols."""

    signs: Mapping[str, str]
    quotient: Mapping[str, str]
    brackets: Callable[[str], str]
    fraction: bool  # whether a quotient needs no brackets around its parts
    number: Callable[[int], str]
    symbol: Callable[[str], str]


_AXIS_OR_END = re.compile(r"in|out|[thw]?[12]?")
"""A subscript of a word: `start_in`, `size_h`. Any other underscore is part of the word: `bias_add`."""


def _latex_symbol(name: str) -> str:
    """`C_out` as C with a subscript; words are set upright."""
    if name == CUT:
        return r"\dots"
    if not re.fullmatch(r"[A-Za-z0-9_.]+", name):
        return r"\text{" + name.replace("_", r"\_") + "}"  # the name of a layer, with letters, digits, + and -
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
    """Brackets that grow around a fraction; plain ones elsewhere, since a line may break inside them."""
    return rf"\left({text}\right)" if r"\frac" in text else f"({text})"


PLAIN = Notation(
    {"+": " + ", "-": " − ", "*": "·", "%": " mod ", "neg": "−"},
    {"/": "{} / {}", "//": "⌊{} / {}⌋", "ceil": "⌈{} / {}⌉"},
    "({})".format,
    False,
    str,
    str,
)
"""Text that can be typed, and read back as an expression."""

TEXT = PLAIN._replace(number=lambda number: f"{number:,}".replace("-", "−"))
"""Text with thousands separators, and the same minus sign for negative numbers and for subtraction."""

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
"""LaTeX math, without its delimiters."""
