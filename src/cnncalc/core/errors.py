"""Diagnostics: a rule raises a `Fault`, the walker of the graph adds the place, the user reads a `Diagnostic`.

Sentences are templates, stored beside their facts, so that a display can translate the former and format the latter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from cnncalc.core.text import columns, printable_text
from cnncalc.core.translation import Phrase, said

Item = TypeVar("Item")
Result = TypeVar("Result")


class Source:
    """A text that the user wrote, and its name (a path, `<stdin>`, `command line`); a program is told what to call."""

    __slots__ = ("_lines", "is_program", "name", "text")

    def __init__(self, name: str, text: str, *, is_program: bool = False) -> None:
        self.name = name
        self.text = text
        self.is_program = is_program
        self._lines: list[str] | None = None

    def __repr__(self) -> str:
        return f"Source({self.name!r})"

    def line(self, number: int) -> str:
        """The line with this number (from 1), or an empty string past the end."""
        if self._lines is None:
            self._lines = self.text.splitlines()
        lines = self._lines
        return lines[number - 1] if 0 < number <= len(lines) else ""


COMMAND_LINE = Phrase("command line")
"""The name of a source that was typed on the command line."""


class Span(NamedTuple):
    """A stretch of one source: from a line and column (both from 1) up to, and not including, the end column."""

    source: Source
    line: int
    column: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.source.name}:{self.line}:{self.column}"


class Fault(Exception):
    """An error without a place: a code, a sentence and its facts.

    `message`, `label` and `help` are `str.format` templates over `facts`; `option` names the layer option to point at.
    """

    def __init__(
        self, code: str, message: str, *, option: str | None = None, label: str = "", help: str = "", **facts: Any
    ) -> None:
        facts["option"] = option
        super().__init__(message.format(**facts))
        self.code = code
        self.message = message
        self.option = option
        self.label = label
        self.help = help
        self.facts = facts

    def at(self, span: Span | None, notes: Iterable[str] = ()) -> Diagnostic:
        """The diagnostic of this fault, with the place where the user wrote it."""
        return Diagnostic(self.code, self.message, self.facts, span, self.label, tuple(notes), self.help)


class Diagnostic(NamedTuple):
    """An error or warning that the user can act on: a stable code, a sentence with its numbers, the place and a remedy.

    `subject` is the layer type that reports it; `notes` are phrases; `example` are lines to copy, as the help says. A
    warning has a fact `path`.
    """

    code: str
    message: str
    facts: Mapping[str, Any] = MappingProxyType({})
    span: Span | None = None
    label: str = ""
    notes: tuple[str, ...] = ()
    help: str = ""
    subject: str = ""
    is_warning: bool = False
    example: tuple[str, ...] = ()

    def lines(self, width: int | None = None) -> list[tuple[str, str]]:
        """(role, text) for every line on a screen of this width; roles are title, place, source, mark and note."""
        title = said(
            "warning[{code}]: {sentence}" if self.is_warning else "error[{code}]: {sentence}",
            code=self.code,
            sentence=self.sentence(),
        )
        shown = [("title", title)]
        gutter = "  "
        if self.span is not None:
            number = str(self.span.line)
            gutter = " " * (len(number) + 1)
            shown.append(("place", f"{gutter[:-1]}--> {_on_one_line(str(self.span))}"))
            room = LONGEST_LINE if width is None else max(width - columns(f"{gutter}| "), LEAST_ROOM)
            text, before, marked = _excerpt(self.span, room)
            if text.strip():
                label = _on_one_line(said(self.label, **self.facts))
                shown.append(("place", f"{gutter}|"))
                shown.append(("source", f"{number} | {text}"))
                if before + marked + 1 + columns(label) > room:  # no room beside the mark
                    shown.append(("mark", f"{gutter}| {' ' * before}{'^' * marked}"))
                    before, marked = max(0, min(before, room - columns(label))), 0
                shown.append(("mark", f"{gutter}| {' ' * before}{'^' * marked}{' ' * bool(marked)}{label}".rstrip()))
                shown.append(("place", f"{gutter}|"))
        shown += [("note", f"{gutter}= {_on_one_line(f'{note}')}") for note in self.notes]
        if self.help:
            help = _help(self.remedy())
            shown.append(("note", f"{gutter}= {said('{heading}:', heading=help) if self.example else help}"))
            shown += [("note", f"{gutter}    {printable_text(line)}") for line in self.example]
        if self.span is not None and (keyboard := _keyboard_note(self.span)):
            shown.append(("note", f"{gutter}= {_help(keyboard)}"))
        return shown

    def key(self) -> tuple[str, ...]:
        """The key by which equal diagnostics are recognised."""
        return self.code, str(self.span), self.sentence(), *self.notes

    def sentence(self) -> str:
        """The sentence of the diagnostic, on one line."""
        sentence = said(self.message, **self.facts)
        if self.subject:
            sentence = said("{subject}: {sentence}", subject=self.subject, sentence=sentence)
        return _on_one_line(sentence)

    def remedy(self) -> str:
        """What to do, in the notation of the place: that of descriptions, or of Python."""
        remedy = said(self.help, **self.facts)
        if self.span is None or not self.span.source.is_program or "`" not in remedy:
            return remedy
        from cnncalc.core.python_notation import in_python

        return in_python(remedy, self.span.source.line(self.span.line))

    def __str__(self) -> str:
        return "\n".join(text for _role, text in self.lines())


def _keyboard_note(span: Span) -> str:
    """A note on full-width punctuation of a Chinese keyboard in the line of a diagnostic, or nothing."""
    line = span.source.line(span.line)
    if span.source.name == COMMAND_LINE:
        line = line[span.column - 1 : span.end_column - 1]  # only the word at fault
    if line.isascii():
        return ""
    from cnncalc.core.keyboard import ASCII_EQUIVALENTS, foreign_signs

    foreign = foreign_signs(line)
    meant = " ".join(f"`{ASCII_EQUIVALENTS[sign]}`" for sign in foreign)
    signs = " ".join(f"`{sign}`" for sign in foreign)
    return said("{signs}: of a Chinese keyboard; write {meant}", signs=signs, meant=meant) if foreign else ""


MOST_SHOWN = 20
"""Diagnostics shown at once: a screenful."""

MOST_DIAGNOSTICS = 50
"""Diagnostics of one part of a description, after which the search stops."""


class InputError(Exception):
    """Wrong input from the user: every diagnostic of the phase that found it, equal ones once."""

    def __init__(self, diagnostics: Iterable[Diagnostic], *, is_cut: bool = False) -> None:
        self.diagnostics = tuple(diagnostics)
        if len(self.diagnostics) > 1:
            firsts: dict[tuple[str, ...], Diagnostic] = {}
            for one in self.diagnostics:
                firsts.setdefault(one.key(), one)
            self.diagnostics = tuple(firsts.values())
        self.is_cut = is_cut  # the search stopped here, because there are so many
        super().__init__(self.diagnostics)

    def __str__(self) -> str:
        shown = [*map(str, self.diagnostics[:MOST_SHOWN])]
        return "\n\n".join([*shown, *self.cut_notice()])

    def cut_notice(self) -> list[str]:
        """A line on how many diagnostics are not shown, or nothing."""
        hidden = len(self.diagnostics) - MOST_SHOWN
        if hidden <= 0:
            return []
        return [
            said(
                "... and {hidden:,} more; reading stopped at these: fix them and try again"
                if self.is_cut
                else "... and {hidden:,} more",
                hidden=hidden,
            )
        ]

    @classmethod
    def of(cls, code: str, message: str, span: Span | None = None, **more: Any) -> InputError:
        """An error with one diagnostic, whose place is known."""
        return cls([Fault(code, message, **more).at(span)])


class UnknownName(InputError, AttributeError):
    """The error for a name that Python looks up and does not find: whoever only asks whether it is there gets no."""


LONGEST_SENTENCE = 600
"""Characters of a sentence: it may quote what the user wrote, which may be of any length."""


def _help(sentence: str) -> str:
    return said("help: {sentence}", sentence=_on_one_line(sentence))


def _on_one_line(sentence: str) -> str:
    """A sentence without line breaks or control characters; if it is too long, its middle is cut out."""
    if len(sentence) > LONGEST_SENTENCE:
        half = LONGEST_SENTENCE // 2
        sentence = f"{sentence[:half]} ... {sentence[-half:]}"
    return printable_text(sentence)


LONGEST_LINE = 160
"""Columns of a source line in a diagnostic where no screen is narrower; of a longer one, the part around the mark."""

LEAST_ROOM = 20
"""Columns that a source line has on the narrowest screen."""


def _excerpt(span: Span, room: int) -> tuple[str, int, int]:
    """The source line, printable and cut to the part around the mark, with the mark's indent and width in columns."""
    line = printable_text(span.source.line(span.line))
    start = min(span.column - 1, len(line))
    end = max(start + 1, min(span.end_column - 1, len(line)))
    if len(line) > room or columns(line) > room:
        first, last = _surroundings(line, start, end, room - 2)
        before, after = "…" * (first > 0), "…" * (last < len(line))
        shift = first - len(before)
        line = f"{before}{line[first:last]}{after}"
        start, end = start - shift, min(end, max(last, start + 1)) - shift
    return line, columns(line[:start]), max(1, columns(line[start:end]))


def _surroundings(line: str, start: int, end: int, room: int) -> tuple[int, int]:
    """The stretch of a line that fits into so many columns: up to the marked word, or as much on either side of it."""
    first = last = 0 if columns(line[:end]) <= room else start
    while last < min(end, len(line)) and (wide := columns(line[last])) <= room:
        last, room = last + 1, room - wide
    grows = last >= min(end, len(line))
    while grows:
        grows = False
        if first > 0 and (wide := columns(line[first - 1])) <= room:
            first, room, grows = first - 1, room - wide, True
        if last < len(line) and (wide := columns(line[last])) <= room:
            last, room, grows = last + 1, room - wide, True
    return first, last


def collect(*parts: Callable[[], Any]) -> list[Any]:
    """The results of all parts of some work; the diagnostics of all parts are raised together.

    Errors:  InputError
    """
    return apply_to_all(lambda part: part(), parts)


def apply_to_all(work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Apply a function to every item; the diagnostics of all items are raised together.

    Errors:  InputError
    """
    results: list[Result] = []
    diagnostics: list[Diagnostic] = []
    for item in items:
        try:
            results.append(work(item))
        except InputError as error:
            diagnostics += error.diagnostics
    if diagnostics:
        raise InputError(diagnostics)
    return results
