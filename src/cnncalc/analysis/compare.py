"""Several networks side by side: their totals, and how each total divides among kinds of layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from cnncalc.analysis.conventions.base import Number
from cnncalc.analysis.quantities import Quantity, comparison_quantities
from cnncalc.analysis.report import LayerReport, Report
from cnncalc.analysis.table import keys_of, known_columns
from cnncalc.core.errors import COMMAND_LINE, InputError, Source, Span
from cnncalc.core.kinds import FILTERS, Kind
from cnncalc.core.suggest import did_you_mean
from cnncalc.core.translation import Phrase

DEFAULT = ("vgg16", "nin", "resnet50", "mobilenet_v1", "mobilenet_v2")
"""What `compare` compares when no network is named."""


def measures() -> dict[str, Phrase]:
    """What rows can be sorted by: `name`, or the key of a quantity, with its title."""
    titles = {
        key: quantity.comparison.title for key, quantity in comparison_quantities().items() if quantity.comparison
    }
    return {"name": Phrase("Network"), **titles}


def check_measure(key: str) -> str:
    """The key of a quantity that rows can be sorted by, or `name`.

    Errors:  unknown-column
    """
    wanted, known = key.strip().lower(), measures()
    if wanted not in known:
        written = f"--sort {key}"
        raise InputError.of(
            "unknown-column",
            "there is no column `{name}`",
            Span(Source(COMMAND_LINE, written), 1, 8, len(written) + 1),
            help=did_you_mean(wanted, known, "columns are {known}"),
            name=key,
            known=known_columns(known),
        )
    return wanted


def column_titles() -> dict[str, Phrase]:
    """What `--columns` accepts, with the titles."""
    return {"name": Phrase("Network"), "input": Phrase("Input"), **measures()}


def choose_columns(names: str) -> list[str]:
    """The keys in a comma-separated list of columns; `name` is always there, and so need not be listed.

    Errors:  unknown-column
    """
    return [key for key in keys_of(names, column_titles()) if key != "name"]


class Comparison(NamedTuple):
    """Reports in the order in which they are shown; ratios refer to the one that was named first."""

    reports: tuple[Report, ...]
    reference: Report

    def sorted_by(self, key: str) -> Comparison:
        """The same networks in ascending order of a quantity, those without it last, or in order of their names."""
        if key == "name":
            return self._replace(reports=tuple(sorted(self.reports, key=lambda report: report.graph.name)))
        quantity = comparison_quantities()[key]

        def place(report: Report) -> tuple[bool, float]:
            value = quantity.of_network(report)
            return value is None, float(value or 0)

        return self._replace(reports=tuple(sorted(self.reports, key=place)))

    def best(self, quantity: Quantity) -> Number | float | None:
        """The best value of a quantity; None where none is better, or fewer than two networks have it."""
        values = [value for value in map(quantity.of_network, self.reports) if value is not None]
        if not quantity.better or len(values) < 2:
            return None
        return max(values) if quantity.better > 0 else min(values)


KINDS = (
    Phrase("conv"),
    Phrase("1×1 conv"),
    Phrase("depthwise"),
    Phrase("linear"),
    Phrase("norm"),
    Phrase("other"),
)
"""Kinds of layers by which parameters and MACs are broken down."""


def kind_of(row: LayerReport) -> str:
    """Which of `KINDS` a layer is."""
    if row.kind in FILTERS:
        options = row.layer.__dict__
        if options.get("groups", 1) == row.inputs[0].shape[0] > 1:
            return "depthwise"
        return "1×1 conv" if set(options["kernel_size"]) == {1} else "conv"
    return row.kind.value if row.kind in (Kind.LINEAR, Kind.NORM) else "other"


class Breakdown(NamedTuple):
    """How a network's total of one quantity divides among the kinds of layers, and its largest single layer."""

    total: int
    by_kind: dict[str, int]
    largest: LayerReport | None

    @classmethod
    def of(cls, report: Report, amount: Callable[[LayerReport], int]) -> Breakdown:
        """The breakdown of the `amount` of every row."""
        by_kind: dict[str, int] = dict.fromkeys(KINDS, 0)
        for row in report.rows:
            by_kind[kind_of(row)] += amount(row)
        total = sum(by_kind.values())
        largest = max(report.rows, key=amount) if total else None
        return cls(total, by_kind, largest)
