"""The case tables: what a row says, and rows turned into layers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from cnncalc.core.tensor import TensorSpec
from cnncalc.layers.base import Layer
from cnncalc.layers.catalogue import resolve

CASES = Path(__file__).parent.parent / "cases"

Shapes = tuple[tuple[int, ...], ...]


class Case(NamedTuple):
    """One row of a case table."""

    type: str
    id: str
    options: Mapping[str, Any]
    inputs: Shapes
    expect: Mapping[str, Any]
    source: str

    def __str__(self) -> str:
        return f"{self.type}-{self.id}"

    @property
    def layer(self) -> Layer:
        """The layer under test."""
        return resolve(self.type)(**self.options)

    @property
    def specs(self) -> tuple[TensorSpec, ...]:
        """What the layer under test receives."""
        return tuple(map(TensorSpec, self.inputs))


def frozen(value: Any) -> Any:
    """Lists as tuples, however deep: the options of a layer are immutable."""
    return tuple(map(frozen, value)) if isinstance(value, list) else value


def read_inputs(row: Mapping[str, Any]) -> Shapes:
    """The shapes of `input`, or of each of `inputs`."""
    shapes: Shapes = frozen(row["inputs"]) if "inputs" in row else (frozen(row["input"]),)
    return shapes


def read_options(row: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a row, immutable."""
    return {name: frozen(value) for name, value in row.get("options", {}).items()}


def read_table(path: Path) -> list[dict[str, Any]]:
    """The rows of one file."""
    rows: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return rows


@cache
def layer_cases() -> tuple[Case, ...]:
    """Every row of every table of layers."""
    cases = []
    for path in sorted((CASES / "layers").glob("*.yaml")):
        for row in read_table(path):
            unknown = row.keys() - {"id", "options", "input", "inputs", "expect", "source"}
            assert not unknown, f"{path.name}: {row['id']}: {unknown}"
            unknown = row["expect"].keys() - {"output", "params", "buffers", "macs", "weights", "ops", "field"}
            assert not unknown, f"{path.name}: {row['id']}: {unknown}"
            cases.append(Case(path.stem, row["id"], read_options(row), read_inputs(row), row["expect"], row["source"]))
    return tuple(cases)
