"""`cnncalc verify`."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Annotated

import typer

from cnncalc.cli.completion import complete_layer
from cnncalc.cli.options import (
    FORMAT_HELP,
    Architecture,
    FormattedOutput,
    InputShape,
    PlainFormat,
    Quiet,
    Settings,
    option_span,
)
from cnncalc.core.translation import Listed, _, said

if TYPE_CHECKING:
    from cnncalc.analysis.report import Report
    from cnncalc.core.tensor import Shape
    from cnncalc.execution.verify.verification import Check


class Tool(str, Enum):  # noqa: UP042 - Typer shows the values of a str enum
    """Tools that the numbers can be compared with, besides the run in NumPy."""

    torch = "torch"
    fvcore = "fvcore"
    thop = "thop"
    ptflops = "ptflops"
    torchinfo = "torchinfo"
    calflops = "calflops"


def verify(
    architecture: Architecture,
    all_: Annotated[bool, typer.Option("--all", help="Every check of every layer, not just totals.")] = False,
    layer: Annotated[
        str | None,
        typer.Option("--layer", metavar="NAME", help="Run this layer or group alone.", autocompletion=complete_layer),
    ] = None,
    against: Annotated[Tool | None, typer.Option("--against", help="Compare with this tool as well.")] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the random weights and input.")] = 0,
    input: InputShape = None,
    set_: Settings = None,
    format: Annotated[PlainFormat | None, typer.Option("--format", help=FORMAT_HELP, show_default=False)] = None,
    output: FormattedOutput = None,
    quiet: Quiet = False,
) -> None:
    """Run a network in NumPy and measure every number: shapes, weights, operations, memory, receptive fields.

    The exit code is 1 where a rule and its measurement disagree.

    \b
    Examples:
      cnncalc verify resnet50
      cnncalc verify vgg16 --all --input 3x64x64
      cnncalc verify my_network.yaml --layer stage1.0.conv
      cnncalc verify mobilenet_v2 --against torch
    """
    from cnncalc.analysis.infer import analyze
    from cnncalc.cli.emit import emit_screen, emit_text, emit_warnings
    from cnncalc.cli.formats import chosen_format
    from cnncalc.cli.options import settings, shape
    from cnncalc.cli.run_progress import progress_of
    from cnncalc.core.tensor import spell
    from cnncalc.language.load import load

    format = chosen_format(format, output, PlainFormat)
    chosen = settings(set_)

    def part_of(report: Report) -> Report:
        """The report of the network, or of the chosen layer or group alone."""
        if layer is None:
            return report
        from cnncalc.analysis.names import Directory
        from cnncalc.transform.subgraph import standalone

        return analyze(standalone(report, Directory(report).rows_of(layer, option_span("--layer", layer))))

    network = analyze(load(architecture, params=chosen, input=shape(input)))
    whole, report = network.graph, part_of(network)
    if not quiet:
        emit_warnings(network.warnings)

    from cnncalc.execution.memory.room import PlannedRun, diagnose_memory_errors, require_room

    def smaller(size: Shape) -> PlannedRun:
        return PlannedRun(part_of(analyze(load(architecture, params=chosen, input=size))), verified=True)

    keeper = require_room(PlannedRun(report, verified=True), whole.inputs, smaller)
    named = whole.metadata.title or whole.name
    inputs = Listed(map(spell, report.graph.inputs.values()), ",")
    of = f"{named} · {layer}" if layer else named
    title = said("{name} · input {inputs} · seed {seed}", name=of, inputs=inputs, seed=seed)

    from cnncalc.execution.engine.threads import MEASURED_MMAP_THRESHOLD, worker_threads
    from cnncalc.execution.verify.measure import verify as measure

    with (
        progress_of(report) as bar,
        diagnose_memory_errors(),
        worker_threads(mmap_threshold=MEASURED_MMAP_THRESHOLD) as workers,
    ):
        verification = measure(
            report,
            seed=seed,
            workers=workers,
            progress=bar.during(_("Running")),
            following=bar.during(_("Following receptive fields")),
            before_step=keeper.before_step,
        )
    if against is not None:
        compared = checks_against(against, report, seed)
        verification = verification._replace(checks=(*verification.checks, *compared))
    if format is PlainFormat.json:
        from cnncalc.exporters.verification import verification_json

        emit_text(verification_json(verification, network.warnings), output)
    else:
        from cnncalc.display.verification import show

        emit_screen(lambda screen: show(screen, title, verification, everything=all_ or len(report.rows) == 1), output)
    if not verification.ok:
        raise typer.Exit(1)


def checks_against(tool: Tool, report: Report, seed: int) -> list[Check]:
    """The checks of a report against one tool.

    Errors:  cannot-run-opaque
    """
    from importlib import import_module

    from cnncalc.execution.run import require_no_opaque

    require_no_opaque(report)

    if tool in (Tool.torch, Tool.fvcore):
        module = import_module(f"cnncalc.oracles.against_{tool.value}")
        found: list[Check] = getattr(module, f"against_{tool.value}")(report, seed)
        return found
    others: list[Check] = import_module("cnncalc.oracles.against_tools").against_tool(tool.value, report)
    return others
