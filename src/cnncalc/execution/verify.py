"""Rule beside measurement: the network is run, and every number of its report is measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, partial
from itertools import zip_longest
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from cnncalc.analysis.reach import Reach
from cnncalc.analysis.report import LayerReport, Report
from cnncalc.core.counts import Op
from cnncalc.core.errors import Span
from cnncalc.core.field import Field
from cnncalc.core.graph import Graph
from cnncalc.core.tensor import Shape, WeightSpec
from cnncalc.execution.checks import TOTAL, Check, Verification
from cnncalc.execution.probes import NEVER, Moved, Probe
from cnncalc.execution.program import Program, program
from cnncalc.execution.run import check_layers, prepare
from cnncalc.execution.runner import Ran, forward
from cnncalc.execution.tally import Array
from cnncalc.execution.task import WrongWeights
from cnncalc.execution.weights import AllWeights
from cnncalc.execution.workers import Workers

Progress = Callable[[str], None]

FOLDED = ("reflect", "replicate", "circular")
"""Modes of padding that shows rows of the map again."""


def verify(
    graph: Graph,
    report: Report,
    *,
    seed: int = 0,
    workers: Workers | None = None,
    weights: AllWeights | None = None,
    inputs: Mapping[str, Array] | None = None,
    progress: Progress | None = None,
) -> Verification:
    """Run a network on one image in float32 and measure every number of its report.

    The report has to be that of one image in float32. Weights and inputs that are not
    given are those that the description writes, or drawn from the seed; inputs may be written over.

    Errors:  InputError where what the description writes under `values` does not fit
    """
    begun = perf_counter()
    steps = program(graph, report.rows)
    if weights is None or inputs is None:
        prepared = prepare(graph, report, seed=seed)
        weights = prepared.weights if weights is None else weights
        inputs = {name: array[:1] for name, array in prepared.inputs.items()} if inputs is None else inputs
    measurement = _Measurement(steps, report, progress or (lambda path: None))
    measurement.run(inputs, weights, workers or Workers())
    return Verification(graph.name, tuple(measurement.checks), perf_counter() - begun, measurement.peak_bytes)


def alone(graph: Graph, report: Report, path: str, place: Callable[[str], Span] | None = None) -> Graph:
    """One layer of a network as a network of its own, at the inputs that it has there.

    Errors:  unknown-layer-name
    """
    check_layers(program(graph, report.rows)._replace(inputs={}), [path], place)  # an input has values, but no numbers
    node, shapes = next(
        (node, row.inputs) for node, row in zip(graph.nodes, report.rows, strict=True) if node.path == path
    )
    return Graph(graph.name, dict(zip(node.inputs, shapes, strict=True)), (node._replace(weights_from=None),), (path,))


class _Measurement:
    """The checks of one run."""

    def __init__(self, steps: Program, report: Report, progress: Progress) -> None:
        self.checks: list[Check] = []
        self.peak_bytes = 0
        self._program, self._report, self._progress = steps, report, progress
        self._rows = {row.path: row for row in report.rows}
        self._measured = {"params": 0, "buffers": 0, "macs": 0, "activation_elements": 0}

    def run(self, inputs: Mapping[str, Array], weights: AllWeights, workers: Workers) -> None:
        """Measure every step, then the field of every step, then the totals."""
        try:
            forward(self._program, inputs, weights, workers=workers, watch=self._watch)
        except WrongWeights as wrong:
            self._stopped(f"{wrong.name} {_spelled(wrong.found)}", f"{wrong.name} {_spelled(wrong.needed)}")
            return
        except (ValueError, IndexError) as error:  # arrays that do not fit each other
            self._stopped("runs", str(error))
            return
        self._insert(self._fields())
        totals = self._report.totals()._asdict()
        self.checks += [
            _equal(TOTAL, quantity, totals[quantity], measured) for quantity, measured in self._measured.items()
        ]
        self.checks.append(_equal(TOTAL, "peak_activation_bytes", totals["peak_activation_bytes"], self.peak_bytes))

    def _insert(self, fields: Iterator[Check]) -> None:
        """Put what was measured later with the other checks of its layer."""
        found = {check.path: check for check in fields}
        joined = []
        for check, following in zip_longest(self.checks, self.checks[1:]):
            joined.append(check)
            if following is None or following.path != check.path:
                joined += [found[check.path]] if check.path in found else []
        self.checks = joined

    def _stopped(self, rule: str, measured: str) -> None:
        """The run ended in a layer that does not work as its rules say."""
        done = {check.path for check in self.checks}
        path = next(step.path for step in self._program.steps if step.path not in done)
        self.checks.append(Check(path, "execution", rule, measured, ok=False))

    def _watch(self, ran: Ran) -> None:
        row, step = self._rows[ran.step.path], ran.step
        self._progress(step.path)
        reads = ran.weights.reads.values()
        own = step.weights_from is None
        params = sum(read.numel for read in reads if read.trainable) if own else 0
        buffers = sum(read.numel for read in reads if not read.trainable) if own else 0
        counted = ran.tally.counts
        self.peak_bytes = max(self.peak_bytes, ran.alive_bytes)
        for quantity, value in (
            ("params", params),
            ("buffers", buffers),
            ("macs", counted.macs),
            ("activation_elements", ran.output.size),
        ):
            self._measured[quantity] += value
        self.checks += [
            _equal(step.path, "output", row.output.shape, ran.output.shape[1:]),
            *_regions(row, ran.output),
            _equal(step.path, "params", row.params, params),
            _equal(step.path, "buffers", row.buffers, buffers),
            *_stored(row, ran.weights.reads),
            _equal(step.path, "macs", row.macs, counted.macs),
            *(
                _equal(step.path, op.value, row.ops.of(op), counted.of(op))
                for op in {**row.ops, **counted}
                if op is not Op.CONTRACTION_MAC
            ),
            _equal(step.path, "activation_bytes", row.output.nbytes, ran.output.nbytes),
        ]

    def _fields(self) -> Iterator[Check]:
        """The receptive field of every layer that has one."""
        frame = next((shape[1:] for shape in self._program.inputs.values() if len(shape) > 1), ())
        cache: dict[Any, Moved] = {}
        folded = any(step.type == "pad" and step.options["mode"] in FOLDED for step in self._program.steps)
        # residual networks ask for the same comparison many times
        axis = lru_cache(maxsize=None)(partial(_axis, folded=folded))
        probes = [Probe(self._program, frame, number, cache) for number in range(len(frame))]
        for step in self._program.steps:
            row = self._rows[step.path]
            moved = [probe.through(step, row.inputs) for probe in probes]
            if row.reach is not None and row.reach.frame == frame and all(one is not None for one in moved):
                check = _field(row, row.reach, [one for one in moved if one is not None], axis)
                if check is not None:
                    yield check


def _field(
    row: LayerReport, reach: Reach, moved: list[Moved], axis: Callable[[Field, Moved], _Compared]
) -> Check | None:
    """What the units of a layer see, by rule and by measurement; None where the rule makes no statement."""
    if reach.global_by:
        alike = all(one.alike for one in moved)
        return Check(row.path, "receptive_field", "all", "all" if alike else _seen_by_middle(moved), alike)
    if not reach.on_grid:
        return None
    compared = [axis(*each) for each in zip(reach.axes, moved, strict=True)]
    exact = all(one.exact for one in compared)
    return Check(
        row.path,
        "receptive_field" if exact else "receptive_field_bound",
        [one.rule for one in compared],
        [one.measured for one in compared],
        all(one.ok for one in compared),
    )


class _Compared(NamedTuple):
    """One unit of one axis: the rows it sees by rule and by measurement, and whether both ends could be told."""

    rule: tuple[int, int] | None
    measured: tuple[int, int] | None
    exact: bool
    ok: bool


def _axis(field: Field, moved: Moved, folded: bool) -> _Compared:
    """Compare the units of an axis: all of them with their bounds, those in the middle to the row.

    An end of a field is a unit's own, and no border's, where another unit sees further.
    """
    first, last = moved.spans
    low, high = _rule(field, len(first))
    blind = first > last
    inside = blind | ((low <= first) & (last <= high))
    own_first, own_last = first > first.min(), last < last.max()
    phases = len(field.intervals)
    middle = len(first) // 2
    core = slice(middle, middle + phases)  # one unit of each phase
    within = (moved.rows.start <= low) & (high < moved.rows.stop)
    sees_less = np.where(blind, within & (low <= high), own_first & (low != first) | own_last & (high != last))
    inside[core] &= ~sees_less[core]
    if folded:  # what lies beyond the border shows rows within it
        inside |= ~within
    shown = middle + int(np.argmin(inside[core]))  # the first that is wrong, in the middle if there is one
    unit = int(np.argmin(inside)) if inside[core].all() and not inside.all() else shown
    return _Compared(
        _interval(low[unit], high[unit]),
        _interval(first[unit], last[unit]),
        bool(own_first[unit] and own_last[unit]),
        bool(inside.all()),
    )


def _rule(field: Field, units: int) -> tuple[Array, Array]:
    """What each unit sees by rule, as `Moved.spans` has it."""
    turns, phases = np.divmod(np.arange(units), len(field.intervals))
    ends = np.array([(NEVER, -NEVER) if seen is None else seen for seen in field.intervals])
    low, high = ends[phases].T
    moved = np.where(low <= high, field.advance * turns, 0)
    return low + moved, high + moved


def _interval(low: int, high: int) -> tuple[int, int] | None:
    return (int(low), int(high)) if low <= high else None


def _seen_by_middle(moved: list[Moved]) -> list[tuple[int, int] | None]:
    middle = [(one.spans, one.seen.shape[1] // 2) for one in moved]
    return [_interval(first[unit], last[unit]) for (first, last), unit in middle]


def _equal(path: str, quantity: str, rule: Any, measured: Any) -> Check:
    return Check(path, quantity, rule, measured, rule == measured)


def _regions(row: LayerReport, output: Array) -> Iterator[Check]:
    """How many regions there are, where there are any."""
    if row.output.regions > 1 or len(output) > 1:
        yield _equal(row.path, "regions", row.output.regions, len(output))


def _stored(row: LayerReport, reads: Mapping[str, WeightSpec]) -> Iterator[Check]:
    """Each weight that is listed or read."""
    listed = {weight.name: weight for weight in row.weights}
    for name in {**listed, **reads}:
        rule, measured = listed.get(name), reads.get(name)
        yield _equal(row.path, f"weights.{name}", rule and rule.shape, measured and measured.shape)


def _spelled(shape: Shape | None) -> str:
    return "absent" if shape is None else "×".join(map(str, shape))
