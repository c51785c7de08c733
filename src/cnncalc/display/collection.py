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


def show(
    console: Console, entries: Sequence[Entry], totals: Mapping[str, Totals], keys: Sequence[str], *, pinned: bool
) -> None:
    """Print the built-in networks by family with the columns of these keys; `pinned` ones are never dropped."""
    headings = {
        number: f"{entry.heading} · {entry.paper}" if entry.paper else entry.heading
        for number, entry in enumerate(entries)
        if number == 0 or entries[number - 1].family != entry.family
    }
    cells = {
        "year": LedgerColumn(_("Year"), [str(entry.metadata.year or "–") for entry in entries]),
        "title": LedgerColumn(_("Title"), [entry.metadata.title for entry in entries], number=False, rank=1),
        **(_figures(entries, totals) if totals else {}),
        "accuracy": LedgerColumn(
            _("Accuracy"), [_accuracy(entry.metadata.accuracy) for entry in entries], number=False
        ),
    }
    columns = [LedgerColumn(_("Name"), [f"  {entry.name}" for entry in entries], number=False)]
    columns += [cells[key] for key in keys]
    if not pinned:
        ranks = [column.rank for column in columns]
        columns = [columns[i] for i in fitting_columns([column.width for column in columns], ranks, console.width)]
    table = compose(columns, [""] * len(entries), console.width, elastic=len(columns) - 1, headings=headings)
    console.print(table, soft_wrap=pinned)
    closing = [
        *([_("Accuracies are published ones: top-1 on ImageNet-1k, or what is said.")] if "accuracy" in keys else []),
        _("cnncalc summarize NAME shows a network, cnncalc show NAME prints its description."),
        *([] if totals else [_("With --figures, parameters and MACs are computed.")]),
    ]
    console.print(Text(running_text(closing), "dim"), width=min(console.width, PROSE_WIDTH))


def _figures(entries: Sequence[Entry], totals: Mapping[str, Totals]) -> dict[str, LedgerColumn]:
    return {
        "params": LedgerColumn(_("Params"), [count(totals[entry.name].params) for entry in entries]),
        "macs": LedgerColumn(_("MACs"), [count(totals[entry.name].macs) for entry in entries]),
    }


def _accuracy(accuracy: Accuracy) -> str:
    if accuracy.top1 is not None:
        return f"{accuracy.top1:g} %"
    if accuracy.score is not None:
        return f"{accuracy.score:g} {_(accuracy.measure)}".rstrip()
    return "–" if accuracy.top5 is None else said("{percent:g} % top-5", percent=accuracy.top5)
