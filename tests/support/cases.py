"""The case tables: what a row says, and rows turned into layers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from cnncalc.core.graph import Graph, Node
from cnncalc.core.tensor import TensorSpec
from cnncalc.layers.base import Layer
from cnncalc.layers.catalogue import resolve
from tests.support.counted import Formula

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
    channels_last: bool = False  # whether its inputs are maps (H, W, C)
    formula: Formula | None = None  # how the scalars of this layer type are computed

    def __str__(self) -> str:
        return f"{self.type}-{self.id}"

    @property
    def layer(self) -> Layer:
        """The layer under test."""
        return resolve(self.type)(**self.options)

    @property
    def specs(self) -> tuple[TensorSpec, ...]:
        """What the layer under test receives."""
        return tuple(TensorSpec(shape, channels_last=self.channels_last) for shape in self.inputs)

    def network(self, path: str = "layer", inputs: Shapes = ()) -> Graph:
        """The layer as a network, on inputs of its own or of other shapes; channels go last by a permute."""
        shapes = inputs or self.inputs
        names = [f"x{number}" for number in range(len(shapes))]
        if not self.channels_last:
            return Graph(
                str(self), dict(zip(names, shapes, strict=True)), (Node(path, self.layer, tuple(names)),), (path,)
            )
        turned = tuple(f"{name}_turned" for name in names)
        turn = resolve("permute")(dims=(1, 2, 0))
        return Graph(
            str(self),
            {name: (shape[-1], *shape[:-1]) for name, shape in zip(names, shapes, strict=True)},
            (
                *(Node(to, turn, (name,)) for name, to in zip(names, turned, strict=True)),
                Node(path, self.layer, turned),
            ),
            (path,),
        )


def frozen(value: Any) -> Any:
    """Lists as tuples, however deep, and mappings as pairs: the options of a layer are immutable."""
    if isinstance(value, dict):
        return tuple((name, frozen(one)) for name, one in value.items())
    return tuple(map(frozen, value)) if isinstance(value, list) else value


def read_inputs(row: Mapping[str, Any]) -> Shapes:
    """The shapes of `input`, or of each of `inputs`."""
    shapes: Shapes = frozen(row["inputs"]) if "inputs" in row else (frozen(row["input"]),)
    return shapes


def read_options(row: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a row, immutable."""
    return {name: frozen(value) for name, value in row.get("options", {}).items()}


def read_case(type_: str, identifier: str, row: Mapping[str, Any]) -> Case:
    """A row as a case; one that expects nothing has options and inputs alone."""
    expect, source, last = row.get("expect", {}), row.get("source", ""), row.get("channels_last", False)
    return Case(type_, identifier, read_options(row), read_inputs(row), expect, source, last)


def read_table(path: Path) -> list[dict[str, Any]]:
    """The rows of one file."""
    rows: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return rows


@cache
def layer_cases() -> tuple[Case, ...]:
    """Every row of every table of layers that expects something."""
    cases = []
    for path in sorted((CASES / "layers").glob("*.yaml")):
        formula, rows = read_layer(path)
        for row in rows:
            if "code" in row:
                continue
            unknown = row.keys() - {"id", "options", "input", "inputs", "channels_last", "expect", "source"}
            assert not unknown, f"{path.name}: {row['id']}: {unknown}"
            unknown = row["expect"].keys() - {"output", "params", "buffers", "macs", "weights", "ops", "field"}
            assert not unknown, f"{path.name}: {row['id']}: {unknown}"
            cases.append(read_case(path.stem, row["id"], row)._replace(formula=formula))
    return tuple(cases)


def layer_errors() -> list[dict[str, Any]]:
    """Rows of inputs that a layer rejects: those of their own table, and those in the tables of layers."""
    return [
        *read_table(CASES / "layer_errors.yaml"),
        *(
            {"type": path.stem, **row}
            for path in sorted((CASES / "layers").glob("*.yaml"))
            for row in read_layer(path)[1]
            if "code" in row
        ),
    ]


def read_layer(path: Path) -> tuple[Formula | None, list[dict[str, Any]]]:
    """The formula of a layer, where the file begins with one, and the rows of its table."""
    *before, rows = yaml.safe_load_all(path.read_text(encoding="utf-8"))
    if not before:
        return None, rows or []
    (stated,) = before
    return Formula(stated.pop("formula"), **stated), rows or []


def tool_layers() -> list[tuple[list[int], str, dict[str, int]]]:
    """Input, layer and the counts that tools print for it, of `tools_layers.yaml`."""
    cases = yaml.safe_load((CASES / "tools_layers.yaml").read_text(encoding="utf-8"))
    found = []
    for case in cases:
        layer = case["layer"]
        written = (
            layer if isinstance(layer, str) else yaml.safe_dump(layer, default_flow_style=True, width=1000).strip()
        )
        found.append((case["input"], written, case["counts"]))
    return found
