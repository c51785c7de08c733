"""Escapes text of users in JSON, CSV, HTML and Markdown."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from cnncalc.core.text import printable_text

# JSON


def json_text(value: Any, indent: int | None = 1) -> str:
    """A JSON document, with characters that a terminal would obey as escape sequences."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    if text.replace("\n", "").isprintable():
        return text
    return "".join(sign if sign.isprintable() or sign == "\n" else _escape_sequence(sign) for sign in text)


def _escape_sequence(sign: str) -> str:
    """The escape sequence of a character; a lone surrogate, as in file names that are not UTF-8, is replaced."""
    return "\ufffd" if "\ud800" <= sign <= "\udfff" else json.dumps(sign)[1:-1]


# CSV


def csv_text(rows: Sequence[Sequence[object]]) -> str:
    """Rows as CSV, with cells that spreadsheets do not take for formulas."""
    import csv
    from io import StringIO

    file = StringIO()
    csv.writer(file, lineterminator="\n").writerows([list(map(_cell, row)) for row in rows])
    return file.getvalue()


_FORMULA = re.compile(r"(^|;)(?=\s*[=+\-@＝＋－＠])")
"""The beginning of a formula, in a cell or after a semicolon, which separates cells in half of Europe."""

_NUMBER = re.compile(r"\s*[-+＋－]?\d[\d.,]*(x[-+]?\d+)*\s*")
"""A number, or one for each axis: `-3x-3`."""


def _cell(value: object) -> object:
    """Text in one line, with an apostrophe before what would be a formula; numbers are unchanged."""
    if not isinstance(value, str):
        return value
    text = printable_text(value)
    return text if _NUMBER.fullmatch(text) else _FORMULA.sub(r"\1'", text)


# HTML


def html(text: str) -> str:
    """Running text that shows as it is, in an element or in quotes."""
    from html import escape

    return escape(" ".join(printable_text(text).split()))


# Markdown

_READ = re.compile(r"((?<=[^\W_])_+(?=[^\W_]))|([\\`*_{}\[\]<>#|~$&]|:(?=//)|(?<=\bwww)\.)")
"""Underscores inside a word, which need no escape; and signs of Markdown, or of links, which do."""


def markdown(text: str) -> str:
    """Running text, escaped."""
    return _escape(" ".join(printable_text(text).split()))


def prose(text: str) -> str:
    """Sentences of ours with text of users, escaped; text in backticks stays code."""
    pieces = re.split("(`[^`]+`)", printable_text(text))
    return "".join(piece if place % 2 else _escape(piece) for place, piece in enumerate(pieces))


def _escape(text: str) -> str:
    return _READ.sub(lambda found: found[1] or f"\\{found[2]}", text)


def code(text: str) -> str:
    """Text as code, between as many backticks as it needs."""
    plain = " ".join(printable_text(text).split())
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", plain)), default=0))
    return f"{fence} {plain} {fence}" if "`" in plain else f"`{plain}`"


def table_row(cells: Sequence[str]) -> str:
    """One row of a table; bars are escaped, also inside of code, where they would begin a cell as well."""
    return f"| {' | '.join(_escape_bars(cell) for cell in cells)} |\n"


def _escape_bars(cell: str) -> str:
    return re.sub(r"(?<!\\)((?:\\\\)*)\|", r"\1\\|", cell)
