"""What others wrote, in formats that read signs of their own: JSON, CSV and Markdown."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from cnncalc.core.text import printable_text

# JSON


def json_text(value: Any, indent: int | None = 1) -> str:
    """A document that reads back as it was; what a terminal would obey is written by its number."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    if text.replace("\n", "").isprintable():
        return text
    return "".join(sign if sign.isprintable() or sign == "\n" else _numbered(sign) for sign in text)


def _numbered(sign: str) -> str:
    """An escape sequence; half a pair, which a file name that is not UTF-8 has, is no character to any reader."""
    return "\ufffd" if "\ud800" <= sign <= "\udfff" else json.dumps(sign)[1:-1]


# CSV


def csv_text(rows: Sequence[Sequence[object]]) -> str:
    """Rows that stay rows, of cells that no spreadsheet takes for formulas."""
    import csv
    from io import StringIO

    file = StringIO()
    csv.writer(file, lineterminator="\n").writerows([list(map(_cell, row)) for row in rows])
    return file.getvalue()


_FORMULA = re.compile(r"(^|;)(?=\s*[=+\-@＝＋－＠])")
"""Where a formula would begin: in a cell, or in a part of one, as a semicolon ends a cell in half of Europe."""

_NUMBER = re.compile(r"\s*[-+＋－]?\d[\d.,]*(x[-+]?\d+)*\s*")
"""A number, or one for each axis: `-3x-3`."""


def _cell(value: object) -> object:
    """Text in one line, behind an apostrophe where it begins as a formula does; a number as it is."""
    if not isinstance(value, str):
        return value
    text = printable_text(value)
    return text if _NUMBER.fullmatch(text) else _FORMULA.sub(r"\1'", text)


# Markdown

_READ = re.compile(r"((?<=[^\W_])_+(?=[^\W_]))|([\\`*_{}\[\]<>#|~$&]|:(?=//)|(?<=\bwww)\.)")
"""Underscores inside a word, which mean nothing; and what does, or makes a link of an address."""


def markdown(text: str) -> str:
    """Running text that shows as it is."""
    return _escaped(" ".join(printable_text(text).split()))


def prose(text: str) -> str:
    """Sentences of ours that others are named in: what stands in backticks stays code."""
    pieces = re.split("(`[^`]+`)", printable_text(text))
    return "".join(piece if place % 2 else _escaped(piece) for place, piece in enumerate(pieces))


def _escaped(text: str) -> str:
    return _READ.sub(lambda found: found[1] or f"\\{found[2]}", text)


def code(text: str) -> str:
    """Text as it stands, between backticks: as many as it takes."""
    plain = " ".join(printable_text(text).split())
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", plain)), default=0))
    return f"{fence} {plain} {fence}" if "`" in plain else f"`{plain}`"


def table_row(cells: Sequence[str]) -> str:
    """One row of a table; inside of code, too, a bar would begin the next cell."""
    return f"| {' | '.join(_unbarred(cell) for cell in cells)} |\n"


def _unbarred(cell: str) -> str:
    return re.sub(r"(?<!\\)((?:\\\\)*)\|", r"\1\\|", cell)
