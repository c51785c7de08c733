"""The command group. A command's module is imported when the command runs, and not before."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from collections.abc import Callable

COMMANDS = {
    "summarize": "summarize",
    "compare": "compare",
    "layer": "layer",
    "list": "list_architectures",
    "show": "show",
    "layers": "layers",
    "schema": "schema",
}
"""Command -> module in `cnncalc.cli`, in the order of the help; the function has the module's name."""


class LazyGroup(TyperGroup):
    """Finds commands by name, and imports the one that is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Every command, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """One command, or None where there is none of this name."""
        if cmd_name not in COMMANDS:
            return None
        module = COMMANDS[cmd_name]
        function: Callable[..., None] = getattr(import_module(f"cnncalc.cli.{module}"), module)
        single = typer.Typer(add_completion=False, rich_markup_mode=None)
        single.command(cmd_name, no_args_is_help=cmd_name in ("summarize", "layer", "show"))(function)
        command = typer.main.get_command(single)
        command.name = cmd_name
        return command


app = typer.Typer(
    cls=LazyGroup,
    name="cnncalc",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        import cnncalc

        print(f"cnncalc {cnncalc.__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Exact numbers of convolutional networks: shapes, parameters, MACs, memory, receptive fields.

    \b
    Examples:
      cnncalc summarize vgg16
      cnncalc summarize resnet50 --depth 2 --batch 32 --dtype float16
      cnncalc summarize my_network.yaml --set width=32 --format json
      cnncalc compare vgg16 resnet50 mobilenet_v2 --sort macs
      cnncalc layer conv2d out_channels=64 kernel_size=3 padding=1 --input 3x224x224
    """
