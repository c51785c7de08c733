"""`cnncalc run`."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cnncalc.cli.completion import complete_layer
from cnncalc.cli.options import FORMAT_HELP, Architecture, InputShape, Quiet, Settings, option_span
from cnncalc.core.errors import InputError
from cnncalc.core.translation import Listed, _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cnncalc.core.tensor import Shape


class ValuesFormat(str, Enum):  # noqa: UP042 - Typer shows the values of a str enum
    """The format of values."""

    table = "table"
    json = "json"


def run(
    architecture: Architecture,
    image: Annotated[
        str | None, typer.Option("--image", metavar="FILE", help="A picture as the input: PNG, JPEG, ...")
    ] = None,
    array: Annotated[
        str | None, typer.Option("--array", metavar="FILE.npy", help="An array as the input, CxHxW or NxCxHxW.")
    ] = None,
    weights: Annotated[
        str | None,
        typer.Option("--weights", metavar="FILE", help="A state dict: .npz or .safetensors, names as in torch."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of random weights and input.")] = 0,
    layer: Annotated[
        list[str] | None,
        typer.Option(
            "--layer",
            metavar="NAME",
            help="Values of this layer or group instead of the outputs; repeatable.",
            autocompletion=complete_layer,
        ),
    ] = None,
    input: InputShape = None,
    set_: Settings = None,
    format: Annotated[ValuesFormat | None, typer.Option("--format", help=FORMAT_HELP, show_default=False)] = None,
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write to a file; .npy, .npz and .json hold all values."),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Run a network in NumPy and print the values that come out.

    Input and weights are those given here, those under `values` in the description,
    or random.

    \b
    Examples:
      cnncalc run my_network.yaml
      cnncalc run lenet5 --seed 3 --layer c1
      cnncalc run resnet18 --image cat.jpg --weights resnet18.safetensors
      cnncalc run my_network.yaml --array x.npy --output y.npy
    """
    from cnncalc.analysis.infer import analyze
    from cnncalc.analysis.names import Directory
    from cnncalc.cli.emit import emit_screen, emit_text, emit_warnings
    from cnncalc.cli.formats import format_of_ending
    from cnncalc.cli.options import settings, shape
    from cnncalc.cli.run_progress import progress_of
    from cnncalc.core.errors import apply_to_all
    from cnncalc.language.load import load

    named = format_of_ending(output, [*(one.value for one in ValuesFormat), "npy", "npz"], format)
    chosen = settings(set_)
    graph = load(architecture, params=chosen, input=shape(input))
    if image is not None or array is not None:
        _check_one_input(graph.inputs, image, array)
    from cnncalc.execution.inputs.files import npy_array, state_dict

    name, needed = next(iter(graph.inputs.items()))
    given = [] if array is None else [npy_array(array, name, option_span("--array", array))]
    batch = given[0].shape[0] if given and len(given[0].shape) == len(needed) + 1 and given[0].shape[0] else 1
    stored = None if weights is None else state_dict(weights, option_span("--weights", weights))
    report = analyze(graph, batch=batch)
    if not quiet:
        emit_warnings(report.warnings)

    from cnncalc.execution.inputs.arrays import from_arrays
    from cnncalc.execution.memory.room import PlannedRun, diagnose_memory_errors, require_room
    from cnncalc.execution.run import prepare, require_no_opaque, values

    directory = Directory(report)

    def wire_of(name: str) -> str:
        """An input, a layer, or the last layer of a group."""
        return name if name in graph.inputs else directory.rows_of(name, option_span("--layer", name))[-1].path

    wires = list(dict.fromkeys(apply_to_all(wire_of, layer or ())))

    def smaller(size: Shape) -> PlannedRun:
        return PlannedRun(analyze(load(architecture, params=chosen, input=size)), layers=wires)

    require_no_opaque(report, wires)
    keeper = require_room(PlannedRun(report, batch, wires), graph.inputs, None if given else smaller)
    input_source = array
    if image is not None:
        from cnncalc.execution.inputs.images import picture

        shown = picture(image, needed, option_span("--image", image))
        given, input_source = from_arrays({name: shown.values}), shown.description
    from cnncalc.execution.engine.threads import worker_threads

    with (
        progress_of(report, weights_given=weights is not None) as bar,
        diagnose_memory_errors(),
        worker_threads() as workers,
    ):
        prepared = prepare(
            report, given, stored, seed=seed, weights_span=option_span("--weights", weights) if weights else None
        )
        outputs = values(prepared, wires, workers, bar.during(_("Running")), keeper.before_step)
    if output is not None and named in ("npy", "npz"):
        _write_arrays(output, outputs)
        return
    if format is ValuesFormat.json or named == "json":
        from cnncalc.exporters.values import values_json

        emit_text(values_json(graph.name, outputs, report.warnings), output)
        return
    from cnncalc.display.values import show

    sources = [(_("Input"), input_source or prepared.input_source), (_("Weights"), weights or prepared.weight_source)]
    emit_screen(lambda screen: show(screen, report, outputs, sources, batched=prepared.batched), output)


def _check_one_input(inputs: Mapping[str, Shape], image: str | None, array: str | None) -> None:
    """Reject two inputs for a network with one, and one for a network with several."""
    if image is not None and array is not None:
        raise InputError.of(
            "two-inputs",
            "--image and --array both give the input",
            option_span("--array", array),
            help="leave one of them out",
        )
    if len(inputs) > 1:
        option, file = ("--image", image) if image is not None else ("--array", array)
        raise InputError.of(
            "several-inputs",
            "{option} gives one input, but this network has {n}: {names}",
            option_span(option, file or ""),
            help="write them under `values` in the description, or call `cnncalc.run` with arrays by name",
            option=option,
            n=len(inputs),
            names=Listed(inputs, ","),
        )


def _write_arrays(path: str, outputs: Mapping[str, Any]) -> None:
    """Write all values in NumPy's own formats.

    Errors:  several-outputs, cannot-write
    """
    from cnncalc.cli.emit import write_file
    from cnncalc.execution.inputs.files import archive_bytes
    from cnncalc.execution.inputs.npy import array_bytes

    if path.lower().endswith(".npz"):
        write_file(path, archive_bytes(outputs))
        return
    if len(outputs) > 1:
        raise InputError.of(
            "several-outputs",
            "a .npy file holds one array, and there are {n}: {names}",
            option_span("--output", path),
            help="write an .npz file, or choose one with `--layer {first}`",
            n=len(outputs),
            names=Listed(outputs, ","),
            first=next(iter(outputs)),
        )
    write_file(path, array_bytes(next(iter(outputs.values()))))
