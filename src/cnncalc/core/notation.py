"""How expressions are written: as plain text, as text for a screen, and in LaTeX."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

CUT = "…"
"""What stands for the beginning of an expression that is longer than anybody reads."""


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
