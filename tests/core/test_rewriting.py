"""Recorded sums with something changed: what they come to, and how they read."""

from __future__ import annotations

import pytest

from cnncalc.core.rewriting import factors, simplified, substituted, summands, with_factors, with_operator
from cnncalc.core.term import Term

H, K, S, P, C = (Term.symbol(*named) for named in (("H", 15), ("k", 4), ("s", 2), ("p", 1), ("C", 3)))
WINDOWS = (H + 2 * P - 1 * (K - 1) - 1) // S + 1


def test_a_part_is_replaced_wherever_it_is() -> None:
    count = C * WINDOWS * WINDOWS
    changed = substituted(count, [(WINDOWS, H), (C, K)])
    assert (changed, changed.formula()) == (4 * 15 * 15, "k·H·H")  # type: ignore[attr-defined]
    assert substituted(count, [(S, P)]) == 3 * 14 * 14
    assert substituted(C * K, [(C, K), (K, C)]) == 12
    assert substituted(count, [(Term.symbol("n", 3), H)]) is count  # the value alone is not enough


def test_what_is_put_down_is_short() -> None:
    assert simplified(WINDOWS).formula() == "⌊(H + 2·p − k) / s⌋ + 1"  # type: ignore[attr-defined]
    assert simplified((H - (K - 1) - 1) // 1 + 1).formula() == "H − k + 1"  # type: ignore[attr-defined]
    assert simplified(H - K + 1 + 1).formula() == "H − k + 1 + 1"  # type: ignore[attr-defined]
    assert simplified(C.exact_div(1) * 1).formula() == "C"  # type: ignore[attr-defined]
    assert simplified(H + 2 * 0 * K) == H
    assert simplified(H + Term.symbol("q", 1) - 1).formula() == "H + q − 1"  # type: ignore[attr-defined]


@pytest.mark.parametrize("value", [WINDOWS, C * WINDOWS, H - (K - S), (H + P) * (K - 1) - C])
def test_the_value_stays(value: Term) -> None:
    short = simplified(value)
    assert short == value
    assert isinstance(short, Term)
    assert short.evaluate() == value


def test_rounding_and_products() -> None:
    assert with_operator(WINDOWS, "//", "ceil") == 8
    assert WINDOWS == 7
    assert [int(one) for one in factors(C * (H + K) * S)] == [3, 19, 2]
    assert [int(one) for one in summands(H + (C * K + S))] == [15, 12, 2]
    less = with_factors(C * K * S + C, lambda parts: [one for one in parts if one is not K])
    assert (less, less.formula()) == (9, "C·s + C")  # type: ignore[attr-defined]
    assert with_factors(WINDOWS, lambda parts: []) is WINDOWS  # quotients stay as they are
