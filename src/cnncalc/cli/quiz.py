"""`cnncalc quiz`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cnncalc.cli.completion import complete_architecture, complete_quiz_topics
from cnncalc.cli.options import InputShape, Quiet, Settings
from cnncalc.cli.quiz_files import SheetFormat, relative_name, sheet_text, write_class

if TYPE_CHECKING:
    from fractions import Fraction

    from cnncalc.homework.quiz import Quiz


def quiz(
    architecture: Annotated[
        str,
        typer.Argument(
            metavar="ARCH",
            help="A built-in name (see `cnncalc list`), or a .yaml file (FILE:VARIANT picks one of its variants).",
            autocompletion=complete_architecture,
            show_default=False,
        ),
    ],
    n: Annotated[
        int | None,
        typer.Option("--n", "-n", help="Questions on the sheet; 10, or all where there are fewer.", show_default=False),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Another seed draws other questions.")] = 1,
    difficulty: Annotated[
        int | None,
        typer.Option(
            "--difficulty",
            metavar="1|2|3",
            help="1: output sizes and parameters; 2: MACs, FLOPs, memory, special layers; "
            "3: receptive fields, totals, the largest layers. 1, or with --topics 3.",
            show_default=False,
        ),
    ] = None,
    topics: Annotated[
        str | None,
        typer.Option(
            "--topics",
            metavar="A,B,C",
            help="Quantities to ask for, total, most, and forgotten: which option was forgotten in a wrong answer?",
            autocompletion=complete_quiz_topics,
            show_default=False,
        ),
    ] = None,
    points: Annotated[
        str | None,
        typer.Option(
            "--points",
            metavar="1,2,3",
            help="Points of a question by its difficulty, or one number for all.",
            show_default=False,
        ),
    ] = None,
    input: InputShape = None,
    set_: Settings = None,
    students: Annotated[
        str | None,
        typer.Option(
            "--students",
            metavar="FILE|N",
            help="A sheet for each name in a file, or for so many: --output is their folder.",
            show_default=False,
        ),
    ] = None,
    answers: Annotated[
        str | None, typer.Option("--answers", metavar="FILE", help="Write the answers, as `cnncalc check` reads them.")
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(
            "--key",
            metavar="FILE",
            help="Write the key, as `cnncalc check --key` reads it; with --students, OUTPUT-key.yaml unless named.",
            show_default=False,
        ),
    ] = None,
    format: Annotated[
        SheetFormat | None, typer.Option("--format", help="How to write the sheet.", show_default=False)
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write to a file instead of the screen, in the format of its ending: .md, .tex.",
        ),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Sheets of exercises about a network, with their answers and keys apart.

    Half of the questions or more are of the difficulty asked for, the others easier. The same seed gives the same
    sheet. No answer stands in the text of another question.

    \b
    Examples:
      cnncalc quiz vgg16
      cnncalc quiz vgg16 --n 10 --seed 1 --difficulty 2
      cnncalc quiz resnet18 --difficulty 3 --output sheet.md --answers answers.yaml
      cnncalc quiz vgg16 --students names.txt --points 1,2,3 --output quiz/
      cnncalc quiz my_network.yaml --set width=32 --input 3x64x64 --output exam.tex
    """
    from cnncalc.analysis.infer import analyze
    from cnncalc.cli.emit import emit_text, emit_warnings, write_files
    from cnncalc.cli.formats import chosen_format
    from cnncalc.cli.options import option_span, settings, shape
    from cnncalc.exporters.quiz import answers_yaml, key_yaml
    from cnncalc.homework.quiz import HARDEST, compose, exercises
    from cnncalc.language.load import load

    written = chosen_format(format, None if students else output, SheetFormat)
    chosen_topics, worth = _topics(topics), _points(points)
    level = difficulty if difficulty is not None else HARDEST if chosen_topics else 1
    _check_numbers(n, level)
    _check_nameable(architecture)
    _check_files(architecture, output, answers, key, students)
    chosen, size = settings(set_), shape(input)
    report = analyze(load(architecture, params=chosen, input=size))
    every = exercises(report, chosen_topics)

    def drawn(seed: int) -> Quiz:
        return compose(
            report,
            architecture,
            n=n,
            seed=seed,
            difficulty=level,
            topics=chosen_topics,
            input=size,
            settings=chosen,
            span=None if n is None else option_span("--n", str(n)),
            every=every,
        )._replace(points=worth)

    if students is not None and output is not None:
        shortage = write_class(students, output, key, architecture, written, seed, drawn)
    else:
        one = drawn(seed)
        text, shortage = sheet_text(one, written), one.shortage
        files = {}
        if answers is not None:
            files[answers] = answers_yaml(one, relative_name(architecture, answers))
        if key is not None:
            files[key] = key_yaml([one], [], relative_name(architecture, key))
        if output is not None:
            files[output] = text
        write_files(files)
        if output is None:
            emit_text(text, None)
    if shortage:
        from cnncalc.display.diagnostics import remark

        remark(shortage)
    if not quiet:
        emit_warnings(report.warnings)


def _topics(text: str | None) -> tuple[str, ...]:
    """The topics that are asked for; none if all are.

    Errors:  unknown-topic
    """
    from cnncalc.cli.options import option_span
    from cnncalc.core.errors import Fault, InputError
    from cnncalc.core.suggest import did_you_mean
    from cnncalc.core.translation import Listed
    from cnncalc.homework.quiz import TOPICS

    if text is None:
        return ()
    named = tuple(part.strip().lower().replace("-", "_") for part in text.split(","))
    faults = [
        Fault(
            "unknown-topic",
            "there is no topic `{name}`",
            help=did_you_mean(name, TOPICS, "topics are {known}"),
            name=name,
            known=Listed(TOPICS, ","),
        ).at(option_span("--topics", text))
        for name in named
        if name not in TOPICS
    ]
    if faults:
        raise InputError(faults)
    return named


def _points(text: str | None) -> tuple[Fraction, ...]:
    """The points by difficulty; none where they are not shown.

    Errors:  bad-points
    """
    import re
    from fractions import Fraction

    from cnncalc.cli.options import option_span
    from cnncalc.core.errors import InputError
    from cnncalc.homework.quiz import HARDEST

    if text is None:
        return ()
    parts = [part.strip() for part in text.split(",")]
    if len(parts) not in (1, HARDEST) or not all(re.fullmatch(r"\d{1,3}(\.\d{1,3})?", part) for part in parts):
        raise InputError.of(
            "bad-points",
            "`{text}` are not the points of each difficulty",
            option_span("--points", text),
            help="write `--points 1,2,3`, or one number for all",
            text=text,
        )
    return tuple(map(Fraction, parts)) * (HARDEST if len(parts) == 1 else 1)


def _check_numbers(n: int | None, difficulty: int) -> None:
    """Reject a number of questions or a difficulty out of range.

    Errors:  bad-count, bad-difficulty
    """
    from cnncalc.cli.options import option_span
    from cnncalc.core.errors import InputError
    from cnncalc.homework.quiz import HARDEST

    if n is not None and n < 1:
        raise InputError.of(
            "bad-count",
            "a sheet has at least 1 question, not {n}",
            option_span("--n", str(n)),
            help="write `--n 10`",
            n=n,
        )
    if not 1 <= difficulty <= HARDEST:
        raise InputError.of(
            "bad-difficulty",
            "difficulties go from 1 to {hardest}, not {difficulty}",
            option_span("--difficulty", str(difficulty)),
            help="write `--difficulty 2`",
            hardest=HARDEST,
            difficulty=difficulty,
        )


def _check_nameable(architecture: str) -> None:
    """Reject a network that a file of answers cannot name.

    Errors:  untrusted-network
    """
    from cnncalc.core.errors import InputError

    if architecture == "-" or architecture.endswith(".py"):
        raise InputError.of(
            "untrusted-network",
            "a file of answers cannot name {name}: `cnncalc check` would not read or run it",
            help="name a built-in network or a .yaml file",
            name="standard input" if architecture == "-" else architecture,
        )


def _check_files(
    architecture: str, output: str | None, answers: str | None, key: str | None, students: str | None
) -> None:
    """Reject outputs that are the same file, and a class without a folder.

    Errors:  cannot-write, same-file, missing-option, usage
    """
    from os.path import realpath

    from cnncalc.cli.options import option_span
    from cnncalc.core.errors import InputError
    from cnncalc.language.files import file_and_variant

    if students is not None and not output:
        raise InputError.of(
            "missing-option",
            "the sheets of a class need a folder",
            option_span("--students", students),
            help="add `--output quiz/`",
        )
    if students is not None and answers is not None:
        raise InputError.of(
            "usage",
            "the answers of a class stand in its key",
            option_span("--answers", answers),
            help="write `--key key.yaml`",
        )
    if answers == "" or key == "":
        raise InputError.of(
            "cannot-write",
            "--answers names no file" if answers == "" else "--key names no file",
            help="write `--answers answers.yaml`" if answers == "" else "write `--key key.yaml`",
        )
    outputs = [
        (option, path) for option, path in (("--output", output), ("--answers", answers), ("--key", key)) if path
    ]
    places: dict[str, str] = {}
    for option, path in outputs:
        if realpath(path) in places:
            raise InputError.of(
                "same-file",
                "the sheet and its answers would both be written to {path}",
                option_span(option, path),
                help="name two files: `--output sheet.md --answers answers.yaml`",
                path=path,
            )
        places[realpath(path)] = option
    for option, path in outputs:
        described = file_and_variant(architecture)[0]
        if described.endswith((".yaml", ".yml")) and realpath(path) == realpath(described):
            raise InputError.of(
                "same-file",
                "{path} is the network itself",
                option_span(option, path),
                help="name another file: `--output sheet.md --answers answers.yaml`",
                path=path,
            )
