"""The least that completes a word: Typer, two commands, and a list of names."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer()


def complete_name(incomplete: str) -> list[str]:
    return [name for name in ("vgg11", "vgg16", "resnet50") if name.startswith(incomplete)]


@app.command()
def summarize(name: Annotated[str, typer.Argument(autocompletion=complete_name)]) -> None:
    """Print a name."""
    print(name)


@app.command()
def explain(names: Annotated[list[str], typer.Argument(autocompletion=complete_name)]) -> None:
    """Print names."""
    print(*names)


if __name__ == "__main__":
    app(prog_name="bare")
