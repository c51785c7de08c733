"""`cnncalc list` on a screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.text import Text

from cnncalc.analysis.report import Totals
from cnncalc.core.graph import Accuracy
from cnncalc.core.translation import _, running_text, said
from cnncalc.display.ledger import LedgerColumn, compose, fitting_columns
from cnncalc.display.screen import PROSE_WIDTH
from cnncalc.display.units import count
from cnncalc.language.collection import Entry


def show(console: Console, entries: Sequence[Entry], totals: Mapping[str, Totals]) -> None:
    """Print the built-in networks by family, with parameters and MACs if they were computed."""
    headings = {
        number: f"{entry.heading} · {entry.paper}" if entry.paper else entry.heading
        for number, entry in enumerate(entries)
        if number == 0 or entries[number - 1].family != entry.family
    }
    columns = [
        LedgerColumn(_("Name"), [f"  {entry.name}" for entry in entries], number=False),
        LedgerColumn(_("Year"), [str(entry.metadata.year or "–") for entry in entries]),
        LedgerColumn(_("Title"), [entry.metadata.title for entry in entries], number=False, rank=1),
        *(_figures(entries, totals) if totals else ()),
        LedgerColumn(_("Accuracy"), [_accuracy(entry.metadata.accuracy) for entry in entries], number=False),
    ]
    kept = fitting_columns([column.width for column in columns], [column.rank for column in columns], console.width)
    shown = [columns[number] for number in kept]
    console.print(compose(shown, [""] * len(entries), console.width, elastic=len(shown) - 1, headings=headings))
    closing = [
        _("Accuracies are published ones: top-1 on ImageNet-1k, or what is said."),
        _("cnncalc summarize NAME shows a network, cnncalc show NAME prints its description."),
        *([] if totals else [_("With --figures, parameters and MACs are computed.")]),
    ]
    console.print(Text(running_text(closing), "dim"), width=min(console.width, PROSE_WIDTH))


def _figures(entries: Sequence[Entry], totals: Mapping[str, Totals]) -> list[LedgerColumn]:
    return [
        LedgerColumn(_("Params"), [count(totals[entry.name].params) for entry in entries]),
        LedgerColumn(_("MACs"), [count(totals[entry.name].macs) for entry in entries]),
    ]


def _accuracy(accuracy: Accuracy) -> str:
    if accuracy.top1 is not None:
        return f"{accuracy.top1:g} %"
    if accuracy.score is not None:
        return f"{accuracy.score:g} {accuracy.measure}".rstrip()
    return "–" if accuracy.top5 is None else said("{percent:g} % top-5", percent=accuracy.top5)
