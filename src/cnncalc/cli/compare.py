"""`cnncalc compare`."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncalc.cli.completion import complete_architecture, complete_measure, complete_measures, complete_setting
from cnncalc.cli.options import (
    ARCHITECTURE_HELP,
    Batch,
    ConventionName,
    Dtype,
    ElementType,
    Format,
    FormattedOutput,
    InputShape,
    OutputFormat,
    Quiet,
    analyzer_of,
    settings,
    shape,
)


def compare(
    architectures: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ARCH]...", help=ARCHITECTURE_HELP, autocompletion=complete_architecture, show_default=False
        ),
    ] = None,
    columns: Annotated[
        str | None,
        typer.Option(
            "--columns",
            metavar="A,B,C",
            help="Columns of a table, Markdown or LaTeX: params,flops,peak.",
            autocompletion=complete_measures,
        ),
    ] = None,
    sort: Annotated[
        str | None,
        typer.Option(
            "--sort",
            metavar="COLUMN",
            help="Sort rows, smallest first; ratios keep their base.",
            autocompletion=complete_measure,
        ),
    ] = None,
    input: InputShape = None,
    batch: Batch = 1,
    dtype: Dtype = ElementType.float32,
    convention: ConventionName = "torch",
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="Override a param of every network that has it; repeatable.",
            autocompletion=complete_setting,
        ),
    ] = None,
    format: Format = None,
    output: FormattedOutput = None,
    quiet: Quiet = False,
) -> None:
    """Networks side by side: what each costs, what it reaches, and where it spends.

    \b
    Examples:
      cnncalc compare
      cnncalc compare resnet18 resnet50 resnet152 --sort macs
      cnncalc compare vgg16 my_network.yaml --input 3x256x256 --batch 8
      cnncalc compare my_variants.yaml --columns params,macs,flops
      cnncalc compare mobilenet_v1 mobilenet_v2 --set width=0.5
      cnncalc compare alexnet googlenet -o both.md

    A file with variants stands for all of them; FILE:VARIANT is one.

    \b
    Columns, also to sort by: name, layers, params, macs, flops, activations,
    peak, rf, top1, top5; and input, which is no number.
    """
    from cnncalc.analysis.compare import DEFAULT, Comparison, check_measure, choose_columns, column_titles
    from cnncalc.cli.emit import emit_screen, emit_text, emit_warnings
    from cnncalc.cli.formats import chosen_format, refuse_without_effect
    from cnncalc.core.errors import InputError, apply_to_all
    from cnncalc.language.load import load_all
    from cnncalc.language.settings import SharedParams

    format = chosen_format(format, output, OutputFormat)
    refuse_without_effect(format, output, {"--columns": columns is not None})
    key = check_measure(sort) if sort else None
    chosen = None if columns is None else choose_columns(columns)
    if columns and (stray := [name for name in architectures or () if name in column_titles()]):
        raise InputError.of(
            "unknown-architecture",
            "there is no built-in architecture `{name}`",
            help="write `{line}`",
            name=stray[0],
            line=f"--columns {','.join((columns, *stray))}",
        )
    params, size, numbers = SharedParams(settings(set_)), shape(input), analyzer_of(batch, dtype, convention)
    reports = apply_to_all(
        lambda name: apply_to_all(numbers, load_all(name, params=params, input=size)), architectures or DEFAULT
    )
    params.check()
    several = [report for each in reports for report in each]
    comparison = Comparison(tuple(several), several[0])
    if key:
        comparison = comparison.sorted_by(key)
    if format is OutputFormat.json:
        from cnncalc.exporters.json import comparison_json

        emit_text(comparison_json(comparison), output)
    elif format is OutputFormat.csv:
        from cnncalc.exporters.rows import comparison_csv

        emit_text(comparison_csv(comparison), output)
    elif format is OutputFormat.markdown:
        from cnncalc.exporters.rows import comparison_markdown

        emit_text(comparison_markdown(comparison, chosen), output)
    elif format is OutputFormat.latex:
        from cnncalc.exporters.latex_tables import comparison_latex

        emit_text(comparison_latex(comparison, chosen), output)
    else:
        from cnncalc.display.comparison import show

        emit_screen(lambda console: show(console, comparison, chosen), output)
    if not quiet:
        named = [(report.graph.name, one) for report in several for one in report.warnings]
        emit_warnings([one._replace(subject=name) for name, one in named])
