"""A few seconds of `fuzz_layers`: no layer and no chain of layers is called wrong, and a wrong rule would be found."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from cnncalc.core.field import sliding_window
from cnncalc.layers.catalogue import resolve
from tests.fuzz.fuzz_layers import CHAINED, EVERY, chain, findings, outcome, single

MERGING = (
    *("permute", "reshape", "flatten", "pad", "slice", "concat", "add", "multiply", "conv1d", "conv2d", "linear"),
    *("layer_norm", "group_norm", "softmax", "class_token", "multi_head_attention", "scaled_dot_product_attention"),
)
"""What lays rows and features together, and what goes along them."""


def test_no_layer_and_no_chain_is_called_wrong() -> None:
    count: Counter[str] = Counter()
    assert list(map(str, findings(1, range(40), count))) == []
    assert count["exact"] > 40
    assert count["not measured"] < count["exact"] / 10


def test_no_chain_that_lays_rows_together_is_called_wrong() -> None:
    wrong = [text for number in range(60) if outcome(text := chain(Random(number), MERGING)).wrong]
    assert wrong == []


@pytest.mark.parametrize("kind", EVERY)
def test_every_type_is_drawn(kind: str) -> None:
    assert any(single(Random(number), kind) for number in range(3))


def test_a_wrong_rule_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in CHAINED:
        if kind.startswith("conv"):
            layer = resolve(kind)
            monkeypatch.setattr(layer, "windows", lambda self, x: tuple(sliding_window(2) for _ in x.spatial))
    finding = next(findings(1, range(40), Counter()))
    assert "receptive_field" in finding.what
    assert str(finding).startswith(f"--seed 1 --case {finding.number}: ")
