"""The numbers and shapes in a text, and whether an answer is among them."""

from __future__ import annotations

import re
from fractions import Fraction

from cnncalc.homework.questions import Amount

LEAST_TELLING = 10
"""The least number that tells something: kernels, strides and paddings are smaller, and stand everywhere."""

_NUMBER = re.compile(r"(?<![\w.×])[-−]?\d+(?:[×x]\d+)*(?![\w×]|\.\d)")


def numbers_in(text: str) -> frozenset[str]:
    """The whole numbers and shapes of a text, as `64`, `-6` and `64x112x112`; `conv1_1` and `layer1.0` have none."""
    plain = text.replace(",", " ")
    return frozenset(number.replace("×", "x").replace("−", "-") for number in _NUMBER.findall(plain))


def tells(shown: frozenset[str], answer: Amount | str) -> bool:
    """Whether what is shown has an answer in it: a number, a shape or the path of a layer."""
    if isinstance(answer, tuple):
        return "x".join(map(str, answer)) in shown if len(answer) > 1 else tells(shown, answer[0])
    if isinstance(answer, str):
        return answer in shown
    return abs(Fraction(answer)) >= LEAST_TELLING and str(answer) in shown
