"""The least that such a command can do: Typer runs it, rich prints a table, pydantic and PyYAML are imported."""

from __future__ import annotations

import pydantic
import typer
import yaml

app = typer.Typer()


@app.command()
def main(rows: int = 10) -> None:
    """Print a table of so many rows."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"pydantic {pydantic.VERSION}, PyYAML {yaml.__version__}")
    for name in ("Layer", "Type", "Output", "Params", "MACs", "FLOPs", "Memory", "RF"):
        table.add_column(name)
    for row in range(rows):
        table.add_row(str(row), *("1,234,567",) * 7)
    Console().print(table)


if __name__ == "__main__":
    app()
