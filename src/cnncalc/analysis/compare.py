"""Several networks side by side: their totals, and where each spends them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from cnncalc.analysis.report import LayerReport, Report
from cnncalc.core.errors import COMMAND_LINE, InputError, Source, Span
from cnncalc.core.messages import Listed, Phrase
from cnncalc.core.suggest import did_you_mean

DEFAULT = ("vgg16", "nin", "resnet50", "mobilenet_v1", "mobilenet_v2")
"""What `compare` compares when nothing is named."""


class Measure(NamedTuple):
    """One column of a comparison. `better` is -1 where less is better, 1 where more is, 0 where neither."""

    key: str
    title: Phrase
    of: Callable[[Report], float | None]
    better: int
    kind: str  # count, bytes, pixels or percent


def _field(report: Report) -> int | None:
    reach = report.last_local_reach()
    return max(axis.size for axis in reach.axes) if reach else None


MEASURES: dict[str, Measure] = {
    measure.key: measure
    for measure in (
        Measure("layers", Phrase("Layers"), lambda report: report.totals().weight_layers, 0, "count"),
        Measure("params", Phrase("Params"), lambda report: report.totals().params, -1, "count"),
        Measure("macs", Phrase("MACs"), lambda report: report.totals().macs, -1, "count"),
        Measure("flops", Phrase("FLOPs"), lambda report: report.totals().flops, -1, "count"),
        Measure("activations", Phrase("Activations"), lambda report: report.totals().activation_bytes, -1, "bytes"),
        Measure("peak", Phrase("Peak"), lambda report: report.totals().peak_activation_bytes, -1, "bytes"),
        Measure("rf", Phrase("RF"), _field, 1, "pixels"),
        Measure("top1", Phrase("Top-1 %"), lambda report: report.graph.metadata.accuracy.top1, 1, "percent"),
        Measure("top5", Phrase("Top-5 %"), lambda report: report.graph.metadata.accuracy.top5, 1, "percent"),
    )
}
"""What networks are compared by, and may be sorted by."""


def check_measure(key: str) -> str:
    """A measure that rows may be sorted by, or `name`.

    Errors:  unknown-column
    """
    wanted = key.strip().lower()
    if wanted not in (*MEASURES, "name"):
        written = f"--sort {key}"
        raise InputError.of(
            "unknown-column",
            "there is no column `{name}`",
            Span(Source(COMMAND_LINE, written), 1, 8, len(written) + 1),
            help=did_you_mean(wanted, ("name", *MEASURES), "columns are {known}"),
            name=key,
            known=Listed(("name", *MEASURES), ","),
        )
    return wanted


class Comparison(NamedTuple):
    """Reports in the order they are shown; ratios refer to the one named first."""

    reports: tuple[Report, ...]
    reference: Report

    def sorted_by(self, key: str) -> Comparison:
        """The same networks in ascending order of a measure, those without it last; `name` sorts by name."""
        if key == "name":
            return self._replace(reports=tuple(sorted(self.reports, key=lambda report: report.graph.name)))
        measure = MEASURES[key]

        def place(report: Report) -> tuple[bool, float]:
            value = measure.of(report)
            return value is None, value or 0

        return self._replace(reports=tuple(sorted(self.reports, key=place)))

    def best(self, measure: Measure) -> float | None:
        """The best value of a measure, where there is a best and more than one network."""
        values = [value for value in map(measure.of, self.reports) if value is not None]
        if not measure.better or len(values) < 2:
            return None
        return max(values) if measure.better > 0 else min(values)


KINDS = (
    Phrase("conv"),
    Phrase("1×1 conv"),
    Phrase("depthwise"),
    Phrase("linear"),
    Phrase("norm"),
    Phrase("other"),
)
"""Kinds of layers that parameters and MACs are shared out to."""


def kind_of(row: LayerReport) -> str:
    """Which of `KINDS` a layer is."""
    if row.type.startswith(("conv", "locally_connected")):
        options = row.layer.__dict__
        if options.get("groups", 1) == row.inputs[0].shape[0] > 1:
            return "depthwise"
        return "1×1 conv" if set(options["kernel_size"]) == {1} else "conv"
    if row.type == "linear":
        return "linear"
    return "norm" if "norm" in row.type else "other"


class Spending(NamedTuple):
    """How a network's total of one quantity divides among the kinds of layers, and its largest single layer."""

    total: int
    by_kind: dict[str, int]
    largest: LayerReport | None

    @classmethod
    def of(cls, report: Report, amount: Callable[[LayerReport], int]) -> Spending:
        """The division of what `amount` says of every row."""
        by_kind: dict[str, int] = dict.fromkeys(KINDS, 0)
        for row in report.rows:
            by_kind[kind_of(row)] += amount(row)
        total = sum(by_kind.values())
        largest = max(report.rows, key=amount) if total else None
        return cls(total, by_kind, largest)
