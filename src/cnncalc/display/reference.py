"""`cnncalc layers` on a screen: the reference of layer types, from their own docstrings and options."""

from __future__ import annotations

from inspect import getdoc

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cnncalc.language.options import expectation
from cnncalc.layers.base import Layer
from cnncalc.layers.catalogue import ADDRESSES, resolve


def show_all(console: Console) -> None:
    """Print every layer type with its shapes."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Type", no_wrap=True, style="cyan")
    table.add_column("Shape", overflow="fold")
    family = ""
    for name, address in ADDRESSES.items():
        module = address.partition(":")[0]
        if family and module != family:
            table.add_section()
        family = module
        table.add_row(name, Text(_fact(resolve(name), "Shape")))
    console.print(table)
    console.print(
        Text("cnncalc layers TYPE shows the options of one. Shapes are channels first, without the batch.", style="dim")
    )


def show_one(console: Console, name: str, layer: type[Layer]) -> None:
    """Print what one layer does, its shapes and its options."""
    console.print(Text.assemble((name, "bold cyan"), "  ", (getdoc(layer) or "").partition("\n\n")[0]))
    for fact in ("Shape", "Errors", "Source"):
        if found := _fact(layer, fact):
            console.print(Text.assemble((f"  {fact:<8}", "bold"), found))
    if not layer.model_fields:
        console.print("\nIt takes no options.")
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Option", no_wrap=True, style="cyan")
    table.add_column("Default", no_wrap=True)
    table.add_column("Expects")
    for option, field in layer.model_fields.items():
        required = field.is_required()
        table.add_row(
            option, "required" if required else Text(_written(field.default)), Text(expectation(layer, option))
        )
    console.print(table)


def _fact(layer: type[Layer], name: str) -> str:
    """One labelled line of a layer's docstring."""
    for line in (getdoc(layer) or "").splitlines():
        if line.startswith(f"{name}:"):
            return line.partition(":")[2].strip()
    return ""


def _written(value: object) -> str:
    if isinstance(value, tuple):
        return _written(value[0]) if len(value) == 1 else f"[{', '.join(map(_written, value))}]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)
