"""Sheets of answers as CSV: a question and its answer in every row, as spreadsheets save them."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence

from cnncalc.core.errors import InputError, Source, Span
from cnncalc.language.text.document import Mapping, Scalar, Value
from cnncalc.language.text.document import Sequence as List

SEPARATORS = (";", "\t", ",")
"""Between cells: a semicolon where a comma begins the decimals."""

QUESTIONS = ("question", "questions", "ask", "题目", "问题")
"""Heads of the column of questions."""

ANSWERS = ("answer", "answers", "given", "your answer", "答案", "所答", "你的答案")
"""Heads of the column of answers."""


def document_of(source: Source, heads: Sequence[str]) -> Mapping:
    """The rows as the document of a sheet; `heads` are names whose rows stand above the answers, as `network`.

    An answer with commas may have been cut into several cells, as `64,112,112`.

    Errors:  not-csv
    """
    keys: dict[str, Scalar] = {}
    values: dict[str, Value] = {}
    answers: list[Value] = []
    column, wide = 1, False
    for cells, place in _rows(source):
        ask, rest = cells[0], cells[1:]
        if not answers and ask.lower() in QUESTIONS:
            lower = [cell.lower() for cell in cells]
            column = next((index for index, cell in enumerate(lower) if cell in ANSWERS), 1)
            wide = len(cells) > 2
            continue
        name = _scalar(ask, place)
        if ask.lower() in heads and rest:
            keys[ask.lower()], values[ask.lower()] = name, _scalar("x".join(rest), place)
        elif not rest:
            answers.append(name)
        else:
            given = (cells[column] if column < len(cells) else "") if wide else ",".join(rest)
            answers.append(Mapping({ask: name}, {ask: _scalar(given, place)}, name.span))
    whole = Span(source, 1, 1, 2)
    keys["answers"], values["answers"] = Scalar("answers", "answers", whole), List(tuple(answers), whole)
    return Mapping(keys, values, whole)


def _rows(source: Source) -> Iterator[tuple[list[str], Span]]:
    """The rows that have a question, each with its place."""
    lines = source.text.splitlines(keepends=True)
    first = next((line for line in lines if line.strip()), "")
    separator = max(SEPARATORS, key=first.count)
    reader = csv.reader(lines, delimiter=separator, skipinitialspace=True)
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            while cells and len(cells) > 2 and not cells[-1]:
                cells.pop()
            if cells and cells[0]:
                line = source.line(reader.line_num)
                start = len(line) - len(line.lstrip())
                yield cells, Span(source, reader.line_num, start + 1, max(start + 2, len(line.rstrip()) + 1))
    except csv.Error:
        raise InputError.of(
            "not-csv",
            "{name} is no table: line {line} has a cell without an end, or too long a one",
            help="save it as CSV anew, with a question and its answer in every row",
            name=source.name,
            line=reader.line_num,
        ) from None


def _scalar(text: str, place: Span) -> Scalar:
    """A cell; its place is where it stands in its line, or the line."""
    line = place.source.line(place.line)
    at = line.find(text) if text else -1
    span = place if at < 0 else place._replace(column=at + 1, end_column=at + 1 + len(text))
    return Scalar(text or None, text, span, quoted=bool(text))
