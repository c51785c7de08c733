"""Counting conventions: how many FLOPs each kind of operation is worth to a tool."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from cnncalc.core.counts import Op, OpCount
from cnncalc.core.messages import Phrase


class Convention(NamedTuple):
    """A sourced table of weights over exact counts; kinds that are absent are ignored by the convention."""

    name: str
    summary: str
    weights: Mapping[Op, int]
    source: str

    def flops(self, ops: OpCount) -> int:
        """What the convention makes of these operations."""
        return sum(weight * ops.of(op) for op, weight in self.weights.items())


TORCH = Convention(
    "torch",
    Phrase("1 MAC = 1 multiply + 1 add; FLOPs = 2 × MACs of convolutions and matrix products, nothing else counted"),
    {Op.CONTRACTION_MAC: 2},
    "torch 2.11, torch/utils/flop_counter.py, FlopCounterMode",
)
