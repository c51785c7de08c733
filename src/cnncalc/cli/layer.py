"""`cnncalc layer`."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncalc.cli.completion import complete_layer_type, complete_option
from cnncalc.cli.options import (
    Batch,
    ConventionName,
    Dtype,
    ElementType,
    Format,
    FormattedOutput,
    OutputFormat,
    Quiet,
    analyzer_of,
    shape,
)
from cnncalc.core.errors import InputError


def layer(
    type: Annotated[
        str,
        typer.Argument(metavar="TYPE", help="A layer type, see `cnncalc layers`.", autocompletion=complete_layer_type),
    ],
    options: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[OPTION=VALUE]...", help="Its options.", autocompletion=complete_option, show_default=False
        ),
    ] = None,
    input: Annotated[
        list[str] | None,
        typer.Option("--input", metavar="CxHxW", help="Input shape; repeat it for layers with several inputs."),
    ] = None,
    batch: Batch = 1,
    dtype: Dtype = ElementType.float32,
    convention: ConventionName = "torch",
    format: Format = None,
    output: FormattedOutput = None,
    quiet: Quiet = False,
) -> None:
    """One layer, without a file.

    \b
    Examples:
      cnncalc layer conv2d out_channels=64 kernel_size=3 padding=1 --input 3x224x224
      cnncalc layer max_pool2d kernel_size=3 stride=2 ceil_mode=true --input 64x112x112
      cnncalc layer conv_transpose2d out_channels=8 kernel_size=[4,2] stride=2 --input 16x7x5
      cnncalc layer concat --input 64x28x28 --input 32x28x28
    """
    from cnncalc.cli.emit import emit_screen, emit_text, emit_warnings
    from cnncalc.cli.formats import chosen_format
    from cnncalc.language.single import single_layer

    format = chosen_format(format, output, OutputFormat)
    shapes = [found for found in map(shape, input or ()) if found]
    graph = single_layer(type, options or [], shapes)
    try:
        report = analyzer_of(batch, dtype, convention)(graph)
    except InputError as error:
        from cnncalc.language.foreign.typed import with_other_inputs

        raise with_other_inputs(error, type, shapes) from None
    if format is OutputFormat.json:
        from cnncalc.exporters.json import layer_json

        emit_text(layer_json(report), output)
    elif format is OutputFormat.csv:
        from cnncalc.exporters.rows import report_csv

        emit_text(report_csv(report), output)
    elif format in (OutputFormat.markdown, OutputFormat.latex):
        from cnncalc.analysis.outline import outline
        from cnncalc.analysis.table import choose_columns
        from cnncalc.exporters.latex_tables import report_latex
        from cnncalc.exporters.rows import report_markdown

        written = report_markdown if format is OutputFormat.markdown else report_latex
        emit_text(written(report, outline(report), choose_columns(None)), output)
    else:
        from cnncalc.display.layer import show

        emit_screen(lambda console: show(console, report), output)
    if not quiet:
        emit_warnings(report.warnings)
