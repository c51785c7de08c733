"""Several networks side by side: their totals, and how each total divides among kinds of layers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.analysis.conventions.base import Convention, Number
from cnncalc.analysis.conventions.torch import TORCH
from cnncalc.analysis.infer import analyze
from cnncalc.analysis.quantities import Quantity, comparison_quantities
from cnncalc.analysis.report import LayerReport, Report
from cnncalc.analysis.table import keys_of, known_columns
from cnncalc.core.call_site import caller
from cnncalc.core.errors import COMMAND_LINE, InputError, Source, Span, apply_to_all
from cnncalc.core.graph import Graph
from cnncalc.core.kinds import FILTERS, Kind
from cnncalc.core.suggest import did_you_mean
from cnncalc.core.tensor import DType, Shape
from cnncalc.core.text import printable_text
from cnncalc.core.translation import Phrase

if TYPE_CHECKING:
    from cnncalc.language.builder import Network

DEFAULT = ("vgg16", "nin", "resnet50", "mobilenet_v1", "mobilenet_v2")
"""What `compare` compares when no network is named."""


def compare(
    *networks: str | PathLike[str] | Network | Graph | Report,
    batch: int = 1,
    dtype: DType | str = DType.FLOAT32,
    convention: Convention | str = TORCH,
    params: Mapping[str, Any] | None = None,
    input: Shape | None = None,
    sort: str | None = None,
) -> Comparison:
    """Networks side by side: built-in names, paths, Networks, graphs and reports; variants of a file are all compared.

    `params` go to every description that has them. `sort` is a column, smallest first; ratios keep their base.

    Errors:  InputError

    Example:
        print(cnncalc.compare("vgg16", "net.yaml", net.build(), sort="macs"))
    """
    from cnncalc.language.builder import Network
    from cnncalc.language.load import load_all
    from cnncalc.language.settings import SharedParams
    from cnncalc.language.shapes import input_shape

    key = check_measure(sort) if sort else None
    shared, shape = SharedParams(params or {}), None if input is None else input_shape(input)

    def graphs(network: Any) -> list[Graph]:
        if isinstance(network, (str, PathLike)):
            return load_all(str(network), params=shared, input=shape)
        if isinstance(network, (Network, Graph)):
            return [network.build() if isinstance(network, Network) else network]
        raise InputError.of(
            "not-a-graph",
            "compare takes names, paths, graphs and reports, not a {kind}",
            caller(),
            help='write `compare("vgg16", "net.yaml", net)`',
            kind=type(network).__name__,
        )

    def reports(network: Any) -> list[Report]:
        if isinstance(network, Report):
            return [network]
        return apply_to_all(
            lambda graph: analyze(graph, batch=batch, dtype=dtype, convention=convention), graphs(network)
        )

    found = [report for each in apply_to_all(reports, networks or DEFAULT) for report in each]
    shared.check()
    comparison = Comparison(tuple(found), found[0])
    return comparison.sorted_by(key) if key else comparison


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
            caller() or Span(Source(COMMAND_LINE, written), 1, 8, len(written) + 1),
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
    """Reports in the order in which they are shown; ratios refer to the one that was named first.

    It prints as the tables of `cnncalc compare`, in a notebook, too.
    """

    reports: tuple[Report, ...]
    reference: Report

    def __repr__(self) -> str:
        return f"<Comparison of {printable_text(', '.join(report.graph.name for report in self.reports))}>"

    def __str__(self) -> str:
        from cnncalc.display.printed import as_text, comparison_printer

        return as_text(comparison_printer(self))

    def __rich__(self) -> Any:
        from cnncalc.display.printed import Printed, comparison_printer

        return Printed(comparison_printer(self))

    def _repr_html_(self) -> str:
        from cnncalc.exporters.html import comparison_html

        return comparison_html(self)

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
        """The best value of a quantity; None where none is better, or all that have it are equal."""
        values = [value for value in map(quantity.of_network, self.reports) if value is not None]
        if not quantity.better or len({*values}) < 2:
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
