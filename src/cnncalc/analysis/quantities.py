"""The numbers that are reported. One entry says all that tables, files, comparisons, sums and homework need to know."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from cnncalc.analysis.report import LayerReport, Report
from cnncalc.core.translation import Phrase


class Compared(NamedTuple):
    """How networks are compared by a number; the highest `rank` is dropped first where there is no room."""

    key: str
    title: Phrase
    rank: int


class Quantity(NamedTuple):
    """A number of layers, or of whole networks alone.

    `of` reads it off a row: a count for one image, or bytes for the whole batch. A network has the sum over its rows,
    unless `total` says otherwise. `better` is -1 where less is better, 1 where more is, 0 where neither. `grows` says
    that it depends on the height and width of the input.
    """

    key: str
    title: Phrase  # over a column of layers
    unit: str  # weights, operations, bytes, layers, pixels or percent
    of: Callable[[Report, LayerReport], int] | None = None
    total: Callable[[Report], float | None] | None = None
    better: int = -1
    grows: bool = False
    field: str = ""  # its key in the JSON and CSV of layers, and it is a column; none where it is only asked for
    rank: int = 0  # as a column: the highest goes first where there is no room
    has_share: bool = False  # a column shows what part of the whole it is
    compared: Compared | None = None
    meaning: Phrase = Phrase("")

    def of_rows(self, report: Report, rows: Iterable[LayerReport]) -> int:
        """The sum over some layers."""
        of = self.of
        assert of is not None
        return sum([of(report, row) for row in rows])

    def of_network(self, report: Report) -> float | None:
        """The number of a whole network; None where it has none."""
        return self.total(report) if self.total else self.of_rows(report, report.rows)


def _widest(report: Report) -> int | None:
    reach = report.last_local_reach()
    return max(axis.size for axis in reach.axes) if reach else None


QUANTITIES: dict[str, Quantity] = {
    quantity.key: quantity
    for quantity in (
        Quantity(
            "layers",
            Phrase("Layers"),
            "layers",
            total=lambda report: report.totals().weight_layers,
            better=0,
            compared=Compared("layers", Phrase("Layers"), 5),
        ),
        Quantity(
            "params",
            Phrase("Params"),
            "weights",
            lambda report, row: row.params,
            field="params",
            has_share=True,
            compared=Compared("params", Phrase("Params"), 0),
        ),
        Quantity("buffers", Phrase("Buffers"), "weights", lambda report, row: row.buffers, field="buffers", rank=9),
        Quantity(
            "macs",
            Phrase("MACs"),
            "operations",
            lambda report, row: row.macs,
            grows=True,
            field="macs",
            has_share=True,
            compared=Compared("macs", Phrase("MACs"), 0),
        ),
        Quantity(
            "flops",
            Phrase("FLOPs"),
            "operations",
            Report.flops,
            grows=True,
            field="flops",
            rank=5,
            compared=Compared("flops", Phrase("FLOPs"), 9),
        ),
        Quantity(
            "memory",
            Phrase("Memory B"),
            "bytes",
            Report.activation_bytes,
            grows=True,
            field="activation_bytes",
            rank=4,
            compared=Compared("activations", Phrase("Activations"), 4),
        ),
        Quantity("param_memory", Phrase("Params B"), "bytes", lambda report, row: row.params * report.dtype.nbytes),
        Quantity(
            "peak",
            Phrase("Peak"),
            "bytes",
            total=lambda report: report.totals().peak_activation_bytes,
            compared=Compared("peak", Phrase("Peak"), 1),
        ),
        Quantity("rf", Phrase("RF"), "pixels", total=_widest, better=1, compared=Compared("rf", Phrase("RF"), 2)),
        Quantity(
            "top1",
            Phrase("Top-1 %"),
            "percent",
            total=lambda report: report.graph.metadata.accuracy.top1,
            better=1,
            compared=Compared("top1", Phrase("Top-1 %"), 3),
        ),
        Quantity(
            "top5",
            Phrase("Top-5 %"),
            "percent",
            total=lambda report: report.graph.metadata.accuracy.top5,
            better=1,
            compared=Compared("top5", Phrase("Top-5 %"), 6),
        ),
    )
}
"""By key, in the order that they are shown in."""


def of_layers() -> list[Quantity]:
    """Those that every layer has."""
    return [quantity for quantity in QUANTITIES.values() if quantity.of is not None]


def listed() -> list[Quantity]:
    """Those that tables and files list for every layer."""
    return [quantity for quantity in of_layers() if quantity.field]


def compared() -> dict[str, Quantity]:
    """Those that networks are compared by, under the names that they have there."""
    return {quantity.compared.key: quantity for quantity in QUANTITIES.values() if quantity.compared}
