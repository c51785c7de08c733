"""Multiples and shares as people write them: twice, 6 times, 6.1 倍, 一半, 74 %, 百分之七十四."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple

NEAR = Fraction(1, 20)
"""How far a ratio may be from a multiple such as `twice`, or from a share that is `about` so much, relative to it."""


class Factor(NamedTuple):
    """A multiple or a share; `step` is the weight of its last digit, 0 for a fraction."""

    value: Fraction
    step: Fraction
    is_share: bool

    def fits(self, ratio: Fraction, about: bool) -> bool:
        """Whether a ratio is this: to the digits given, and for a multiple at most a twentieth away."""
        off, near = abs(ratio - self.value), NEAR * self.value
        if about:
            return off <= max(near, self.step / 2)
        return off <= (self.step / 2 if self.is_share else min(near, self.step / 2) if self.step else near)


def read_factor(text: str) -> Factor:
    """The factor of a text that has one."""
    found = re.search(r"(\d+)(?:\.(\d+))?(?:/(\d+))?", text)
    assert found is not None
    whole, decimals, below = found[1], found[2] or "", found[3]
    value = Fraction(int(whole + decimals), 10 ** len(decimals))
    if below:
        return Factor(value / max(1, int(below)), Fraction(0), False)
    is_share = re.search("%|percent|per cent|百分之", text.lower()) is not None
    scale = 100 if is_share else 1
    return Factor(value / scale, Fraction(1, scale * 10 ** len(decimals)), is_share)
