"""`cnncalc quiz`."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncalc.cli.completion import complete_architecture
from cnncalc.cli.options import InputShape, Output, Quiet, Settings


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
        int,
        typer.Option(
            "--difficulty",
            metavar="1|2|3",
            help="1: output sizes and parameters; 2: MACs, FLOPs, memory, special layers; "
            "3: receptive fields, totals, the largest layers.",
        ),
    ] = 1,
    input: InputShape = None,
    set_: Settings = None,
    answers: Annotated[
        str | None, typer.Option("--answers", metavar="FILE", help="Write the answers, as `cnncalc check` reads them.")
    ] = None,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """A sheet of exercises about a network, and the file with their answers.

    Half of the questions or more are of the difficulty asked for, the others easier. The same seed gives the same
    sheet.

    \b
    Examples:
      cnncalc quiz vgg16
      cnncalc quiz vgg16 --n 10 --seed 1 --difficulty 2
      cnncalc quiz resnet18 --difficulty 3 --output sheet.md --answers answers.yaml
      cnncalc quiz my_network.yaml --set width=32 --input 3x64x64
    """
    from cnncalc.analysis.infer import analyze
    from cnncalc.cli.emit import emit_text, emit_warnings, write_files
    from cnncalc.cli.formats import format_of_ending
    from cnncalc.cli.options import option_span, settings, shape
    from cnncalc.exporters.quiz import answers_yaml, sheet_markdown
    from cnncalc.homework.quiz import compose
    from cnncalc.language.load import load

    format_of_ending(output, ["markdown"])
    _check_numbers(n, difficulty)
    _check_nameable(architecture)
    _check_files(architecture, output, answers)
    chosen, size = settings(set_), shape(input)
    report = analyze(load(architecture, params=chosen, input=size))
    drawn = compose(
        report,
        architecture,
        n=n,
        seed=seed,
        difficulty=difficulty,
        input=size,
        settings=chosen,
        span=None if n is None else option_span("--n", str(n)),
    )
    text = sheet_markdown(drawn)
    files = {}
    if answers is not None:
        files[answers] = answers_yaml(drawn, _relative_name(architecture, answers))
    if output is not None:
        files[output] = text
    write_files(files)
    if output is None:
        emit_text(text, None)
    if drawn.shortage:
        from cnncalc.display.diagnostics import remark

        remark(drawn.shortage)
    if not quiet:
        emit_warnings(report.warnings)


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


def _check_files(architecture: str, output: str | None, answers: str | None) -> None:
    """Reject outputs that are the same file.

    Errors:  cannot-write, same-file
    """
    from os.path import realpath

    from cnncalc.cli.options import option_span
    from cnncalc.core.errors import InputError
    from cnncalc.language.files import file_and_variant

    if answers == "":
        raise InputError.of("cannot-write", "--answers names no file", help="write `--answers answers.yaml`")
    if output and answers and realpath(output) == realpath(answers):
        raise InputError.of(
            "same-file",
            "the sheet and its answers would both be written to {path}",
            option_span("--answers", answers),
            help="name two files: `--output sheet.md --answers answers.yaml`",
            path=answers,
        )
    for option, path in (("--output", output), ("--answers", answers)):
        described = file_and_variant(architecture)[0]
        if path and described.endswith((".yaml", ".yml")) and realpath(path) == realpath(described):
            raise InputError.of(
                "same-file",
                "{path} is the network itself",
                option_span(option, path),
                help="name another file: `--output sheet.md --answers answers.yaml`",
                path=path,
            )


def _relative_name(architecture: str, answers: str) -> str:
    """The network as a file of answers names it: its path relative to the file's folder."""
    from os.path import dirname, exists, isabs, isfile, realpath, relpath

    from cnncalc.language.files import file_and_variant

    path, variant = file_and_variant(architecture)
    if not path.endswith((".yaml", ".yml")) or isabs(path) or (exists(answers) and not isfile(answers)):
        return architecture
    near = relpath(realpath(path), dirname(realpath(answers)))
    return f"{near}:{variant}" if variant else near
