"""Rule beside measurement: the network is run, and every number of its report is measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from cnncalc.analysis.reach import Reach
from cnncalc.analysis.report import LayerReport, Report
from cnncalc.core.counts import Op
from cnncalc.core.errors import InputError
from cnncalc.core.field import Field
from cnncalc.core.graph import Graph
from cnncalc.core.suggest import did_you_mean
from cnncalc.core.tensor import Shape
from cnncalc.execution.checks import TOTAL, Check, Verification
from cnncalc.execution.probes import Moved, Probe
from cnncalc.execution.program import Program, program
from cnncalc.execution.runner import Ran, forward
from cnncalc.execution.task import WrongWeights
from cnncalc.execution.tally import Array
from cnncalc.execution.weights import AllWeights, drawn_input, drawn_weights
from cnncalc.execution.workers import Workers

Progress = Callable[[str], None]


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

    The report has to be that of one image in float32. Weights and inputs are drawn from the seed unless given.
    """
    begun = perf_counter()
    steps = program(graph, report.rows)
    generator = np.random.default_rng(seed)
    given = inputs or {name: drawn_input(shape, generator) for name, shape in steps.inputs.items()}
    measurement = _Measurement(steps, report, progress or (lambda path: None))
    measurement.run(given, weights or drawn_weights(steps, seed), workers or Workers())
    return Verification(graph.name, tuple(measurement.checks), perf_counter() - begun, measurement.peak_bytes)


def alone(graph: Graph, report: Report, path: str) -> Graph:
    """One layer of a network as a network of its own, at the inputs that it has there.

    Errors:  unknown-layer
    """
    node = next((node for node in graph.nodes if node.path == path), None)
    if node is None:
        paths = [node.path for node in graph.nodes]
        raise InputError.of(
            "unknown-layer",
            "{network} has no layer `{path}`",
            help=did_you_mean(path, paths, "`cnncalc summarize {network} --flat` lists the layers"),
            network=graph.name,
            path=path,
        )
    shapes = next(row.inputs for row in report.rows if row.path == path)
    inputs = dict(zip(node.inputs, shapes, strict=True))
    return Graph(graph.name, inputs, (node._replace(weights_from=None),), (path,))


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
        self.checks += self._fields()
        totals = self._report.totals()._asdict()
        self.checks += [
            _equal(TOTAL, quantity, totals[quantity], measured) for quantity, measured in self._measured.items()
        ]
        self.checks.append(_equal(TOTAL, "peak_activation_bytes", totals["peak_activation_bytes"], self.peak_bytes))

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
            _equal(step.path, "params", row.params, params),
            _equal(step.path, "buffers", row.buffers, buffers),
            _equal(step.path, "weights", _stored(row), {read.name: read.shape for read in reads}),
            _equal(step.path, "macs", row.macs, counted.macs),
            *(
                _equal(step.path, op.value, row.ops.of(op), counted.of(op))
                for op in Op
                if op is not Op.CONTRACTION_MAC and (row.ops.of(op) or counted.of(op))
            ),
            _equal(step.path, "activation_bytes", row.output.nbytes, ran.output.nbytes),
        ]

    def _fields(self) -> Iterator[Check]:
        """The receptive field of every layer that has one."""
        frames = {shape[1:] for shape in self._program.inputs.values()}
        if frames == {()}:
            return
        axes = len(next(iter(self._program.inputs.values()))) - 1
        cache: dict[Any, Array] = {}
        probes = [Probe(self._program, axis, cache) for axis in range(axes)]
        for step in self._program.steps:
            row = self._rows[step.path]
            moved = [probe.through(step, row.inputs) for probe in probes]
            if row.reach is not None and all(one is not None for one in moved):
                check = _field(row, row.reach, [one for one in moved if one is not None])
                if check is not None:
                    yield check


def _field(row: LayerReport, reach: Reach, moved: list[Moved]) -> Check | None:
    """What the units of a layer see, by rule and by measurement; None where the rule makes no statement."""
    if reach.global_by:
        alike = all(one.alike for one in moved)
        return Check(row.path, "receptive_field", "all", "all" if alike else _seen_by_middle(moved), alike)
    if not reach.on_grid:
        return None
    compared = [_axis(*each) for each in zip(reach.axes, moved, strict=True)]
    exact = all(one.exact for one in compared)
    return Check(
        row.path,
        "receptive_field" if exact else "receptive_field_bound",
        [one.rule for one in compared],
        [one.measured for one in compared],
        all(one.ok for one in compared),
    )


class _Compared(NamedTuple):
    """One unit of one axis: the rows it sees by rule and by measurement, and whether both ends could be told exactly."""

    rule: tuple[int, int] | None
    measured: tuple[int, int] | None
    exact: bool
    ok: bool


def _axis(field: Field, moved: Moved) -> _Compared:
    """Compare units of an axis: all of them within their bounds, those in the middle to the row.

    An end of a field is a unit's own, and no border's, where another unit sees further.
    """
    units = moved.seen.shape[1]
    spans = [moved.span(unit) for unit in range(units)]
    known = [span for span in spans if span]
    first, last = min((low for low, _ in known), default=0), max((high for _, high in known), default=0)
    middle = units // 2
    chosen = None
    for unit in (*range(middle, min(units, middle + len(field.intervals))), *range(units)):
        rule, seen = field.of_unit(unit), spans[unit]
        inside = rule is None if seen is None else rule is not None and rule[0] <= seen[0] and seen[1] <= rule[1]
        if seen is None:
            inside, exact = True, rule is None
        elif rule is None:
            inside, exact = False, False
        else:
            own = (seen[0] > first, seen[1] < last)
            exact = all(own)
            near_middle = middle <= unit < middle + len(field.intervals)
            if near_middle and any(mine and a != b for mine, a, b in zip(own, rule, seen, strict=True)):
                inside = False
        compared = _Compared(rule, seen, exact, inside)
        if not inside:
            return compared
        chosen = chosen or compared
    assert chosen is not None
    return chosen


def _seen_by_middle(moved: list[Moved]) -> list[tuple[int, int] | None]:
    return [one.span(one.seen.shape[1] // 2) for one in moved]


def _equal(path: str, quantity: str, rule: Any, measured: Any) -> Check:
    return Check(path, quantity, rule, measured, rule == measured)


def _stored(row: LayerReport) -> dict[str, Shape]:
    return {weight.name: weight.shape for weight in row.weights}


def _spelled(shape: Shape | None) -> str:
    return "absent" if shape is None else "×".join(map(str, shape))
