"""Runs a network and compares every number of its report with a measurement."""

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
from cnncalc.execution.forward import BeforeStep, Progress, StepResult, forward, is_in_place
from cnncalc.execution.inputs.random_arrays import AllWeights
from cnncalc.execution.run import prepare
from cnncalc.execution.verify.receptive_field.compare import (
    AxisCheck,
    VisibleEnds,
    compare_off_grid,
    compare_on_grid,
    ends_of_input,
    ends_through_windows,
    middle_interval,
    sees_all,
)
from cnncalc.execution.verify.receptive_field.follow import Probes
from cnncalc.execution.verify.receptive_field.spans import UnitSpans
from cnncalc.execution.verify.verification import LEFT_OUT, TOTAL, UNMEASURED, Check, Verification

ALL = Phrase("all")
"""The receptive field of units that see the whole input."""

FOLDED = ("reflect", "replicate", "circular")
"""Padding modes that repeat rows of the map."""


def verify(
    report: Report,
    *,
    seed: int = 0,
    workers: Workers | None = None,
    weights: AllWeights | None = None,
    inputs: Mapping[str, Array] | None = None,
    progress: Progress = lambda path, tally: None,
    following: Callable[[str], None] = lambda path: None,
    before_step: BeforeStep = lambda step: None,
) -> Verification:
    """Run a network on one image in float32 and measure every number of its report.

    The report must be for one image in float32. Weights and inputs that are not given are those of the description, or
    random; inputs may be overwritten. `following` is called with the path of every layer whose receptive field is
    followed next.

    Errors:  InputError where `values` of the description do not fit
    """
    begun = perf_counter()
    steps = program(report)
    if weights is None or inputs is None:
        prepared = prepare(report, seed=seed)
        weights = prepared.weights if weights is None else weights
        inputs = {name: array[:1] for name, array in prepared.inputs.items()} if inputs is None else inputs
    measurement = _Measurement(steps, report, following)
    measurement.run(inputs, weights, partial(forward, workers=workers, progress=progress, before_step=before_step))
    perturbed_extents = tuple(map(len, measurement.rows))
    taken = perf_counter() - begun
    return Verification(
        report.graph.name,
        tuple(measurement.checks),
        taken,
        measurement.peak_bytes,
        measurement.frame,
        perturbed_extents,
    )


class _StepRecord(NamedTuple):
    """What is recorded of a step that has run: no values."""

    shape: Shape  # with the batch axis
    nbytes: int
    tally: Tally
    reads: Mapping[str, WeightSpec]


class _Measurement:
    """The checks of one run, and its peak memory."""

    def __init__(self, steps: Program, report: Report, following: Callable[[str], None]) -> None:
        self.checks: list[Check] = []
        self.peak_bytes = 0
        self.frame: Shape = ()
        self.rows: list[range] = []
        self._program, self._report, self._following = steps, report, following
        self._ran: list[_StepRecord] = []
        self._measured = {"params": 0, "buffers": 0, "macs": 0, "activation_elements": 0}
        self._left_out: dict[str, int] = {}  # what opaque layers add to the totals

    def run(self, inputs: Mapping[str, Array], weights: AllWeights, run: Callable[..., object]) -> None:
        """Run every step; then check each with its receptive field, and the totals."""
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
        totals |= {quantity: totals[quantity] - number for quantity, number in self._left_out.items()}
        self.checks += [
            _equality_check(TOTAL, quantity, totals[quantity], measured)
            for quantity, measured in self._measured.items()
        ]
        self.checks.append(
            _equality_check(TOTAL, "peak_activation_bytes", totals["peak_activation_bytes"], self.peak_bytes)
        )

    def _failure(self, inputs: Mapping[str, Array], weights: AllWeights, run: Callable[..., object]) -> Check | None:
        """Run all steps; a failed check for the layer that could not run, or None."""
        try:
            run(self._program, inputs, weights, watch=self._watch, may_fuse=is_in_place)
        except WrongWeights as wrong:
            rule, measured = _weight_text(wrong.name, wrong.found), _weight_text(wrong.name, wrong.needed)
        except (ValueError, IndexError) as error:  # shapes do not match
            rule, measured = Phrase("runs"), str(error)
        else:
            return None
        return Check(self._program.steps[len(self._ran)].path, "execution", rule, measured, ok=False)

    def _watch(self, ran: StepResult) -> None:
        """Record a step while its values are alive."""
        self._ran.append(_StepRecord(ran.output.shape, ran.output.nbytes, ran.tally, ran.weights.reads))
        self.peak_bytes = max(self.peak_bytes, ran.alive_bytes)

    def _check(self, step: Step, row: LayerReport, ran: _StepRecord) -> None:
        path, rule, counted, regions = step.path, row.ops, ran.tally.counts, row.output.regions
        if step.traits.is_opaque:
            self._leave_out(row, ran)
            return
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
            _equality_check(path, "output", row.output.shape, ran.shape[1:]),
            *([_equality_check(path, "regions", regions, ran.shape[0])] if regions > 1 or ran.shape[0] > 1 else ()),
            _equality_check(path, "params", row.params, params),
            _equality_check(path, "buffers", row.buffers, buffers),
            *(_weight_checks(row, ran.reads) if row.weights or ran.reads else ()),
            _equality_check(path, "macs", row.macs, counted.macs),
            *[
                _equality_check(path, op.value, rule.of(op), counted.of(op))
                for op in dict.fromkeys((*rule, *counted))
                if op is not Op.CONTRACTION_MAC
            ],
            _equality_check(path, "activation_bytes", row.output.nbytes, ran.nbytes),
        ]

    def _leave_out(self, row: LayerReport, ran: _StepRecord) -> None:
        """Take no number of an opaque layer for measured, and leave its own out of the totals by rule."""
        self.checks.append(Check(row.path, LEFT_OUT, row.output.shape, UNMEASURED, None))
        self._measured["activation_elements"] += prod(ran.shape)
        for quantity, number in (("params", row.params), ("buffers", row.buffers), ("macs", row.macs)):
            self._left_out[quantity] = self._left_out.get(quantity, 0) + number

    def _fields(self) -> Iterator[Check | None]:
        """The receptive-field check of every layer; None for a layer without one."""
        program, rows = self._program, self._report.rows
        specs = program.input_specs
        frame = self.frame = next((x.spatial for x in specs.values() if x.spatial), ())
        folded = any(step.type == "pad" and step.options["mode"] in FOLDED for step in program.steps)
        probes = Probes(specs, frame)
        self.rows = probes.rows
        fields = _FieldChecks(frame, probes, folded)
        blind: set[str] = set()  # what is computed of stored tensors alone
        for step, row in zip(program.steps, rows, strict=True):
            self._following(step.path)
            inputs = [specs[wire] for wire in step.inputs]
            specs[step.path] = row.output
            if step.traits.is_source or blind.issuperset(step.inputs):
                blind.add(step.path)
                probes.add_unseeing(step.path)
            if row.reach is None:
                yield None
            elif row.reach.frame != frame:
                yield Check(step.path, *_unmeasured_check(row.reach))
            else:
                yield fields.check(step, row, row.reach, inputs)


class _FieldCheck(NamedTuple):
    """A check of a receptive field, without the layer's path."""

    quantity: str
    rule: Any
    measured: Any
    ok: bool | None


class _WireField(NamedTuple):
    """The receptive field of a wire, by rule and as measured, and its check."""

    reach: Reach
    spans: list[UnitSpans | None]
    ends: tuple[VisibleEnds, ...]
    field: _FieldCheck | None  # None for an input


class _FieldChecks:
    """Compares the receptive fields of all layers, by rule and as measured."""

    def __init__(self, frame: Shape, probes: Probes, folded: bool) -> None:
        self._by_wire: dict[str, _WireField] = {}
        self._probes = probes
        ends = tuple(map(cache(ends_of_input), frame))
        for wire in probes.perturbed:
            self._by_wire[wire] = _WireField(
                Reach(frame, (ITSELF,) * len(frame), frame), probes.spans(wire), ends, None
            )
        perturbed_rows = [None if len(rows) == size else rows for rows, size in zip(probes.rows, frame, strict=True)]

        @cache  # both axes of square maps are equal
        def axis_check(
            field: Field, one: UnitSpans | None, ends: VisibleEnds, rows: range | None, extent: int | None
        ) -> AxisCheck:
            if one is None:
                return AxisCheck(field.of_unit(ends.units // 2), None, False, None)
            if extent is None:
                return compare_on_grid(field, one, ends, rows, folded)
            return compare_off_grid(field, one, ends, extent, rows, folded)

        @cache  # element-wise layers repeat the fields of their input
        def field_check(
            fields: tuple[Field, ...],
            spans: tuple[UnitSpans | None, ...],
            ends: tuple[VisibleEnds, ...],
            extents: Shape | None,
        ) -> _FieldCheck:
            each = zip(fields, spans, ends, perturbed_rows, extents or [None] * len(spans), strict=True)
            return _joint_check([axis_check(*one) for one in each])

        self._partial: set[str] = set()
        """Wires that see the whole input by rule, and of which some units read nothing but padding."""
        self._field_check, self._ends_through_windows = field_check, cache(ends_through_windows)

    def check(self, step: Step, row: LayerReport, reach: Reach, inputs: list[TensorSpec]) -> Check:
        """The check of a layer's receptive field."""
        path = step.path
        spans = self._probes.follow(step, inputs, row.output)
        wire_field = self._by_wire.get(step.inputs[0])
        alike = (
            wire_field is not None
            and wire_field.field is not None
            and wire_field.reach is reach
            and wire_field.spans is spans
        )
        if wire_field is None or not alike or len(inputs) > 1:  # else the layer is element-wise
            ends = self._ends(step, row, reach, inputs)
            wire_field = _WireField(reach, spans, ends, self._field(step, reach, spans, ends))
        self._by_wire[path] = wire_field
        if reach.global_by and (
            not self._partial.isdisjoint(step.inputs) or any(one is not None and one.sees_in_part for one in spans)
        ):
            self._partial.add(path)
        return Check(path, *wire_field.field)  # type: ignore[misc]

    def _field(
        self, step: Step, reach: Reach, spans: list[UnitSpans | None], ends: tuple[VisibleEnds, ...]
    ) -> _FieldCheck:
        """The check of a layer's receptive field, without its path."""
        if spans.count(None) == len(spans):
            return _unmeasured_check(reach)
        if reach.global_by:
            partial = not self._partial.isdisjoint(step.inputs)
            return _global_check(spans, self._probes.hulls(step.inputs), partial)
        if reach.on_grid:
            return self._field_check(reach.axes, tuple(spans), ends, None)
        read = [wire_field for wire in step.inputs if (wire_field := self._by_wire.get(wire)) is not None]
        unmoved = None not in spans and read[0].spans == spans and any(wire_field.reach.on_grid for wire_field in read)
        if unmoved and min(reach.extents) > 1:
            still = [middle_interval(one) for one in spans if one is not None]
            return _FieldCheck("receptive_field", Phrase("no map"), still, False)
        return self._field_check(reach.axes, tuple(spans), ends, reach.extents)

    def _ends(self, step: Step, row: LayerReport, reach: Reach, inputs: list[TensorSpec]) -> tuple[VisibleEnds, ...]:
        """Which ends of a layer's receptive fields by rule lie on the map."""
        if reach.global_by:
            return ()
        read = [self._by_wire.get(wire) for wire in step.inputs]
        first = read[0]
        if len(read) == 1 and first and first.reach.axes == reach.axes and first.reach.extents == reach.extents:
            return first.ends
        each = row.layer.windows_of_each(*inputs) if len(read) > 1 else None
        windows = row.layer.windows(*inputs) if each is None else None
        sources = []
        for number, wire_field in enumerate(read):
            own = windows if each is None else each[number]
            if wire_field is None or wire_field.reach.global_by or (each is not None and own is None):
                continue
            axes = wire_field.reach.axes
            through = (ITSELF,) * len(axes)
            if own is not None and wire_field.reach.on_grid and len(own) == len(axes):  # not for vectors beside maps
                through = own
            sources.append((through, axes, wire_field.ends))
        return tuple(
            [
                self._ends_through_windows(
                    field, units, tuple([(through[axis], axes[axis], ends[axis]) for through, axes, ends in sources])
                )
                for axis, (field, units) in enumerate(zip(reach.axes, reach.extents, strict=True))
            ]
        )


def _joint_check(axes: list[AxisCheck]) -> _FieldCheck:
    """The checks of all axes as one."""
    exact = all(axis.exact or axis.ok is None for axis in axes)
    ok = False if any(axis.ok is False for axis in axes) else None if all(axis.ok is None for axis in axes) else True
    return _FieldCheck(
        "receptive_field" if exact else "receptive_field_bound",
        [axis.rule for axis in axes],
        UNMEASURED if ok is None else [UNMEASURED if axis.ok is None else axis.measured for axis in axes],
        ok,
    )


def _global_check(spans: list[UnitSpans | None], arriving: list[tuple[int, int]], partial: bool) -> _FieldCheck:
    """The check of a layer whose units all see the whole input."""
    each = [None if one is None else sees_all(one, hull, partial) for one, hull in zip(spans, arriving, strict=True)]
    if any(everything is False for everything in each):
        return _FieldCheck(
            "receptive_field", ALL, [UNMEASURED if one is None else middle_interval(one) for one in spans], False
        )
    if all(each):
        return _FieldCheck("receptive_field", ALL, ALL, True)
    if not any(each):
        return _FieldCheck("receptive_field", ALL, UNMEASURED, None)
    return _FieldCheck("receptive_field", ALL, [ALL if everything else UNMEASURED for everything in each], True)


def _unmeasured_check(reach: Reach) -> _FieldCheck:
    """The check of a receptive field that no probe can measure."""
    units = zip(reach.axes, reach.extents, strict=True)
    rule = ALL if reach.global_by else [axis.of_unit(extent // 2) for axis, extent in units]
    return _FieldCheck("receptive_field", rule, UNMEASURED, None)


def _equality_check(path: str, quantity: str, rule: Any, measured: Any) -> Check:
    return Check(path, quantity, rule, measured, rule == measured)


def _weight_checks(row: LayerReport, reads: Mapping[str, WeightSpec]) -> Iterator[Check]:
    """A check for each weight that the report lists or the kernel read."""
    listed = {weight.name: weight for weight in row.weights}
    for name in {**listed, **reads}:
        rule, measured = listed.get(name), reads.get(name)
        yield _equality_check(row.path, f"weights.{name}", rule and rule.shape, measured and measured.shape)


def _weight_text(name: str, shape: Shape | None) -> str:
    """A weight with its shape, in words."""
    return Phrase("{name} absent", name=name) if shape is None else f"{name} {'×'.join(map(str, shape))}"
