"""The printed expression of a Term, read back by Python's own grammar over exact fractions."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from fractions import Fraction

_PYTHON = {"⌊": " floor(", "⌋": ")", "⌈": " ceil(", "⌉": ")", "·": "*", "−": "-", " mod ": " % "}


def read_back(text: str, symbols: Mapping[str, int] | None = None) -> Fraction:
    """The value of a printed expression; inside ⌊ ⌋ and ⌈ ⌉ the quotient is exact until it is rounded."""
    python = re.sub(r"\b\d+\b", r"Fraction(\g<0>)", text)
    for sign, spelled in _PYTHON.items():
        python = python.replace(sign, spelled)
    assert python.isascii(), python
    names = {name: Fraction(value) for name, value in (symbols or {}).items()}
    rounding = {"floor": lambda x: Fraction(math.floor(x)), "ceil": lambda x: Fraction(math.ceil(x))}
    value: Fraction = eval(python.strip(), {"__builtins__": {}, "Fraction": Fraction, **rounding}, names)
    return value
