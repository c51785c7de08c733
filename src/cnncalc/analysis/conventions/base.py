"""What a counting convention is: so many FLOPs for each unit of a basis, by the kind of layer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from cnncalc.core.translation import Phrase

if TYPE_CHECKING:
    from cnncalc.analysis.report import LayerReport


class Basis(NamedTuple):
    """An amount that tools count from, for one image."""

    symbol: Phrase  # in a sum
    of: Callable[[LayerReport], int]


class Rate(NamedTuple):
    """FLOPs for each unit of a basis; `operator` is what the tool lists them under, where it lists operators."""

    number: int | Fraction
    basis: Basis
    operator: str = ""


class Unknown(Enum):
    """The answer of a tool that does not say what it would count, or fails."""

    UNKNOWN = "unknown"


UNKNOWN = Unknown.UNKNOWN

Rates = tuple[Rate, ...]

ANY = "any"
"""Every kind of layer that has no rates of its own."""


class Convention(NamedTuple):
    """A tool's rates by kind of layer: a layer type, or one in a mode (`upsample:bilinear2d`).

    A kind that is absent is ignored by the tool, which is another answer than UNKNOWN.
    """

    name: str
    summary: Phrase
    rates: Mapping[str, Rates | Unknown]
    source: str

    def terms(self, row: LayerReport) -> Iterator[tuple[Rate, int]]:
        """The sum that a layer's FLOPs are: every rate with the amount of its basis, where there is any."""
        rates = self._rates(row)
        if rates is not UNKNOWN:
            for rate in rates:
                amount = rate.basis.of(row)
                if amount:
                    yield rate, amount

    def flops(self, row: LayerReport) -> int:
        """What the convention makes of a layer, for one image; nothing of one that it does not know."""
        return int(sum([rate.number * amount for rate, amount in self.terms(row)]))

    def knows(self, row: LayerReport) -> bool:
        """Whether the convention says what it makes of a layer, and be it nothing."""
        return self._rates(row) is not UNKNOWN

    def by_operator(self, rows: Iterable[LayerReport]) -> dict[str, int]:
        """What it makes of a network, under the tool's names of operators; those it gives nothing to are absent."""
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


def _scaled(row: LayerReport) -> int:
    has_scale = any(weight.name == "weight" for weight in row.weights)
    return row.inputs[0].elements if has_scale else 0


MACS = Basis(Phrase("MACs"), lambda row: row.macs)
READ = Basis(Phrase("values read"), lambda row: row.inputs[0].elements)
WRITTEN = Basis(Phrase("values written"), lambda row: row.output.elements)
SCALED = Basis(Phrase("values with a learned scale"), _scaled)
