"""The lines of a summary: the hierarchy of a report, with equal neighbours folded into one and deep levels cut off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cnncalc.analysis.report import Branch, LayerReport, Report
from cnncalc.core.tensor import TensorSpec


class Line(NamedTuple):
    """One line: a layer, or a level with everything below it, folded from `times` equal neighbours.

    Numbers are those of one copy. `copies` is how often the line occurs in the whole network:
    `times`, multiplied by that of every enclosing level.
    """

    name: str
    path: str
    depth: int
    times: int
    copies: int
    is_level: bool
    first: tuple[LayerReport, ...]
    last: tuple[LayerReport, ...]  # the same layers in the last copy, whose receptive fields differ

    @property
    def row(self) -> LayerReport | None:
        """The layer, unless the line is a level."""
        return None if self.is_level else self.first[0]

    @property
    def output(self) -> TensorSpec:
        """The output of the layer, or of the level's last layer."""
        return self.first[-1].output


def outline(report: Report, *, depth: int | None = None, flat: bool = False) -> list[Line]:
    """The lines of a summary: the whole tree, the tree down to a depth, or every layer by its path."""
    if flat:
        return [Line(row.path, row.path, 0, 1, 1, False, (row,), (row,)) for row in report.rows]
    return list(_lines(report.tree().children, 0, depth, ()))


def _lines(
    branches: Sequence[Branch], level: int, depth: int | None, twins: tuple[Branch, ...], copies: int = 1
) -> Iterator[Line]:
    """Lines of neighbouring branches; `twins` are the same branches in the last copy of the enclosing level."""
    start = 0
    others = twins or tuple(branches)
    while start < len(branches):
        branch = branches[start]
        end = start + 1
        while end < len(branches) and are_equal(branch, branches[end]):
            end += 1
        times = end - start
        last = others[end - 1]
        name = branch.name if times == 1 else f"{branch.name} … {branches[end - 1].name}"
        is_level = branch.row is None
        yield Line(name, branch.path, level, times, copies * times, is_level, tuple(branch.rows()), tuple(last.rows()))
        if is_level and (depth is None or level + 1 < depth):
            yield from _lines(branch.children, level + 1, depth, last.children, copies * times)
        start = end


def are_equal(one: Branch, other: Branch) -> bool:
    """Whether two branches differ in their position alone."""
    if one.row is not None and other.row is not None:
        return _rows_are_equal(one.row, other.row)
    return len(one.children) == len(other.children) > 0 and all(
        a.name == b.name and are_equal(a, b) for a, b in zip(one.children, other.children, strict=True)
    )


def _rows_are_equal(one: LayerReport, other: LayerReport) -> bool:
    return (
        one.type == other.type
        and one.inputs == other.inputs
        and one.output == other.output
        and one.params == other.params
        and one.layer == other.layer
    )
