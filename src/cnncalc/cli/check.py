"""`cnncalc check`."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Annotated

import typer

from cnncalc.cli.completion import complete_architecture
from cnncalc.cli.options import FORMAT_HELP, FormattedOutput, InputShape, OutputFormat, Quiet, Settings

if TYPE_CHECKING:
    from cnncalc.homework.marking import MarkedSheet
    from cnncalc.homework.reading.sheet import Networks


def check(
    sheet: Annotated[
        str,
        typer.Argument(
            metavar="SHEET | FOLDER | ARCH",
            help="A YAML file of answers, a folder of them, - for one on standard input, or a network.",
            autocompletion=complete_architecture,
            show_default=False,
        ),
    ],
    answers: Annotated[
        list[str] | None,
        typer.Argument(metavar="ASK=ANSWER | CLAIM", help="Answers and claims about the network.", show_default=False),
    ] = None,
    hide_answers: Annotated[
        bool, typer.Option("--hide-answers", help="Hints only: never the right value, nor a sum that shows it.")
    ] = False,
    input: InputShape = None,
    set_: Settings = None,
    format: Annotated[OutputFormat | None, typer.Option("--format", help=FORMAT_HELP, show_default=False)] = None,
    output: FormattedOutput = None,
    quiet: Quiet = False,
) -> None:
    """Mark homework: every answer right, wrong or right under another convention, with the mistake that explains it.

    \b
    Examples:
      cnncalc check answers.yaml
      cnncalc check vgg16 conv1_1.params=1792 pool5.output=7x7x512
      cnncalc check vgg16 most_params=fc6 "conv1_2 has more MACs than conv1_1"
      cnncalc check submissions/ -o marks.csv

    \b
    A file of answers:
      network: vgg16            # a name, a path, or a description
      input: [3, 224, 224]      # may be left out, as may set: {classes: 10}
      answers:
        conv1_1.params: 1,792   # or 1.79k: the digits given must be right
        3rd conv2d.output: 112x112x128
        total.macs: 15.5G
      claims:
        - most_params: fc6      # most_macs, most_memory
        - fc6.params > fc7.params
        - pool5 has the most activation memory

    \b
    A layer goes by its path, its name in the paper, or its position. Quantities:
    output, size, channels, params, buffers, macs, flops, memory, param_memory,
    receptive_field, jump, start.

    \b
    The exit code is 0 where all is right, 1 where something is not, and 2 where
    something could not be read.
    """
    from cnncalc.cli.emit import emit_warnings
    from cnncalc.cli.formats import chosen_format
    from cnncalc.cli.options import settings, shape
    from cnncalc.homework.reading.sheet import Networks

    format = chosen_format(format, output, OutputFormat)
    networks = Networks(shape(input), settings(set_))
    files, others = (None, []) if answers else _files(sheet)
    if files is None:
        sheets = [_mark(sheet, answers or [], networks)]
    else:
        from cnncalc.homework.marking import mark_file

        sheets = [mark_file(path, networks, diagnose=format is OutputFormat.json) for path in files]
    if files is None or format is OutputFormat.json:
        sheets = [marked.with_diagnoses(hide=hide_answers) for marked in sheets]
    _emit(sheets, files is not None, hide_answers, format, output)
    if others:
        from cnncalc.core.translation import Listed, said
        from cnncalc.display.diagnostics import remark

        remark(said("Not marked, as no .yaml files: {names}", names=Listed(others, ",")))
    if not (quiet or hide_answers):
        emit_warnings([one for marked in sheets if marked.network for one in marked.network.warnings])
    each = zip_longest(*(marked.problems for marked in sheets))  # in turn, so that no sheet hides the errors of another
    problems = [one for turn in each for one in turn if one is not None]
    if problems:
        from cnncalc.core.errors import InputError

        raise InputError(problems)
    code = max(marked.exit_code for marked in sheets)
    if code:
        raise typer.Exit(code)


MOST_NAMED = 10
"""Most files in a folder that are named as not marked."""


def _files(path: str) -> tuple[list[str] | None, list[str]]:
    """The sheets of a folder, sorted by name, and its other files; None where the path is no folder.

    Errors:  cannot-read, empty-folder, too-large
    """
    import os
    from pathlib import Path

    from cnncalc.core.errors import InputError
    from cnncalc.homework.reading.sheet import MOST_SHEETS

    if not os.path.isdir(path):
        return None, []
    try:
        names = sorted(name for name in os.listdir(path) if not name.startswith("."))
    except OSError as error:
        from cnncalc.core.os_errors import system_reason

        raise InputError.of(
            "cannot-read",
            "cannot read {path}: {reason}",
            help="name a folder that you may list",
            path=path,
            reason=system_reason(error),
        ) from None
    sheets = [
        name for name in names if name.lower().endswith((".yaml", ".yml"))
    ]  # a pipe or a folder gets a diagnostic
    found = [str(Path(path, name)) for name in sheets]
    others = [name for name in names if name not in sheets and not os.path.isdir(Path(path, name))]
    if len(others) > MOST_NAMED:
        others = [*others[:MOST_NAMED], "..."]
    if not found:
        raise InputError.of(
            "empty-folder",
            "the folder {path} holds no .yaml file",
            help="name a file of answers, or a folder of them",
            path=path,
        )
    if len(found) > MOST_SHEETS:
        raise InputError.of(
            "too-large",
            "the folder {path} holds {count:,} sheets, more than {most:,}",
            help="mark them in several folders",
            path=path,
            count=len(found),
            most=MOST_SHEETS,
        )
    return found, others


def _mark(sheet: str, words: list[str], networks: Networks) -> MarkedSheet:
    """Mark one sheet: a file, standard input, or the words after a network."""
    from cnncalc.homework.marking import mark_sheet
    from cnncalc.homework.reading.sheet import read_file, read_sheet, read_words

    if words:
        line = " ".join(("cnncalc check", sheet, *map(_quote, words)))
        return mark_sheet(read_words(networks.load(sheet, pipe=True), words, line))
    if sheet == "-":
        from cnncalc.core.errors import Source
        from cnncalc.language.files import standard_input

        return mark_sheet(read_sheet(Source("<stdin>", standard_input()), networks))
    if not sheet.lower().endswith((".yaml", ".yml")):
        from cnncalc.core.errors import InputError

        raise InputError.of(
            "no-answers",
            "there is nothing to mark: `{name}` is no .yaml file, and no answers follow it",
            help="write `cnncalc check {name} conv1.params=1792`, or name a file of answers",
            name=sheet,
        )
    return mark_sheet(read_file(sheet, networks, pipe=True))


def _quote(word: str) -> str:
    """A word in quotes if a shell needs them."""
    return f'"{word}"' if any(sign in word for sign in " <>|&;()") else word


def _emit(sheets: list[MarkedSheet], is_class: bool, hide: bool, format: OutputFormat, output: str | None) -> None:
    from cnncalc.cli.emit import emit_screen, emit_text

    if format is OutputFormat.table:
        from cnncalc.display.marks import show, show_class

        if is_class:
            emit_screen(lambda console: show_class(console, sheets), output)
        elif sheets[0].marks or sheets[0].claims:
            emit_screen(lambda console: show(console, sheets[0], hide=hide), output)
        return
    from cnncalc.exporters import marks

    first = sheets[0]
    match format:
        case OutputFormat.json:
            emit_text(marks.class_json(sheets, hide=hide) if is_class else marks.marks_json(first, hide=hide), output)
        case OutputFormat.csv:
            emit_text(marks.class_csv(sheets) if is_class else marks.marks_csv(first, hide=hide), output)
        case OutputFormat.markdown:
            emit_text(marks.class_markdown(sheets) if is_class else marks.marks_markdown(first, hide=hide), output)
        case _:
            emit_text(marks.class_latex(sheets) if is_class else marks.marks_latex(first, hide=hide), output)
