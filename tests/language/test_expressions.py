"""Arithmetic in descriptions: what expressions amount to, and what is not one."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from cnncalc.core.errors import Fault
from cnncalc.language.text.expression import MOST_ROUNDS, evaluate
from cnncalc.language.work import Work

NAMES: dict[str, Any] = {"n": 3, "units": (3, 4, 6, 3), "rows": ((1, 16), (6, 24), (6, 40))}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7 / 2", Fraction(7, 2)),
        ("7 / 2 * 4", 14),
        ("ceil(7 / 2) + floor(7 / 2)", 7),
        ("ceil(-0.5)", 0),
        ("round(2.5)", 2),  # to the even neighbour, as Python and torch
        ("make_divisible(32 * 1.4, 8)", 48),
        ("make_divisible(24 * 1.1, 8)", 24),
        ("2 ** -1 < 0.6 < 1", True),
        ("n if n > 3 else -n", -3),
        ("units[1] + units[-1]", 7),
        ("sum(units) - len(units)", 12),
        ("range(3)", (0, 1, 2)),
        ("range(0)", ()),
        ("units[:n]", (3, 4, 6)),
        ("units[1:]", (4, 6, 3)),
        ("units[1:-1]", (4, 6)),
        ("units[:]", (3, 4, 6, 3)),
        ("units[9:]", ()),
        ("sum(units[:0])", 0),
        ("[n * unit for unit in units]", (9, 12, 18, 9)),
        ("[row[1] for row in rows if row[0] > 1]", (24, 40)),
        ("[k for k in range(20) if k % 2 if k % 3]", (1, 5, 7, 11, 13, 17, 19)),
        ("sum([1 for k in range(60) if k ** 2 < 1000])", 32),
        ("sum([n for n in units]) + n", 19),  # the loop's own n is gone after it
    ],
)
def test_value(text: str, expected: Any) -> None:
    found = evaluate(text, NAMES, Work())
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[k for k in n]", "bad-expression"),
        ("[k for k in range(2) for j in range(2)]", "bad-expression"),
        ("[[j for j in range(2)] for k in range(2)]", "bad-expression"),
        ("[k for k in [j for j in range(2)]]", "bad-expression"),
        ("[a for a, b in rows]", "bad-expression"),
        ("{k for k in units}", "bad-expression"),
        ("sum(k for k in units)", "bad-expression"),
        ("sum([k for k in range(2)]) + k", "unknown-name"),
        ("[m for k in range(2)]", "unknown-name"),
        (f"[k for k in range({MOST_ROUNDS + 1})]", "list-too-large"),
        ("range(10 ** 12)", "list-too-large"),
        ("range(n / 2)", "bad-expression"),
        ("range(units)", "bad-expression"),
        ("range(1, 3)", "bad-expression"),
        ("units[::2]", "bad-expression"),
        ("units[:n / 2]", "bad-expression"),
        ("units[:n > 2]", "bad-expression"),
        ("n[:2]", "bad-expression"),
        ("units[4]", "bad-expression"),
        ("sum([1 / (2 ** 60 + k) for k in range(64)])", "number-too-large"),  # whose denominators multiply
    ],
)
def test_objection(text: str, code: str) -> None:
    with pytest.raises(Fault) as caught:
        evaluate(text, NAMES, Work())
    assert caught.value.code == code
