"""`cnncalc summarize`."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncalc.cli.completion import complete_columns
from cnncalc.cli.options import (
    Architecture,
    Batch,
    ConventionName,
    Dtype,
    ElementType,
    Format,
    FormattedOutput,
    InputShape,
    OutputFormat,
    Quiet,
    Settings,
    levels,
    report_of,
)


def summarize(
    architecture: Architecture,
    depth: Annotated[int | None, typer.Option("--depth", help="Levels of the hierarchy to show.")] = None,
    flat: Annotated[bool, typer.Option("--flat", help="Every layer by its full path, nothing folded.")] = False,
    columns: Annotated[
        str | None,
        typer.Option(
            "--columns",
            metavar="A,B,C",
            help="Columns of a table, Markdown or LaTeX: output,macs%.",
            autocompletion=complete_columns,
        ),
    ] = None,
    input: InputShape = None,
    batch: Batch = 1,
    dtype: Dtype = ElementType.float32,
    convention: ConventionName = "torch",
    set_: Settings = None,
    format: Format = None,
    output: FormattedOutput = None,
    quiet: Quiet = False,
) -> None:
    """Every layer of a network: output size, parameters, MACs, FLOPs, memory, receptive field.

    \b
    Examples:
      cnncalc summarize vgg16
      cnncalc summarize resnet50 --depth 1
      cnncalc summarize mobilenet_v1 --set width=0.5 --input 3x160x160
      cnncalc summarize resnet50 --convention fvcore
      cnncalc summarize my_network.yaml --columns output,params,params%,rf,jump
      cnncalc summarize my_network.yaml --output report.json

    \b
    Columns: layer, type, input, output, params, buffers, macs, flops, memory,
    rf, jump, start, params%, macs%.
    """
    from cnncalc.analysis.outline import outline
    from cnncalc.analysis.table import choose_columns
    from cnncalc.cli.emit import emit_screen, emit_text, emit_warnings
    from cnncalc.cli.formats import chosen_format, refuse_without_effect

    format = chosen_format(format, output, OutputFormat)
    given = {"--columns": columns is not None, "--depth": depth is not None, "--flat": flat}
    refuse_without_effect(format, output, given)
    chosen, depth = choose_columns(columns), levels(depth)
    report = report_of(architecture, input, batch, dtype, convention, set_)
    if format is OutputFormat.json:
        from cnncalc.exporters.json import report_json

        emit_text(report_json(report), output)
    elif format is OutputFormat.csv:
        from cnncalc.exporters.rows import report_csv

        emit_text(report_csv(report), output)
    elif format is OutputFormat.markdown:
        from cnncalc.exporters.rows import report_markdown

        emit_text(report_markdown(report, outline(report, depth=depth, flat=flat), chosen), output)
    elif format is OutputFormat.latex:
        from cnncalc.exporters.latex_tables import report_latex

        emit_text(report_latex(report, outline(report, depth=depth, flat=flat), chosen), output)
    else:
        from cnncalc.display.summary import show

        lines = outline(report, depth=depth, flat=flat)
        emit_screen(lambda console: show(console, report, lines, chosen, pinned=columns is not None), output)
    if not quiet:
        emit_warnings(report.warnings)
