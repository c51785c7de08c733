"""Ledgers: columns of text with titles and totals, laid out as rich text.

Rich lays out tables cell by cell and wraps them, which exact numbers must not be; a table of a hundred lines takes it
longer than the analysis of the network. Here every line is composed once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from rich.text import Text

from cnncalc.core.breaking import wrapped_lines
from cnncalc.core.text import columns as width_of
from cnncalc.core.text import printable_text

NO_HEADINGS: Mapping[int, str] = {}

GAP = 2
LEAST_WIDTH = 8
"""The least width that a column of words is cut to."""


class LedgerColumn(NamedTuple):
    """One column; where there is no room, the highest `rank` is dropped first, and rank 0 never."""

    title: str
    cells: Sequence[str]
    total: str = ""
    number: bool = True
    rank: int = 0

    @property
    def width(self) -> int:
        """The width of its widest text, in terminal columns."""
        return max(map(width_of, (self.title, self.total, *self.cells)))


def total_width(widths: Sequence[int]) -> int:
    """The width of a line of such columns."""
    return sum(widths) + GAP * (len(widths) - 1)


def fitting_columns(widths: Sequence[int], ranks: Sequence[int], room: int) -> list[int]:
    """The columns that fit: those of the highest rank are dropped, later ones first, until the rest fits."""
    kept = list(range(len(widths)))
    while total_width([widths[i] for i in kept]) > room and any(ranks[i] for i in kept):
        kept.remove(max(kept, key=lambda i: (ranks[i], i)))
    return kept


def compose(
    columns: Sequence[LedgerColumn],
    styles: Sequence[str],
    room: int,
    elastic: int = 0,
    headings: Mapping[int, str] = NO_HEADINGS,
    dim_zeros: bool = False,
) -> Text:
    """The ledger, with a style for each line; the `elastic` column is cut where the others leave too little room.

    `headings` are printed above the lines of these numbers, across all columns; zeros may be dimmed.
    """
    widths = [column.width for column in columns]
    excess = total_width(widths) - room
    if excess > 0:
        widths[elastic] = max(min(widths[elastic], LEAST_WIDTH), widths[elastic] - excess)
    rule = "─" * total_width(widths)
    text = Text(no_wrap=True, overflow="ellipsis")
    titles = _joined(_parts([column.title for column in columns], columns, widths))
    text.append(titles, "bold").append(f"\n{rule}\n", "dim")
    parts = [_parts([column.cells[number] for column in columns], columns, widths) for number in range(len(styles))]
    lines = list(map(_joined, parts))
    zeros: list[int] = []
    for style, run in groupby(range(len(lines)), styles.__getitem__):
        together: list[str] = []
        for number in run:
            if number in headings:
                text.append("".join(together), style or None).append(_heading_line(headings[number], room), "bold")
                together.clear()
            if dim_zeros:
                begun = len(text) + sum(map(len, together))
                zeros += [begun + place for place in _zeros(parts[number], columns)]
            together.append(f"{lines[number]}\n")
        text.append("".join(together), style or None)
    for place in zeros:
        text.stylize("dim", place, place + 1)
    if any(column.total for column in columns[1:]):
        text.append(f"{rule}\n", "dim")
        text.append(_joined(_parts([column.total for column in columns], columns, widths)) + "\n", "bold")
    return text


def flush_left(text: str, width: int) -> str:
    """A text padded on the right to a number of terminal columns."""
    return text + " " * (width - width_of(text))


def flush_right(text: str, width: int) -> str:
    """A text padded on the left to a number of terminal columns."""
    return " " * (width - width_of(text)) + text


def facts(pairs: Sequence[tuple[str, str]]) -> Text:
    """Pairs of a name, in bold, and a text."""
    width = max(16, *(width_of(name) + 1 for name, _said in pairs))
    text = Text()
    for name, said in pairs:
        text.append(flush_left(name, width), "bold").append(f"{printable_text(said)}\n")
    return text


def _heading_line(heading: str, room: int) -> str:
    first, *rest = wrapped_lines(printable_text(heading), room - 2)
    return "".join(f"{line}\n" for line in (first, *(f"  {line}" for line in rest)))


def _parts(texts: Sequence[str], columns: Sequence[LedgerColumn], widths: Sequence[int]) -> list[str]:
    """The cells of a line, each as wide as its column."""
    parts = []
    for text, column, width in zip(map(printable_text, texts), columns, widths, strict=True):
        missing = width - width_of(text)
        if missing < 0:
            text, missing = _cut(text, width)
        parts.append(" " * missing + text if column.number else text + " " * missing)
    return parts


def _joined(parts: Sequence[str]) -> str:
    return (" " * GAP).join(parts).rstrip()


def _zeros(parts: Sequence[str], columns: Sequence[LedgerColumn]) -> Iterator[int]:
    """The places of zeros among the numbers of a line."""
    end = -GAP
    for part, column in zip(parts, columns, strict=True):
        end += GAP + len(part)
        if column.number and part.lstrip() == "0":
            yield end - 1


def _cut(text: str, width: int) -> tuple[str, int]:
    """A text cut to a width with an ellipsis, and the columns that a wide character at the cut leaves free."""
    while width_of(text) > width - 1:
        text = text[:-1]
    return text + "…", width - 1 - width_of(text)
