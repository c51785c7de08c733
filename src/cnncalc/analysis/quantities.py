"""The numbers that are reported. One entry holds all that tables, files, comparisons, sums and homework need."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from cnncalc.analysis.conventions.base import Convention, Number, whole
from cnncalc.analysis.report import LayerReport, Report
from cnncalc.core.translation import Phrase

USUAL = "torch"
"""The convention whose counts need no name."""


NOT_KNOWN = "?"
"""What stands in the place of a count that nobody knows."""


class ComparisonColumn(NamedTuple):
    """The column of a quantity where networks are compared; the highest `rank` is dropped first where room is short."""

    key: str
    title: Phrase
    rank: int


class Quantity(NamedTuple):
    """A number of every layer, or of whole networks alone.

    `of` takes it from a row: a count for one image, or bytes for the whole batch. `total` gives that of a network,
    otherwise it is the sum over the rows. `better` is -1 where less is better, 1 where more is, 0 where neither.
    `grows` says whether it depends on the height and width of the input.
    """

    key: str
    title: Phrase  # over a column of layers
    unit: str  # weights, operations, bytes, layers, pixels or percent
    of: Callable[[Report, LayerReport], Number | None] | None = None
    total: Callable[[Report], Number | float | None] | None = None
    better: int = -1
    grows: bool = False
    field: str = ""  # its key in the JSON and CSV of layers, where it is a column too; empty for homework alone
    rank: int = 0  # as a column: the highest is dropped first where room is short
    has_share: bool = False  # another column shows its share of the total
    comparison: ComparisonColumn | None = None
    meaning: Phrase = Phrase("")
    absent: str = "–"  # stands where there is no number

    def of_rows(self, report: Report, rows: Iterable[LayerReport]) -> Number | None:
        """The sum over rows; None where any of them is unknown."""
        of = self.of
        assert of is not None
        total: Number = 0
        for row in rows:
            value = of(report, row)
            if value is None:
                return None
            total += value
        return whole(total)

    def title_under(self, convention: Convention, title: Phrase) -> Phrase:
        """A title of this quantity that says whose count it is, where it is not the usual one."""
        if self.key == "flops" and convention.name != USUAL:
            return Phrase("{tool} {unit}", tool=convention.name, unit=convention.unit.plural)
        if self.key == "params" and convention.own_params is not None:
            return Phrase("{tool} {unit}", tool=convention.name, unit=title)
        return title

    def ranked_as(self, convention: Convention) -> Quantity:
        """The quantity whose rank this one has as a column: a count that was asked for goes before our MACs."""
        if convention.name == USUAL or convention.counts_nothing:
            return self
        return QUANTITIES[{"flops": "macs", "macs": "flops"}.get(self.key, self.key)]

    def of_network(self, report: Report) -> Number | float | None:
        """The value of a whole network; None where it has none."""
        return self.total(report) if self.total else self.of_rows(report, report.rows)


def _last_field_size(report: Report) -> int | None:
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
            comparison=ComparisonColumn("layers", Phrase("Layers"), 5),
        ),
        Quantity(
            "params",
            Phrase("Params"),
            "weights",
            Report.params,
            field="params",
            has_share=True,
            comparison=ComparisonColumn("params", Phrase("Params"), 0),
        ),
        Quantity("buffers", Phrase("Buffers"), "weights", lambda report, row: row.buffers, field="buffers", rank=9),
        Quantity(
            "macs",
            Phrase("MACs"),
            "operations",
            Report.macs,
            grows=True,
            field="macs",
            has_share=True,
            comparison=ComparisonColumn("macs", Phrase("MACs"), 0),
            absent=NOT_KNOWN,
        ),
        Quantity(
            "flops",
            Phrase("FLOPs"),
            "operations",
            Report.flops,
            grows=True,
            field="flops",
            rank=5,
            comparison=ComparisonColumn("flops", Phrase("FLOPs"), 9),
            absent=NOT_KNOWN,
        ),
        Quantity(
            "memory",
            Phrase("Memory B"),
            "bytes",
            Report.activation_bytes,
            grows=True,
            field="activation_bytes",
            rank=4,
            comparison=ComparisonColumn("activations", Phrase("Activations"), 4),
        ),
        Quantity("param_memory", Phrase("Params B"), "bytes", lambda report, row: row.params * report.dtype.nbytes),
        Quantity(
            "peak",
            Phrase("Peak"),
            "bytes",
            total=lambda report: report.totals().peak_activation_bytes,
            comparison=ComparisonColumn("peak", Phrase("Peak"), 1),
        ),
        Quantity(
            "rf",
            Phrase("RF"),
            "pixels",
            total=_last_field_size,
            better=1,
            comparison=ComparisonColumn("rf", Phrase("RF"), 2),
        ),
        Quantity(
            "top1",
            Phrase("Top-1 %"),
            "percent",
            total=lambda report: report.graph.metadata.accuracy.top1,
            better=1,
            comparison=ComparisonColumn("top1", Phrase("Top-1 %"), 3),
        ),
        Quantity(
            "top5",
            Phrase("Top-5 %"),
            "percent",
            total=lambda report: report.graph.metadata.accuracy.top5,
            better=1,
            comparison=ComparisonColumn("top5", Phrase("Top-5 %"), 6),
        ),
    )
}
"""By key, in the order in which they are shown."""


def layer_quantities() -> list[Quantity]:
    """Quantities that every layer has."""
    return [quantity for quantity in QUANTITIES.values() if quantity.of is not None]


def table_quantities() -> list[Quantity]:
    """Quantities that tables and files show for every layer."""
    return [quantity for quantity in layer_quantities() if quantity.field]


def comparison_quantities() -> dict[str, Quantity]:
    """Quantities by which networks are compared, under the keys of their columns there."""
    return {quantity.comparison.key: quantity for quantity in QUANTITIES.values() if quantity.comparison}


SYNONYMS = {
    **dict.fromkeys(
        ("output_shape", "output_size", "shape", "out", "输出", "输出形状", "输出尺寸", "输出大小"), "output"
    ),
    **dict.fromkeys(("spatial", "feature_map", "map", "尺寸", "大小", "特征图大小", "特征图尺寸"), "size"),
    **dict.fromkeys(("out_channels", "depth", "通道", "通道数", "输出通道", "输出通道数"), "channels"),
    **dict.fromkeys(("parameters", "param", "参数", "参数量", "参数个数", "参数数量"), "params"),
    **dict.fromkeys(("mac", "mult_adds", "multiply_adds", "madds", "乘加", "乘加次数", "乘加运算次数"), "macs"),
    **dict.fromkeys(("flop", "ops", "浮点运算", "浮点运算量", "浮点运算次数", "浮点运算数", "计算量"), "flops"),
    **dict.fromkeys(("activation_memory", "activations", "activation_bytes", "内存", "激活内存"), "memory"),
    **dict.fromkeys(("weight_memory", "params_memory", "model_size", "参数内存"), "param_memory"),
    **dict.fromkeys(("rf", "receptive", "感受野", "感受野大小", "感受野尺寸"), "receptive_field"),
    **dict.fromkeys(("跳距",), "jump"),
    **dict.fromkeys(("起点",), "start"),
    **dict.fromkeys(("缓冲区",), "buffers"),
}
"""Other names that people give to numbers of a layer, in English and in Chinese."""
