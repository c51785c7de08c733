"""Sheets of questions as LaTeX, ready to be printed as an exam."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.core.translation import _, said
from cnncalc.explain.layer import Table
from cnncalc.exporters.latex import document, escape, table_text
from cnncalc.exporters.quiz import (
    INDENT,
    conventions,
    heading,
    introduction,
    layers_table,
    sentence,
    sheet_title,
    shows_network,
    too_many_layers,
)
from cnncalc.homework.layer_text import statement
from cnncalc.homework.quiz import Exercise, Quiz

ROOM_FOR_A_SUM = "22mm"
"""Height of the space for the sum of a question."""

RULE = r"\rule{60mm}{0.4pt}"


def sheet_latex(quiz: Quiz) -> str:
    """The sheet: a line for the name, what holds, and the questions, each on one page with space for its sum."""
    return document(sheet_title(quiz), [*_parts(quiz)])


def _parts(quiz: Quiz) -> Iterator[str]:
    name = escape(quiz.student) if quiz.student else RULE
    yield f"{said('Name: {name}', name=name)}\\par\\medskip\n{escape(introduction(quiz, _code))}\\par\n"
    yield f"\\subsection*{{{escape(_('What holds'))}}}\n"
    items = "".join(f"\\item {escape(one)}\n" for one in conventions(quiz))
    yield f"\\begin{{itemize}}\\setlength{{\\itemsep}}{{0pt}}\\raggedright\n{items}\\end{{itemize}}\n"
    if shows_network(quiz):
        yield f"\\subsection*{{{escape(_('The network'))}}}\n"
        table = layers_table(quiz, str)
        yield f"{escape(too_many_layers())}\n" if table is None else table_text(_indented(table))
    yield f"\\subsection*{{{escape(_('Questions'))}}}\n"
    yield from (_question(quiz, number, one) for number, one in enumerate(quiz.exercises, start=1))


def _indented(table: Table) -> Table:
    """The table with its names indented as cells are."""
    return table._replace(rows=tuple((row[0].replace(INDENT, "  "), *row[1:]) for row in table.rows))


def _question(quiz: Quiz, number: int, exercise: Exercise) -> str:
    lines = [f"\\textbf{{{number}.}} {escape(heading(quiz, exercise, _code))}"]
    if exercise.question.row is not None:
        lines.append(escape(statement(exercise.question, exercise.topic, _code)))
    lines.append(f"\\textbf{{{escape(sentence(exercise))}}}")
    text = "\\par\\smallskip\n".join(lines)
    answer = said("Answer: {room}", room=RULE)
    return (
        f"\\begin{{minipage}}{{\\textwidth}}\\raggedright\n{text}\\par\\vspace{{{ROOM_FOR_A_SUM}}}\n{answer}\n"
        "\\end{minipage}\\par\\bigskip\n"
    )


def _code(text: str) -> str:
    return f"`{text.replace('`', chr(39))}`"
