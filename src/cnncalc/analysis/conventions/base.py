"""Counting conventions: FLOPs per unit of a basis, by the kind of layer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from cnncalc.core.translation import Phrase

if TYPE_CHECKING:
    from cnncalc.analysis.report import LayerReport


class Basis(NamedTuple):
    """An amount that FLOPs are proportional to, for one image."""

    symbol: Phrase  # as it is shown in a sum
    of: Callable[[LayerReport], int]


class Rate(NamedTuple):
    """FLOPs per unit of a basis; `operator` is the tool's name for the operator, if it lists operators."""

    number: int | Fraction
    basis: Basis
    operator: str = ""


class Unknown(Enum):
    """The answer of a tool that fails, or whose count cannot be told."""

    UNKNOWN = "unknown"


UNKNOWN = Unknown.UNKNOWN

Rates = tuple[Rate, ...]

ANY = "any"
"""The key for every kind of layer without rates of its own."""


class Convention(NamedTuple):
    """A tool's rates by kind of layer: a layer type, or a type in a mode (`upsample:bilinear2d`).

    A kind that is absent is ignored by the tool, which is not the same as UNKNOWN.
    """

    name: str
    summary: Phrase
    rates: Mapping[str, Rates | Unknown]
    source: str

    def terms(self, row: LayerReport) -> Iterator[tuple[Rate, int]]:
        """The summands of a layer's FLOPs: every rate with the amount of its basis, if that is not zero."""
        rates = self._rates(row)
        if rates is not UNKNOWN:
            for rate in rates:
                amount = rate.basis.of(row)
                if amount:
                    yield rate, amount

    def flops(self, row: LayerReport) -> int:
        """FLOPs of a layer for one image; 0 where they are unknown."""
        return int(sum([rate.number * amount for rate, amount in self.terms(row)]))

    def knows(self, row: LayerReport) -> bool:
        """Whether the convention has a count for a layer, which may be 0."""
        return self._rates(row) is not UNKNOWN

    def by_operator(self, rows: Iterable[LayerReport]) -> dict[str, int]:
        """FLOPs of a network by the tool's names of operators; those with none are absent."""
        counted: dict[str, int] = {}
        for row in rows:
            for rate, amount in self.terms(row):
                counted[rate.operator] = counted.get(rate.operator, 0) + int(rate.number * amount)
        return counted

    def _rates(self, row: LayerReport) -> Rates | Unknown:
        rates = self.rates.get(row.type)
        if rates is None and "mode" in row.layer.__dict__:
            rates = self.rates.get(f"{row.type}:{row.layer.mode}{len(row.inputs[0].spatial)}d")
        return self.rates.get(ANY, ()) if rates is None else rates


def _scaled_values(row: LayerReport) -> int:
    has_scale = any(weight.name == "weight" for weight in row.weights)
    return row.inputs[0].elements if has_scale else 0


MACS = Basis(Phrase("MACs"), lambda row: row.macs)
READ = Basis(Phrase("values read"), lambda row: row.inputs[0].elements)
WRITTEN = Basis(Phrase("values written"), lambda row: row.output.elements)
SCALED = Basis(Phrase("values with a learned scale"), _scaled_values)
