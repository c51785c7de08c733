"""`cnncalc compare`."""

from __future__ import annotations

from typing import Annotated

import typer

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
    complete_architecture,
    report_of,
)


def compare(
    architectures: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ARCH]...", help=ARCHITECTURE_HELP, autocompletion=complete_architecture, show_default=False
        ),
    ] = None,
    sort: Annotated[
        str | None, typer.Option("--sort", metavar="COLUMN", help="Sort rows, smallest first; ratios keep their base.")
    ] = None,
    input: InputShape = None,
    batch: Batch = 1,
    dtype: Dtype = ElementType.float32,
    convention: ConventionName = "torch",
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
      cnncalc compare alexnet googlenet --format markdown

    \b
    Columns to sort by: name, layers, params, macs, flops, activations, peak, rf,
    top1, top5.
    """
    from cnncalc.analysis.compare import DEFAULT, Comparison, check_measure
    from cnncalc.cli.emit import emit_screen, emit_text, emit_warnings
    from cnncalc.cli.formats import chosen_format
    from cnncalc.core.errors import apply_to_all

    format = chosen_format(format, output, OutputFormat)
    key = check_measure(sort) if sort else None
    reports = apply_to_all(lambda name: report_of(name, input, batch, dtype, convention), architectures or DEFAULT)
    comparison = Comparison(tuple(reports), reports[0])
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

        emit_text(comparison_markdown(comparison), output)
    else:
        from cnncalc.display.comparison import show

        emit_screen(lambda console: show(console, comparison), output)
    if not quiet:
        named = [(report.graph.name, one) for report in reports for one in report.warnings]
        emit_warnings([one._replace(subject=name) for name, one in named])
