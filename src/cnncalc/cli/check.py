"""`cnncalc check`."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Annotated

import typer

from cnncalc.cli.completion import complete_architecture
from cnncalc.cli.options import FORMAT_HELP, FormattedOutput, InputShape, OutputFormat, Quiet, Settings

if TYPE_CHECKING:
    from cnncalc.homework.key import Key
    from cnncalc.homework.marking import Known, MarkedSheet
    from cnncalc.homework.reading.sheet import Networks
    from cnncalc.homework.reading.submissions import Submissions


def check(
    sheet: Annotated[
        str,
        typer.Argument(
            metavar="SHEET | FOLDER | ARCH",
            help="A YAML or CSV file of answers, a folder of them, - for one on standard input, or a network.",
            autocompletion=complete_architecture,
            show_default=False,
        ),
    ],
    answers: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ASK=ANSWER | CLAIM | SHEET",
            help="Answers and claims about the network; or more sheets and folders.",
            show_default=False,
        ),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(
            "--key",
            metavar="FILE",
            help="Mark by this key: its network, its questions and their points.",
            show_default=False,
        ),
    ] = None,
    feedback: Annotated[
        str | None,
        typer.Option(
            "--feedback",
            metavar="FOLDER",
            help="Write a Markdown file of feedback for every sheet.",
            show_default=False,
        ),
    ] = None,
    items: Annotated[
        bool, typer.Option("--items", help="A row for every question: how many were right, and the usual mistakes.")
    ] = False,
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
      cnncalc check submissions/ --key key.yaml --feedback feedback/ -o marks.csv

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
    A key, for a class:
      network: vgg16            # what a sheet says of the network is ignored
      tolerance: 1%             # what a number may be off; 0 if it is left out
      conventions: half         # what is right under another convention: right, half, wrong
      questions:
        conv1_1.params: 2       # points
        total.macs: {points: 3}

    \b
    A layer goes by its path, its name in the paper, or its position. Quantities:
    output, size, channels, params, buffers, macs, flops, memory, param_memory,
    receptive_field, jump, start.

    \b
    The exit code is 0 where all is right, 1 where something is not, and 2 where
    something could not be read. By a key, 0 means all the points.
    """
    from cnncalc.cli.emit import emit_warnings
    from cnncalc.cli.formats import chosen_format
    from cnncalc.cli.options import settings, shape
    from cnncalc.homework.grading import grade_all
    from cnncalc.homework.marking import Known
    from cnncalc.homework.reading.sheet import Networks
    from cnncalc.homework.reading.submissions import find_submissions

    format = chosen_format(format, output, OutputFormat)
    networks, known = Networks(shape(input), settings(set_)), Known()
    words = answers or []
    paths = _paths(sheet, words)
    by = _key(key, networks, words if not paths else [])
    handed_in = find_submissions(paths, by.files if by else ()) if paths else None
    if handed_in is None:
        sheets = [_mark(sheet, words, networks, by, known)]
    else:
        diagnose = items or bool(feedback) or format is OutputFormat.json
        sheets = grade_all(handed_in, networks, by, known, diagnose=diagnose)
    if handed_in is None or feedback or format is OutputFormat.json:
        sheets = [marked.with_diagnoses(hide=hide_answers) for marked in sheets]
    if items:
        _emit_items(sheets, hide_answers, format, output)
    else:
        _emit(sheets, handed_in is not None, hide_answers, format, output)
    if feedback:
        _write_feedback(sheets, feedback, hide_answers)
    if handed_in is not None:
        _name_others(handed_in, by)
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


def _paths(sheet: str, words: list[str]) -> list[str]:
    """The sheets and folders of a class; none where one sheet is marked, or words about a network."""
    from os.path import isdir

    from cnncalc.homework.reading.submissions import ENDINGS

    if words:
        each = [sheet, *words]
        return each if all(isdir(path) or path.lower().endswith(ENDINGS) for path in each) else []
    return [sheet] if isdir(sheet) else []


def _key(path: str | None, networks: Networks, words: list[str]) -> Key | None:
    """The key, if one is named.

    Errors:  those of a key; usage where the network is named on the command line
    """
    if path is None:
        return None
    if words:
        from cnncalc.cli.options import option_span
        from cnncalc.core.errors import InputError

        raise InputError.of(
            "usage",
            "a key names the network itself, and answers on the command line have another",
            option_span("--key", path),
            help="write the answers into a file: `cnncalc check answers.yaml --key key.yaml`",
        )
    from cnncalc.homework.reading.key import read_key

    return read_key(path, networks)


def _name_others(handed_in: Submissions, key: Key | None) -> None:
    """Say which files were not marked, and who has handed in nothing."""
    from cnncalc.core.translation import Listed, Phrase, said
    from cnncalc.display.diagnostics import remark

    absent = key.absent(handed_in.places) if key else []
    for sentence, names in (
        (Phrase("Not marked, as no .yaml or .csv files: {names}"), handed_in.others),
        (Phrase("Not marked, as they answer nothing: {names}"), handed_in.descriptions),
        (Phrase("Nothing was handed in by {names}"), absent),
    ):
        if names:
            shown = names if len(names) <= MOST_NAMED else [*names[:MOST_NAMED], "..."]
            remark(said(sentence, names=Listed(shown, ",")))


def _mark(sheet: str, words: list[str], networks: Networks, key: Key | None, known: Known) -> MarkedSheet:
    """Mark one sheet: a file, standard input, or the words after a network."""
    from cnncalc.homework.grading import grade
    from cnncalc.homework.reading.sheet import read_file, read_sheet, read_words
    from cnncalc.homework.reading.submissions import ENDINGS

    if words:
        line = " ".join(("cnncalc check", sheet, *map(_quote, words)))
        return grade(read_words(networks.load(sheet, pipe=True), words, line), key, known)
    if sheet == "-":
        from cnncalc.core.errors import Source
        from cnncalc.language.files import standard_input

        return grade(read_sheet(Source("<stdin>", standard_input()), networks), key, known)
    if not sheet.lower().endswith(ENDINGS):
        from cnncalc.core.errors import InputError

        raise InputError.of(
            "no-answers",
            "there is nothing to mark: `{name}` is no .yaml or .csv file, and no answers follow it",
            help="write `cnncalc check {name} conv1.params=1792`, or name a file of answers",
            name=sheet,
        )
    return grade(read_file(sheet, networks, pipe=True), key, known)


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


def _emit_items(sheets: list[MarkedSheet], hide: bool, format: OutputFormat, output: str | None) -> None:
    from cnncalc.cli.emit import emit_screen, emit_text
    from cnncalc.homework.items import items_of

    found = items_of(sheets)
    if format is OutputFormat.table:
        from cnncalc.display.items import show_items

        emit_screen(lambda console: show_items(console, found, hide=hide), output)
        return
    from cnncalc.exporters import items

    emit_text(items.WRITERS[format.value](found, hide), output)


def _write_feedback(sheets: list[MarkedSheet], folder: str, hide: bool) -> None:
    """A file for every sheet, in a folder that is made where there is none."""
    from cnncalc.cli.emit import write_folder
    from cnncalc.core.translation import said
    from cnncalc.display.diagnostics import remark
    from cnncalc.exporters.marks import feedback_markdown
    from cnncalc.homework.file_names import distinct_names
    from cnncalc.homework.wording import sheet_name

    names = distinct_names(map(sheet_name, sheets))
    texts = [feedback_markdown(marked, hide=hide) for marked in sheets]
    write_folder(folder, {f"{name}.md": text for name, text in zip(names, texts, strict=True)}, replace=True)
    remark(said("Feedback for {n} sheets is in {folder}.", n=len(names), folder=folder))
