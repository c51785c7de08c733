"""`cnncalc compare` on a screen: one row per network with bars and ratios, then the costs by kind of layer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter

from rich import box
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from cnncalc.analysis.compare import KINDS, Breakdown, Comparison
from cnncalc.analysis.conventions.base import Number
from cnncalc.analysis.quantities import NOT_KNOWN, USUAL, Quantity, comparison_quantities
from cnncalc.analysis.report import LayerReport
from cnncalc.analysis.table import percent, said_not_given, said_unknown
from cnncalc.core.tensor import spell
from cnncalc.core.text import columns as width_of
from cnncalc.core.translation import Listed, Phrase, _, running_text, said
from cnncalc.display.ledger import LedgerColumn, compose, fitting_columns, flush_right, total_width
from cnncalc.display.screen import PROSE_WIDTH, UNBOUNDED, one_line
from cnncalc.display.units import count, size

BAR_WIDTH = 9
_EIGHTHS = " ▏▎▍▌▋▊▉█"


def show(
    console: Console,
    comparison: Comparison,
    chosen: Sequence[str] | None = None,
    no_room: str = Phrase("No room for {columns}: widen the terminal, or name columns with --columns."),
) -> None:
    """Print both tables, the sources of the accuracies and a legend; columns that were `chosen` are never dropped.

    Where columns are dropped, `no_room` says what to do.
    """
    shown = _print_networks(console, comparison, chosen, no_room)
    _print_spending(console, comparison)
    _print_legend(console, comparison, shown)


def _default_columns(comparison: Comparison) -> list[str]:
    """All columns that hold something, but FLOPs where they are twice the MACs."""
    held = [
        key
        for key, one in comparison_quantities().items()
        if key != "flops" and any(one.of_network(report) is not None for report in comparison.reports)
    ]
    return ["input", *held, *(() if comparison.reference.convention.name == USUAL else ("flops",))]


def _print_networks(console: Console, comparison: Comparison, chosen: Sequence[str] | None, no_room: str) -> list[str]:
    """Print one row per network; the keys of the columns that had room."""
    reports = comparison.reports
    names = [report.graph.name for report in reports]
    inputs = [" + ".join(map(spell, report.graph.inputs.values())) for report in reports]
    columns: list[tuple[str, int, list[Text]]] = []
    keys = _default_columns(comparison) if chosen is None else chosen
    for key in keys:
        quantity = comparison_quantities().get(key)
        if quantity is None or quantity.comparison is None:
            columns.append((_("Input"), 7, [Text(text) for text in inputs]))
        else:
            convention = comparison.reference.convention
            title = f"{quantity.title_under(convention, quantity.comparison.title)}"
            ranked = quantity.ranked_as(convention).comparison or quantity.comparison
            columns.append((title, ranked.rank, _cells(comparison, quantity, title)))
    widths = [
        max(width_of(title), *(max(map(width_of, cell.plain.split("\n"))) for cell in cells))
        for title, _, cells in columns
    ]
    network = _("Network")
    room = console.width - max(map(width_of, (network, *names))) - 4  # two columns between columns, and an edge
    kept = list(range(len(columns)))
    if chosen is None:
        kept = fitting_columns(widths, [rank for _, rank, _ in columns], room)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), collapse_padding=True, leading=1)
    table.add_column(network, no_wrap=True, overflow="ellipsis", style="cyan")
    for i in kept:
        title = columns[i][0]  # cells are padded already, so that bars are flush left
        table.add_column(title if title == _("Input") else flush_right(title, widths[i]), no_wrap=True)
    for number, name in enumerate(names):
        table.add_row(one_line(name), *(columns[i][2][number] for i in kept))
    if chosen is not None:
        table.width = Measurement.get(console, console.options.update(max_width=UNBOUNDED), table).maximum
    console.print(table, soft_wrap=chosen is not None)
    dropped = [columns[i][0] for i in range(len(columns)) if i not in kept]
    if dropped:
        console.print(Text(said(no_room, columns=Listed(dropped, ",")), style="dim"), end="\n\n")
    return [keys[i] for i in kept]


def _cells(comparison: Comparison, quantity: Quantity, title: str) -> list[Text]:
    """Cells with a value, marked if it is the best, its bar, and its ratio to the first network."""
    values = [quantity.of_network(report) for report in comparison.reports]
    largest = max((value for value in values if value is not None), default=0)
    best, base = comparison.best(quantity), quantity.of_network(comparison.reference)
    texts = [
        quantity.absent if value is None else ("* " if value == best else "") + _value_text(quantity, value)
        for value in values
    ]
    width = max(BAR_WIDTH, width_of(title), *map(len, texts))
    cells = []
    for value, text in zip(values, texts, strict=True):
        cell = Text(text.rjust(width))
        if value is not None:
            is_best = value == best
            cell.stylize("bold green" if is_best else "")
            cell.append("\n" + bar(float(value / largest) if largest else 0), "green" if is_best else "blue")
            if base and quantity.unit != "percent":
                cell.append(f"\n{_ratio(float(value / base)).rjust(width)}", "dim")
        cells.append(cell)
    return cells


def _value_text(quantity: Quantity, value: Number | float) -> str:
    match quantity.unit:
        case "bytes":
            return size(int(value))
        case "percent":
            return f"{value:.2f}"
        case "pixels":
            return f"{value:,}"
    return count(int(value))


def _ratio(ratio: float) -> str:
    if ratio < 0.01:
        return f"×{ratio:.1e}"
    digits = 1 if ratio >= 10 else 2 if ratio >= 0.1 else 3
    return f"×{ratio:.{digits}f}"


def bar(share: float, width: int = BAR_WIDTH) -> str:
    """A bar for a share of the width, to an eighth of a column; a share above 0 is always visible."""
    eighths = round(share * width * 8)
    if share > 0:
        eighths = max(1, eighths)
    full, rest = divmod(eighths, 8)
    return "█" * full + (_EIGHTHS[rest] if rest else "")


def _print_spending(console: Console, comparison: Comparison) -> None:
    """Print the shares of parameters and MACs by kind of layer, and the largest layer."""
    for title, key in ((Phrase("Params go to"), "params"), (Phrase("MACs go to"), "macs")):
        amount = attrgetter(key)
        spent = [
            None if key == "macs" and report.totals().status != "complete" else Breakdown.of(report, amount)
            for report in comparison.reports
        ]
        kinds = [kind for kind in KINDS if any(spending and spending.by_kind[kind] for spending in spent)]
        names = [report.graph.name for report in comparison.reports]
        shares = [
            LedgerColumn(f"{title}", names, number=False),
            *(LedgerColumn(f"{kind}", [_share(one, kind) for one in spent]) for kind in kinds),
        ]
        for typed in (True, False):  # types of layers go before a path is cut
            largest = [_largest_layer(spending, amount, typed) for spending in spent]
            columns = [*shares, LedgerColumn(_("largest layer"), largest, number=False)]
            if total_width([column.width for column in columns]) <= console.width:
                break
        console.print(compose(columns, [""] * len(spent), console.width, elastic=len(columns) - 1))


def _share(spending: Breakdown | None, kind: str) -> str:
    if spending is None:
        return NOT_KNOWN
    part = spending.by_kind[kind]
    return percent(part, spending.total) if part else "–"


def _largest_layer(spending: Breakdown | None, amount: Callable[[LayerReport], int], typed: bool) -> str:
    if spending is None:
        return NOT_KNOWN
    row = spending.largest
    if row is None:
        return "–"
    named = f"{100 * amount(row) / spending.total:.1f} % {row.path}"
    return f"{named} ({row.type})" if typed else named


COLUMN_LEGENDS = {
    "activations": Phrase("Activations are the bytes of every layer's output."),
    "peak": Phrase("Peak is the most bytes alive at once."),
    "rf": Phrase("RF is the receptive field at the last map."),
    "layers": Phrase("Layers counts convolutions and linear layers."),
}
"""What is said of a column where it is shown."""


def _print_legend(console: Console, comparison: Comparison, shown: Sequence[str]) -> None:
    first = comparison.reference
    rows = [row for report in comparison.reports for row in report.rows]
    not_given = [row.path for row in rows if not row.knows_macs]
    unknown = first.convention.unknown(row for row in rows if row.knows_macs)
    sentences = [
        said("* marks the best of a column; × is the ratio to {network}.", network=first.graph.name),
        said(
            "{summary} (convention: {convention}); batch {batch}, {dtype}.",
            summary=first.convention.summary_sentence,
            convention=first.convention.name,
            batch=first.batch,
            dtype=first.dtype.value,
        ),
        *([] if not unknown else [said_unknown(first.convention, unknown)]),
        *([] if not not_given else [said_not_given(not_given)]),
        *(f"{sentence}" for key, sentence in COLUMN_LEGENDS.items() if key in shown),
    ]
    sources: dict[str, list[str]] = {}
    for report in comparison.reports if {"top1", "top5"}.intersection(shown) else ():
        if report.graph.metadata.accuracy.source:
            sources.setdefault(report.graph.metadata.accuracy.source, []).append(report.graph.name)
    if sources:
        each = [
            said("{networks} from {source}", networks=Listed(names, ","), source=_(source))
            for source, names in sources.items()
        ]
        sentences.append(said("Accuracy: {sources}.", sources=_("; ").join(each)))
    console.print(one_line(running_text(sentences), "dim"), width=min(console.width, PROSE_WIDTH))
