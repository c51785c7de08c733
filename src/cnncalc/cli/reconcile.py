"""`cnncalc reconcile`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cnncalc.cli.completion import complete_convention
from cnncalc.cli.options import (
    Architecture,
    Batch,
    ElementType,
    Format,
    FormattedOutput,
    InputShape,
    OutputFormat,
    Quiet,
    Settings,
    option_span,
    report_of,
    word_span,
)

if TYPE_CHECKING:
    from cnncalc.analysis.conventions.base import Convention
    from cnncalc.analysis.report import Report
    from cnncalc.homework.attribution import Attribution


def reconcile(
    architecture: Architecture,
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[CONVENTION]...",
            help="Only these; each is compared with the first, or a single one with torch.",
            autocompletion=complete_convention,
            show_default=False,
        ),
    ] = None,
    claim: Annotated[
        str | None, typer.Option("--claim", metavar="NUMBER", help="Whose count a number is, at its digits: 4.12G.")
    ] = None,
    memory: Annotated[bool, typer.Option("--memory", help="What tools call the memory of activations.")] = False,
    input: InputShape = None,
    set_: Settings = None,
    batch: Batch = 1,
    format: Format = None,
    output: FormattedOutput = None,
    quiet: Quiet = False,
) -> None:
    """Why tools disagree: a network under every convention, and each difference as a sum of rules.

    \b
    Examples:
      cnncalc reconcile resnet50
      cnncalc reconcile resnet50 thop fvcore
      cnncalc reconcile resnet50 --claim 4.12G
      cnncalc reconcile vgg16 --memory
      cnncalc reconcile my_network.yaml --input 3x160x160 --format markdown
    """
    from cnncalc.analysis.reconcile import Reconciliation, pairs
    from cnncalc.analysis.table import heading
    from cnncalc.cli.emit import emit_screen, emit_text, emit_warnings
    from cnncalc.cli.formats import chosen_format
    from cnncalc.core.errors import apply_to_all
    from cnncalc.core.tensor import spell
    from cnncalc.core.translation import Listed

    format = chosen_format(format, output, OutputFormat)
    every, base = _conventions(memory)
    chosen = apply_to_all(lambda name: _named(name, memory), dict.fromkeys(names or ()))
    report = report_of(architecture, input, batch, ElementType.float32, "torch", set_)
    shown = chosen if len(chosen) != 1 or chosen[0] is base else [base, chosen[0]]
    reconciliation = Reconciliation(report, shown or every)
    sides = reconciliation.sides()
    compared = [reconciliation.difference(*pair) for pair in pairs(shown or every, base, named=bool(chosen))]
    found, said_so, claimed = _claimed(claim, report, shown or every, memory)
    if claim is not None and not chosen and format not in (OutputFormat.json, OutputFormat.csv):
        # whose number it is, and not everyone's
        givers = {id(one.convention) for one in found if not one.of}
        compared = [one for one in compared if id(one.end) in givers]
    if format is OutputFormat.json:
        from cnncalc.exporters.reconciliation import reconciliation_json

        emit_text(reconciliation_json(report, sides, compared, claimed), output)
    elif format is OutputFormat.csv:
        from cnncalc.exporters.reconciliation import reconciliation_csv

        emit_text(reconciliation_csv(sides, compared), output)
    elif format is OutputFormat.table:
        from cnncalc.display.reconciliation import show

        inputs = Listed(map(spell, report.graph.inputs.values()), ",")
        title = heading(report.graph.metadata.title or report.graph.name, inputs, report)
        emit_screen(lambda console: show(console, title, sides, compared, said_so), output)
    else:
        from cnncalc.analysis.reconcile import closing_sentences
        from cnncalc.exporters import reconciliation as exporter

        is_markdown = format is OutputFormat.markdown
        write = exporter.reconciliation_markdown if is_markdown else exporter.reconciliation_latex
        emit_text(write(report, sides, compared, [*said_so, *closing_sentences(sides, compared)]), output)
    if not quiet:
        emit_warnings(report.warnings)


def _conventions(memory: bool) -> tuple[list[Convention], Convention]:
    """Every convention, and the one that the others are compared with."""
    if memory:
        from cnncalc.analysis.conventions.memory import MEMORY

        return list(MEMORY), MEMORY[0]
    from cnncalc.analysis.conventions import all_conventions

    found = all_conventions()
    return found, found[0]


def _named(name: str, memory: bool) -> Convention:
    """The convention of a name.

    Errors:  unknown-convention
    """
    from cnncalc.analysis import conventions

    find = conventions.memory_convention if memory else conventions.convention
    return find(name, word_span(name))


def _claimed(
    claim: str | None, report: Report, conventions: list[Convention], memory: bool
) -> tuple[list[Attribution], list[str], dict[str, Any] | None]:
    """What gives the number that is claimed, in words and as JSON.

    Errors:  bad-answer, wrong-unit
    """
    if claim is None:
        return [], [], None
    from cnncalc.homework.attribution import attributions, meant_claims, parameter_counts, read_claim, sentences

    readings = read_claim(claim, option_span("--claim", claim), memory=memory)
    found = attributions(readings, report, conventions)
    claimed = {
        "text": claim,
        "matches": [
            {
                "convention": one.convention.name,
                "total": one.total if isinstance(one.total, int) else str(one.total),
                "network": one.name,
                "input": list(one.input),
                "cut_off": one.is_cut,
            }
            for one in found
        ],
    }
    if found:
        return found, sentences(claim, found), claimed
    params = parameter_counts(readings, report, conventions)
    return found, sentences(claim, found, params, meant_claims(claim, readings, report, conventions)), claimed
