"""Rule beside measurement: the network is run, and every number of its report is measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from itertools import repeat
from math import prod
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from cnncalc.analysis.reach import Reach
from cnncalc.analysis.report import LayerReport, Report
from cnncalc.core.counts import Op
from cnncalc.core.field import ITSELF, Field
from cnncalc.core.tensor import Shape, TensorSpec, WeightSpec
from cnncalc.core.translation import Phrase
from cnncalc.execution.engine.program import Program, Step, program
from cnncalc.execution.engine.tally import Array, Tally
from cnncalc.execution.engine.task import WrongWeights
from cnncalc.execution.engine.workers import Workers
from cnncalc.execution.forward import Before, Progress, Ran, forward, in_place
from cnncalc.execution.inputs.drawn import AllWeights
from cnncalc.execution.run import prepare
from cnncalc.execution.verify.receptive_field.compare import (
    Compared,
    Ends,
    ends_behind,
    ends_of_input,
    middle,
    off_grid,
    on_grid,
    sees_all,
)
from cnncalc.execution.verify.receptive_field.follow import Probes
from cnncalc.execution.verify.receptive_field.spans import Seen
from cnncalc.execution.verify.verification import TOTAL, UNMEASURED, Check, Verification

ALL = Phrase("all")
"""What is seen where every unit sees the whole input."""

FOLDED = ("reflect", "replicate", "circular")
"""Modes of padding that shows rows of the map again."""


def verify(
    report: Report,
    *,
    seed: int = 0,
    workers: Workers | None = None,
    weights: AllWeights | None = None,
    inputs: Mapping[str, Array] | None = None,
    progress: Progress = lambda path, tally: None,
    before: Before = lambda step: None,
) -> Verification:
    """Run a network on one image in float32 and measure every number of its report.

    The report has to be that of one image in float32. Weights and inputs that are not
    given are those that the description writes, or drawn from the seed; inputs may be written over.

    Errors:  InputError where what the description writes under `values` does not fit
    """
    begun = perf_counter()
    steps = program(report)
    if weights is None or inputs is None:
        prepared = prepare(report, seed=seed)
        weights = prepared.weights if weights is None else weights
        inputs = {name: array[:1] for name, array in prepared.inputs.items()} if inputs is None else inputs
    measurement = _Measurement(steps, report)
    measurement.run(inputs, weights, partial(forward, workers=workers, progress=progress, before=before))
    watched = tuple(map(len, measurement.rows))
    taken = perf_counter() - begun
    return Verification(
        report.graph.name, tuple(measurement.checks), taken, measurement.peak_bytes, measurement.frame, watched
    )


class _Extents(NamedTuple):
    """What is kept of a step that has run, which are none of its values."""

    shape: Shape  # with the batch axis
    nbytes: int
    tally: Tally
    reads: Mapping[str, WeightSpec]


class _Measurement:
    """The checks of one run."""

    def __init__(self, steps: Program, report: Report) -> None:
        self.checks: list[Check] = []
        self.peak_bytes = 0
        self.frame: Shape = ()
        self.rows: list[range] = []
        self._program, self._report = steps, report
        self._ran: list[_Extents] = []
        self._measured = {"params": 0, "buffers": 0, "macs": 0, "activation_elements": 0}

    def run(self, inputs: Mapping[str, Array], weights: AllWeights, run: Callable[..., object]) -> None:
        """Run every step; then check each, with its field, and the totals."""
        failure = self._failure(inputs, weights, run)
        with np.errstate(all="ignore"):  # probes may overflow
            fields = self._fields() if failure is None else repeat(None)
            for step, row, ran, field in zip(self._program.steps, self._report.rows, self._ran, fields, strict=False):
                self._check(step, row, ran)
                self.checks += [field] if field is not None else []
        if failure is not None:
            self.checks.append(failure)
            return
        totals = self._report.totals()._asdict()
        self.checks += [
            _equal(TOTAL, quantity, totals[quantity], measured) for quantity, measured in self._measured.items()
        ]
        self.checks.append(_equal(TOTAL, "peak_activation_bytes", totals["peak_activation_bytes"], self.peak_bytes))

    def _failure(self, inputs: Mapping[str, Array], weights: AllWeights, run: Callable[..., object]) -> Check | None:
        """Run as far as it goes; what stopped it, in a layer that does not work as its rules say."""
        try:
            run(self._program, inputs, weights, watch=self._watch, joins=in_place)
        except WrongWeights as wrong:
            rule, measured = _spelled(wrong.name, wrong.found), _spelled(wrong.name, wrong.needed)
        except (ValueError, IndexError) as error:  # arrays that do not fit each other
            rule, measured = Phrase("runs"), str(error)
        else:
            return None
        return Check(self._program.steps[len(self._ran)].path, "execution", rule, measured, ok=False)

    def _watch(self, ran: Ran) -> None:
        """Note what there is to be noted while the step's values are there."""
        self._ran.append(_Extents(ran.output.shape, ran.output.nbytes, ran.tally, ran.weights.reads))
        self.peak_bytes = max(self.peak_bytes, ran.alive_bytes)

    def _check(self, step: Step, row: LayerReport, ran: _Extents) -> None:
        path, rule, counted, regions = step.path, row.ops, ran.tally.counts, row.output.regions
        params = buffers = 0
        if step.weights_from is None:
            for read in ran.reads.values():
                if read.trainable:
                    params += read.numel
                else:
                    buffers += read.numel
        measured = self._measured
        measured["params"] += params
        measured["buffers"] += buffers
        measured["macs"] += counted.macs
        measured["activation_elements"] += prod(ran.shape)
        self.checks += [
            _equal(path, "output", row.output.shape, ran.shape[1:]),
            *([_equal(path, "regions", regions, ran.shape[0])] if regions > 1 or ran.shape[0] > 1 else ()),
            _equal(path, "params", row.params, params),
            _equal(path, "buffers", row.buffers, buffers),
            *(_stored(row, ran.reads) if row.weights or ran.reads else ()),
            _equal(path, "macs", row.macs, counted.macs),
            *[
                _equal(path, op.value, rule.of(op), counted.of(op))
                for op in dict.fromkeys((*rule, *counted))
                if op is not Op.CONTRACTION_MAC
            ],
            _equal(path, "activation_bytes", row.output.nbytes, ran.nbytes),
        ]

    def _fields(self) -> Iterator[Check | None]:
        """The receptive field of every layer; None of one without."""
        program, rows = self._program, self._report.rows
        specs = program.input_specs
        frame = self.frame = next((x.spatial for x in specs.values() if x.spatial), ())
        folded = any(step.type == "pad" and step.options["mode"] in FOLDED for step in program.steps)
        probes = Probes(specs, frame)
        self.rows = probes.rows
        fields = _Fields(frame, probes, folded)
        for step, row in zip(program.steps, rows, strict=True):
            inputs = [specs[wire] for wire in step.inputs]
            specs[step.path] = row.output
            if row.reach is None:
                yield None
            elif row.reach.frame != frame:
                yield Check(step.path, *_unmeasured(row.reach))
            else:
                yield fields.check(step, row, row.reach, inputs)


class _Field(NamedTuple):
    """A check of a receptive field, whichever layer's it is."""

    quantity: str
    rule: Any
    measured: Any
    ok: bool | None


class _Told(NamedTuple):
    """What is known of a wire: what its units see, by rule and by measurement, and the check of both."""

    reach: Reach
    seen: list[Seen | None]
    ends: tuple[Ends, ...]
    field: _Field | None  # an input has none


class _Fields:
    """What the units of every layer see, by rule and by measurement."""

    def __init__(self, frame: Shape, probes: Probes, folded: bool) -> None:
        self._told: dict[str, _Told] = {}
        self._probes = probes
        ends = tuple(map(cache(ends_of_input), frame))
        for wire in probes.disturbed:
            self._told[wire] = _Told(Reach(frame, (ITSELF,) * len(frame), frame), probes.of(wire), ends, None)
        watched = [None if len(rows) == size else rows for rows, size in zip(probes.rows, frame, strict=True)]

        @cache  # of square maps both axes see the same
        def along(field: Field, one: Seen | None, ends: Ends, rows: range | None, extent: int | None) -> Compared:
            if one is None:
                return Compared(field.of_unit(ends.units // 2), None, False, None)
            if extent is None:
                return on_grid(field, one, ends, rows, folded)
            return off_grid(field, one, ends, extent, rows, folded)

        @cache  # what follows a convolution mostly sees what it sees
        def compared(
            fields: tuple[Field, ...],
            seen: tuple[Seen | None, ...],
            ends: tuple[Ends, ...],
            extents: Shape | None,
        ) -> _Field:
            each = zip(fields, seen, ends, watched, extents or [None] * len(seen), strict=True)
            return _together([along(*one) for one in each])

        self._compared, self._behind = compared, cache(ends_behind)

    def check(self, step: Step, row: LayerReport, reach: Reach, inputs: list[TensorSpec]) -> Check:
        """What the units of a layer see."""
        path = step.path
        seen = self._probes.through(step, inputs, row.output)
        told = self._told.get(step.inputs[0])
        alike = told is not None and told.field is not None and told.reach is reach and told.seen is seen
        if told is None or not alike or len(inputs) > 1:  # else it is an element-wise layer
            ends = self._ends(step, row, reach, inputs)
            told = _Told(reach, seen, ends, self._field(step, reach, seen, ends))
        self._told[path] = told
        return Check(path, *told.field)  # type: ignore[misc]

    def _field(self, step: Step, reach: Reach, seen: list[Seen | None], ends: tuple[Ends, ...]) -> _Field:
        """What the units of one layer see, by rule and by measurement."""
        if seen.count(None) == len(seen):
            return _unmeasured(reach)
        if reach.global_by:
            return _of_all(seen, self._probes.hulls(step.inputs))
        if reach.on_grid:
            return self._compared(reach.axes, tuple(seen), ends, None)
        read = [told for wire in step.inputs if (told := self._told.get(wire)) is not None]
        if min(reach.extents) > 1 and read[0].seen == seen and any(told.reach.on_grid for told in read):
            still = [UNMEASURED if one is None else middle(one) for one in seen]
            return _Field("receptive_field", Phrase("no map"), still, False)
        return self._compared(reach.axes, tuple(seen), ends, reach.extents)

    def _ends(self, step: Step, row: LayerReport, reach: Reach, inputs: list[TensorSpec]) -> tuple[Ends, ...]:
        """Which ends of what the units of a layer see by rule are there to be seen."""
        if reach.global_by:
            return ()
        read = [self._told.get(wire) for wire in step.inputs]
        first = read[0]
        if len(read) == 1 and first and first.reach.axes == reach.axes and first.reach.extents == reach.extents:
            return first.ends
        each = row.layer.windows_of_each(*inputs) if len(read) > 1 else None
        windows = row.layer.windows(*inputs) if each is None else None
        sources = []
        for number, told in enumerate(read):
            own = windows if each is None else each[number]
            if told is None or told.reach.global_by or (each is not None and own is None):
                continue
            axes = told.reach.axes
            looks = (ITSELF,) * len(axes)
            if own is not None and told.reach.on_grid and len(own) == len(axes):  # a vector beside maps moves nothing
                looks = own
            sources.append((looks, axes, told.ends))
        return tuple(
            [
                self._behind(
                    field, units, tuple([(looks[axis], seen[axis], ends[axis]) for looks, seen, ends in sources])
                )
                for axis, (field, units) in enumerate(zip(reach.axes, reach.extents, strict=True))
            ]
        )


def _together(axes: list[Compared]) -> _Field:
    """What was found on each axis, as one."""
    exact = all(axis.exact or axis.ok is None for axis in axes)
    ok = False if any(axis.ok is False for axis in axes) else None if all(axis.ok is None for axis in axes) else True
    return _Field(
        "receptive_field" if exact else "receptive_field_bound",
        [axis.rule for axis in axes],
        UNMEASURED if ok is None else [UNMEASURED if axis.ok is None else axis.measured for axis in axes],
        ok,
    )


def _of_all(seen: list[Seen | None], arriving: list[tuple[int, int]]) -> _Field:
    """Whether every unit sees everything."""
    each = [None if one is None else sees_all(one, hull) for one, hull in zip(seen, arriving, strict=True)]
    if any(everything is False for everything in each):
        return _Field("receptive_field", ALL, [UNMEASURED if one is None else middle(one) for one in seen], False)
    if all(each):
        return _Field("receptive_field", ALL, ALL, True)
    if not any(each):
        return _Field("receptive_field", ALL, UNMEASURED, None)
    return _Field("receptive_field", ALL, [ALL if everything else UNMEASURED for everything in each], True)


def _unmeasured(reach: Reach) -> _Field:
    """What a rule says of a field that no probe has seen."""
    units = zip(reach.axes, reach.extents, strict=True)
    rule = ALL if reach.global_by else [axis.of_unit(extent // 2) for axis, extent in units]
    return _Field("receptive_field", rule, UNMEASURED, None)


def _equal(path: str, quantity: str, rule: Any, measured: Any) -> Check:
    return Check(path, quantity, rule, measured, rule == measured)


def _stored(row: LayerReport, reads: Mapping[str, WeightSpec]) -> Iterator[Check]:
    """Each weight that is listed or read."""
    listed = {weight.name: weight for weight in row.weights}
    for name in {**listed, **reads}:
        rule, measured = listed.get(name), reads.get(name)
        yield _equal(row.path, f"weights.{name}", rule and rule.shape, measured and measured.shape)


def _spelled(name: str, shape: Shape | None) -> str:
    """A weight with its shape."""
    return Phrase("{name} absent", name=name) if shape is None else f"{name} {'×'.join(map(str, shape))}"
