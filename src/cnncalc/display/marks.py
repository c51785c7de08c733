"""`cnncalc check` on a screen: a line for every answer, then diagnoses of those that are not right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from cnncalc.core.text import columns as width_of
from cnncalc.core.translation import _, said
from cnncalc.display.ledger import GAP, LedgerColumn, compose
from cnncalc.display.screen import PROSE_WIDTH, break_lines, one_line
from cnncalc.homework.grading import columns_of
from cnncalc.homework.marked import MarkedSheet
from cnncalc.homework.questions import SIGNS, Verdict
from cnncalc.homework.wording import (
    class_legend,
    class_signs,
    is_all_right,
    remarks,
    score,
    sheet_name,
    sheet_rows,
    sheet_score,
    sheet_title,
    spell_verdict,
)

STYLES = {Verdict.RIGHT: "", Verdict.CONVENTION: "yellow", Verdict.WRONG: "red"}
LONGEST_NAME = 28
LONGEST_GIVEN = 20
INDENT = "    "


def show(console: Console, marked: MarkedSheet, *, hide: bool = False) -> None:
    """Print every answer and claim with its verdict, then the diagnoses."""
    if marked.network is None:
        return
    console.print(one_line(sheet_title(marked), "bold"), end="\n\n")
    _print_marks(console, marked, hide)
    _print_details(console, marked)
    score_style = "bold green" if is_all_right(marked) else "bold"
    console.print(Text(score(marked), score_style), width=min(console.width, PROSE_WIDTH))


def _print_marks(console: Console, marked: MarkedSheet, hide: bool) -> None:
    """Print a line for every answer and claim, or several where the screen is narrow."""
    rows = sheet_rows(marked)
    verdicts = [row.verdict for row in rows]
    asks, given, right = [row.ask for row in rows], [_cut(row.given) for row in rows], [row.right for row in rows]
    columns = [LedgerColumn(_("Question"), asks, "", False), LedgerColumn(_("Given"), given)]
    columns += [] if hide else [LedgerColumn(_("Right value"), right)]
    in_words = LedgerColumn(_("Verdict"), [spell_verdict(verdict) for verdict in verdicts], "", False)
    in_signs = LedgerColumn("", [SIGNS[verdict] for verdict in verdicts], "", False)
    styles = [STYLES[verdict] for verdict in verdicts]
    for last in (in_words, in_signs):
        if sum(column.width + GAP for column in (*columns, last)) - GAP <= console.width:
            console.print(compose([*columns, last], styles, console.width))
            break
    else:
        for number, verdict in enumerate(verdicts):
            console.print(one_line(f"{SIGNS[verdict]} {_ask_and_given(asks[number], given[number])}", styles[number]))
            if verdict is not Verdict.RIGHT and not hide:
                shown = said("{quantity}: {result}", quantity=_("Right value"), result=right[number])
                console.print(one_line(f"{INDENT}{shown}"))
        console.print()
    if last is in_signs:
        signs = _("✓ right, ≈ right under another convention, ✗ wrong.")
        console.print(Text(signs, "dim"), width=min(console.width, PROSE_WIDTH), end="\n\n")


def _ask_and_given(ask: str, given: str) -> str:
    """The question with the given answer, unless the question contains it."""
    if given in ask:
        return ask
    return f"{ask} {given}" if ask.endswith(("?", "？")) else f"{ask}: {given}"


def _cut(text: str) -> str:
    """A given answer, cut to its column."""
    return text if width_of(text) <= LONGEST_GIVEN else f"{text[: LONGEST_GIVEN // 2]}…"


def _print_details(console: Console, marked: MarkedSheet) -> None:
    shown, room = False, console.width - len(INDENT)
    for title, verdict, lines in remarks(marked):
        console.print(one_line(f"{SIGNS[verdict]} {title}", STYLES[verdict] or "bold"))
        for line in (part for whole in lines for part in _sides(whole, room)):
            for row in break_lines(one_line(line), room).wrap(console, room):
                row.rstrip()
                console.print(Text(INDENT) + row, no_wrap=True, overflow="fold")
        shown = True
    if shown:
        console.print()


def _sides(line: str, room: int) -> Iterator[str]:
    """A line; a sum that is too long has a line for each of its sides."""
    if width_of(line) <= room or " = " not in line or line.endswith((".", "。")):
        yield line
        return
    first, *rest = line.split(" = ")
    yield f"{first} = {rest[0]}"
    yield from (f"  = {side}" for side in rest[1:])


def show_class(console: Console, sheets: Sequence[MarkedSheet]) -> None:
    """Print one row per sheet and one column per question, in as many tables as the screen needs."""
    questions = columns_of(sheets)
    names = [_short_name(sheet_name(marked)) for marked in sheets]
    scores = [sheet_score(marked) for marked in sheets]
    numbers = [str(number) for number in range(1, len(questions) + 1)]
    width = max(map(len, ("1", *numbers, str(len(sheets)))))
    head = [LedgerColumn(_("File"), names, _("Right"), False), LedgerColumn(_("Score"), scores)]
    if any(marked.problems for marked in sheets):
        head.append(LedgerColumn(_("Unreadable"), [str(len(marked.problems) or "") for marked in sheets]))
    room = console.width - sum(column.width + GAP for column in head)
    fitting = max(1, (room + GAP) // (width + GAP))
    for start in range(0, max(1, len(questions)), fitting):
        columns = [*head]
        for number, column in zip(numbers[start:], questions[start : start + fitting], strict=False):
            columns.append(LedgerColumn(number.rjust(width), column.signs, str(column.right)))
        console.print(compose(columns, ["" if not marked.problems else "red" for marked in sheets], console.width))
    legend = class_legend(questions)
    if len(legend) == len(questions):
        legend = [f"{place.rjust(width)}  {ask}" for place, ask in zip(numbers, legend, strict=True)]
    for line in legend:
        console.print(one_line(line), overflow="ellipsis", no_wrap=True)
    console.print(Text(f"\n{class_signs()}", "dim"), width=min(console.width, PROSE_WIDTH))


def _short_name(name: str) -> str:
    """A name; a long one is cut at its beginning."""
    while width_of(name) > LONGEST_NAME:
        name = "…" + name[2:]
    return name
