"""Item analysis as JSON and CSV, whose keys are a contract, and as Markdown and LaTeX."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cnncalc.core.translation import _, said
from cnncalc.explain.layer import Table
from cnncalc.exporters.escaping import csv_text, json_text, markdown, prose, table_row
from cnncalc.exporters.latex import Strong
from cnncalc.exporters.latex_tables import page
from cnncalc.homework.items import Item, frequent_text
from cnncalc.homework.questions import SIGNS, Verdict
from cnncalc.homework.wording import class_signs

COUNTED = (Verdict.RIGHT, Verdict.CONVENTION, Verdict.WRONG)


def items_json(items: Sequence[Item], hide: bool) -> str:
    """A list of questions, each with its most frequent mistakes."""
    return (
        json_text(
            [
                {
                    "ask": item.ask,
                    "asked": item.asked,
                    **{verdict.value: item.verdicts[verdict] for verdict in COUNTED},
                    "missing": item.missing,
                    "frequent": [
                        {
                            "times": one.times,
                            "verdict": one.verdict.value,
                            "given": one.given,
                            "mistake": one.name or None,
                            "sentence": one.hint if hide else one.sentence,
                        }
                        for one in item.frequent
                    ],
                }
                for item in items
            ]
        )
        + "\n"
    )


def items_csv(items: Sequence[Item], hide: bool) -> str:
    """One row per question, its most frequent mistakes in one cell."""
    rows: list[Sequence[object]] = [
        ("ask", "asked", *(verdict.value for verdict in COUNTED), "missing", "frequent"),
    ]
    for item in items:
        frequent = " | ".join(f"{one.times} × {one.name or one.given}" for one in item.frequent)
        counts = (item.verdicts[verdict] for verdict in COUNTED)
        rows.append((item.ask, item.asked, *counts, item.missing, frequent))
    return csv_text(rows)


def items_markdown(items: Sequence[Item], hide: bool) -> str:
    """A table of the questions, then the mistakes of each."""
    table = _table(items)
    rule = ["---:" if number else "---" for number in table.numbers]
    rows = ([markdown(cell) for cell in row] for row in (table.head, *table.rows))
    head, *body = rows
    parts = ["".join(map(table_row, (head, rule, *body)))]
    for item in items:
        if item.frequent:
            lines = "".join(f"- {SIGNS[one.verdict]} {prose(frequent_text(one, hide=hide))}\n" for one in item.frequent)
            parts.append(f"**{markdown(item.ask)}**\n\n{lines}")
    return "\n".join((*parts, f"{class_signs()}\n"))


def items_latex(items: Sequence[Item], hide: bool) -> str:
    """The same as a document."""
    sentences: list[str] = []
    for item in items:
        if item.frequent:
            sentences.append(Strong(item.ask))
            sentences += [f"{SIGNS[one.verdict]} {frequent_text(one, hide=hide)}" for one in item.frequent]
    return page(_("Questions"), [_table(items)], [*sentences, class_signs()])


def _table(items: Sequence[Item]) -> Table:
    head = (_("Question"), _("Right"), *(SIGNS[one] for one in COUNTED[1:]), "–")
    rows = [
        (
            item.ask,
            said("{n} of {total}", n=item.verdicts[Verdict.RIGHT], total=item.asked),
            *(str(item.verdicts[one] or "") for one in COUNTED[1:]),
            str(item.missing or ""),
        )
        for item in items
    ]
    return Table(head, tuple(rows), (False, *(True for _title in head[1:])))


WRITERS: dict[str, Callable[[Sequence[Item], bool], str]] = {
    "json": items_json,
    "csv": items_csv,
    "markdown": items_markdown,
    "latex": items_latex,
}
"""The writers of an item analysis by the name of their format."""
