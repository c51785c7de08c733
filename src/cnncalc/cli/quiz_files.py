"""The files that `cnncalc quiz` writes: a sheet in its format, and the folder of a class."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnncalc.homework.quiz import Quiz


class SheetFormat(str, Enum):  # noqa: UP042 - Typer shows the values of a str enum
    """The format of a sheet of exercises."""

    markdown = "markdown"
    latex = "latex"


def sheet_text(drawn: Quiz, format: SheetFormat) -> str:
    """A sheet in its format."""
    if format is SheetFormat.latex:
        from cnncalc.exporters.quiz_latex import sheet_latex

        return sheet_latex(drawn)
    from cnncalc.exporters.quiz import sheet_markdown

    return sheet_markdown(drawn)


def write_class(
    students: str,
    folder: str,
    key: str | None,
    architecture: str,
    format: SheetFormat,
    seed: int,
    drawn: Callable[[int], Quiz],
) -> str:
    """Write a sheet and an empty file of answers for every student, and the key of all; return what falls short.

    Errors:  those of names and of files; file-exists, too-large
    """
    from cnncalc.cli.emit import write_folder
    from cnncalc.cli.options import option_span
    from cnncalc.core.errors import InputError
    from cnncalc.core.translation import said
    from cnncalc.display.diagnostics import remark
    from cnncalc.exporters.quiz import blank_yaml, key_yaml
    from cnncalc.homework.students import students_of
    from cnncalc.language.text.document import MOST_CHARACTERS

    named = students_of(students, option_span("--students", students))
    sheets = [
        drawn(seed + place)._replace(student=student.name, answers_file=f"{student.file}.yaml")
        for place, student in enumerate(named)
    ]
    ending = ".tex" if format is SheetFormat.latex else ".md"
    inside = f"{folder.rstrip('/')}/"
    files = {}
    for student, one in zip(named, sheets, strict=True):
        files[f"{student.file}{ending}"] = sheet_text(one, format)
        files[f"{student.file}.yaml"] = blank_yaml(one, relative_name(architecture, f"{inside}{student.file}.yaml"))
    key = key or f"{folder.rstrip('/')}-key.yaml"
    text = key_yaml(sheets, [student.file for student in named], relative_name(architecture, key))
    if len(text) > MOST_CHARACTERS:
        raise InputError.of(
            "too-large",
            "a key for {n:,} students is longer than the {most:,} characters that are read",
            option_span("--students", students),
            help="ask fewer questions, or make sheets for one group after another",
            n=len(named),
            most=MOST_CHARACTERS,
        )
    write_folder(folder, files, {key: text}, replace=False)
    remark(
        said("Sheets for {n} students are in {folder}, and their key is {key}.", n=len(named), folder=inside, key=key)
    )
    return sheets[0].shortage


def relative_name(architecture: str, answers: str) -> str:
    """The network as a file of answers names it: its path relative to the file's folder."""
    from os.path import dirname, exists, isabs, isfile, realpath, relpath

    from cnncalc.language.files import file_and_variant

    path, variant = file_and_variant(architecture)
    if not path.endswith((".yaml", ".yml")) or isabs(path) or (exists(answers) and not isfile(answers)):
        return architecture
    near = relpath(realpath(path), dirname(realpath(answers)))
    return f"{near}:{variant}" if variant else near
