"""The numbers of a network: one row per layer, totals, and the hierarchy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from cnncalc.analysis.conventions.base import Convention, Number
from cnncalc.analysis.lifetimes import Buffer, alive_bytes, lifetimes
from cnncalc.analysis.reach import Reach
from cnncalc.core.counts import OpCount
from cnncalc.core.errors import Diagnostic
from cnncalc.core.graph import Graph, Node
from cnncalc.core.kinds import Kind
from cnncalc.core.tensor import DType, TensorSpec, WeightSpec, spell
from cnncalc.core.text import printable_text


class LayerReport(NamedTuple):
    """What one layer costs for one image. Weights that another layer holds are counted there, and as zero here."""

    node: Node
    type: str
    inputs: tuple[TensorSpec, ...]
    output: TensorSpec
    weights: tuple[WeightSpec, ...]
    params: int
    buffers: int
    ops: OpCount
    reach: Reach | None

    @property
    def path(self) -> str:
        """The dotted path of the node."""
        return self.node.path

    @property
    def layer(self) -> Any:
        """The rules and their options."""
        return self.node.layer

    @property
    def kind(self) -> Kind:
        """The kind of layer."""
        kind: Kind = self.node.layer.traits.kind
        return kind

    @property
    def weights_from(self) -> str | None:
        """The path of the layer that holds its weights; None where it has its own."""
        return self.node.weights_from

    @property
    def inputs_text(self) -> str:
        """The input shapes as text: 64×8×8 + 64×8×8."""
        return " + ".join([spell(x.shape) for x in self.inputs])

    @property
    def macs(self) -> int:
        """Multiply-accumulates of convolutions and matrix products."""
        return self.ops.macs

    @property
    def knows_macs(self) -> bool:
        """Whether its operations are known; those of an opaque layer may not be, and then count nothing above."""
        return not self.layer.traits.is_opaque or self.layer.macs is not None

    @property
    def has_kernel(self) -> bool:
        """Whether it has a kernel or a matrix of its own: a convolution or a linear layer, not a norm."""
        return self.weights_from is None and self.macs > 0 and any(len(weight.shape) > 1 for weight in self.weights)


class Totals(NamedTuple):
    """Sums over the rows.

    `macs` are those that are known: all (`status` is `complete`), a part (`partial`), or none (`unavailable`).

    Units:  counts for one image, bytes for the whole batch
    """

    params: int
    buffers: int
    macs: int
    flops: Number | None  # None where the convention does not know a layer
    activation_elements: int
    activation_bytes: int
    peak_activation_bytes: int
    weight_layers: int
    status: str


class Branch(NamedTuple):
    """A level of the hierarchy and everything below it."""

    name: str
    path: str
    row: LayerReport | None
    children: tuple[Branch, ...]

    def rows(self) -> Iterator[LayerReport]:
        """The layers at and below this level, in order."""
        if self.row is not None:
            yield self.row
        for child in self.children:
            yield from child.rows()


@dataclass(frozen=True, eq=False)
class Report:
    """A network with a row for each of its nodes, for one batch size and element type.

    It prints as the table of `cnncalc summarize`, in a notebook, too.
    """

    graph: Graph
    rows: tuple[LayerReport, ...]
    batch: int
    dtype: DType
    convention: Convention

    def __repr__(self) -> str:
        totals, name = self.totals(), printable_text(self.graph.name)
        macs = "MACs not known" if totals.status == "unavailable" else f"{totals.macs:,} MACs"
        part = " known" if totals.status == "partial" else ""
        return f"<Report {name}: {len(self.rows):,} layers, {totals.params:,} params, {macs}{part}>"

    def __str__(self) -> str:
        from cnncalc.display.printed import as_text, report_printer

        return as_text(report_printer(self))

    def __rich__(self) -> Any:
        from cnncalc.display.printed import Printed, report_printer

        return Printed(report_printer(self))

    def _repr_html_(self) -> str:
        from cnncalc.exporters.html import report_html

        return report_html(self)

    def macs(self, row: LayerReport) -> int | None:
        """MACs of a row; None where they are not known."""
        return row.macs if row.knows_macs else None

    def flops(self, row: LayerReport) -> Number | None:
        """FLOPs of a row under the report's convention, or MACs if it counts these; None where they are unknown."""
        return self.convention.flops(row)

    def params(self, row: LayerReport) -> int:
        """Parameters of a row under the report's convention."""
        return self.convention.params(row)

    def activation_bytes(self, row: LayerReport) -> int:
        """Bytes of a row's output for the whole batch."""
        return row.output.nbytes * self.batch

    @cached_property
    def by_path(self) -> dict[str, LayerReport]:
        """Every row by its path, in order."""
        return {row.path: row for row in self.rows}

    @cached_property
    def buffers(self) -> tuple[Buffer, ...]:
        """The activation buffers of one image, with their lifetimes."""
        nbytes = {name: TensorSpec(shape, self.dtype).nbytes for name, shape in self.graph.inputs.items()}
        return lifetimes(self.graph, {**nbytes, **{row.path: row.output.nbytes for row in self.rows}})

    @cached_property
    def peak_bytes(self) -> int:
        """The most bytes that are alive at one time, for one image."""
        return max(alive_bytes(self.buffers, len(self.rows)))

    @cached_property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """What the network may do, and is probably not meant to do."""
        from cnncalc.analysis.warnings import warnings_of

        return warnings_of(self)

    def totals(self) -> Totals:
        """Sums over all rows."""
        return self._totals

    @cached_property
    def _totals(self) -> Totals:
        rows = self.rows
        elements = sum(row.output.elements for row in rows)
        macs = sum(row.macs for row in rows)
        status = "complete" if all(row.knows_macs for row in rows) else "partial" if macs else "unavailable"
        return Totals(
            params=sum(map(self.convention.params, rows)),
            buffers=sum(row.buffers for row in rows),
            macs=macs,
            flops=self.convention.total(rows),
            activation_elements=elements,
            activation_bytes=elements * self.dtype.nbytes * self.batch,
            peak_activation_bytes=self.peak_bytes * self.batch,
            weight_layers=sum(row.has_kernel for row in rows),
            status=status,
        )

    def ops(self) -> OpCount:
        """Operations by kind, over all rows."""
        return OpCount.total(row.ops for row in self.rows)

    def tree(self) -> Branch:
        """The hierarchy given by the dotted paths."""
        return _branch("", "", [(row.path.split("."), row) for row in self.rows], 0)

    def opaque_before(self, row: LayerReport) -> str | None:
        """The path of an opaque layer through which a layer sees the input, or which it is; None without one."""
        waiting, seen = [row.path], set()
        while waiting:
            path = waiting.pop()
            if path in seen or path not in self.by_path:
                continue
            seen.add(path)
            if self.by_path[path].layer.traits.is_opaque:
                return path
            waiting += self.by_path[path].node.inputs
        return None

    def last_local_reach(self) -> Reach | None:
        """The last receptive field that is still a window: that of the last map before anything global.

        None where it is not followed up to there, because of an opaque layer.
        """
        if any(row.layer.traits.is_opaque for row in self.rows):
            return None
        local = [row.reach for row in self.rows if row.reach and row.reach.on_grid and row.reach.windowed]
        return local[-1] if local else None


def _share_level(one: list[str], other: list[str], depth: int) -> bool:
    """Whether two paths go on below the same level; a layer may have the name of a level, as `bn` beside `bn.act`."""
    return one[depth] == other[depth] and min(len(one), len(other)) > depth + 1


def _branch(name: str, path: str, members: list[tuple[list[str], LayerReport]], depth: int) -> Branch:
    if len(members) == 1 and len(members[0][0]) == depth:
        return Branch(name, path, members[0][1], ())
    children: list[Branch] = []
    start = 0
    for end in range(1, len(members) + 1):  # only neighbours form one level: a name may occur again later
        if end == len(members) or not _share_level(members[start][0], members[end][0], depth):
            segment = members[start][0][depth]
            children.append(_branch(segment, f"{path}.{segment}" if path else segment, members[start:end], depth + 1))
            start = end
    return Branch(name, path, None, tuple(children))
