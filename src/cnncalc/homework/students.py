"""The students of a class: names in a file, or their number."""

from __future__ import annotations

from typing import NamedTuple

from cnncalc.core.errors import MOST_DIAGNOSTICS, Diagnostic, InputError, Source, Span
from cnncalc.core.text import printable_text
from cnncalc.homework.file_names import file_name
from cnncalc.homework.reading.sheet import MOST_SHEETS
from cnncalc.language.files import content_of_file, decode

LONGEST_NAME = 100
"""Characters of a name."""


class Student(NamedTuple):
    """A name as it is written, and the name of their files."""

    name: str
    file: str


def students_of(said: str, span: Span) -> list[Student]:
    """The students: `said` is their number, or a file with a name in every line; `span` is where it stands.

    Errors:  bad-count, cannot-read, not-text, no-students, bad-name, duplicate-name, too-large
    """
    if not said.strip().isdecimal():
        return _named(Source(said, _text(said)))
    count = int(said) if len(said) < 10 else MOST_SHEETS + 1
    if not 1 <= count <= MOST_SHEETS:
        raise InputError.of(
            "bad-count",
            "sheets are made for 1 to {most:,} students",
            span,
            help="write `--students 30`, or name a file with a name in every line",
            most=MOST_SHEETS,
        )
    digits = len(str(count))
    return [Student(f"student-{number:0{digits}}", f"student-{number:0{digits}}") for number in range(1, count + 1)]


def _text(path: str) -> str:
    content = content_of_file(path)
    try:
        return decode(content, path)
    except InputError:
        text = content.decode("gb18030", errors="replace")  # as Windows saves it in China
        if "\ufffd" in text or "\x00" in text:
            raise
        return text


def _named(source: Source) -> list[Student]:
    problems: list[Diagnostic] = []
    found: dict[str, tuple[Student, int]] = {}
    for number, line in enumerate(source.text.splitlines(), start=1):
        name = " ".join(printable_text(line).split())
        if not name:
            continue
        span = Span(source, number, 1, len(line) + 1)
        file = file_name(name)
        if len(name) > LONGEST_NAME or not file:
            problems += _bad_name(span).diagnostics
        elif file.casefold() in found:
            problems += _duplicate_name(name, *found[file.casefold()], span).diagnostics
        else:
            found[file.casefold()] = Student(name, file), number
        if len(found) > MOST_SHEETS:
            raise InputError.of(
                "too-large",
                "{path} has more than {most:,} names",
                help="make sheets for one course after another",
                path=source.name,
                most=MOST_SHEETS,
            )
        if len(problems) >= MOST_DIAGNOSTICS:
            break
    if problems:
        raise InputError(problems)
    if not found:
        raise InputError.of(
            "no-students", "{path} holds no name", help="write a name in every line of it", path=source.name
        )
    return [student for student, _line in found.values()]


def _bad_name(span: Span) -> InputError:
    return InputError.of(
        "bad-name",
        "a name has from 1 to {most} characters, and a letter or a digit among them",
        span,
        help="write a shorter name, or a number",
        most=LONGEST_NAME,
    )


def _duplicate_name(name: str, first: Student, line: int, span: Span) -> InputError:
    return InputError.of(
        "duplicate-name",
        "the files of `{name}` would be those of `{first}` on line {line}",
        span,
        help="add what tells them apart: `{name} 2`",
        name=name,
        first=first.name,
        line=line,
    )
