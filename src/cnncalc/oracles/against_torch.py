"""Compares the run in NumPy with one in torch, with equal weights and inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cnncalc.analysis.report import LayerReport, Report
from cnncalc.core.extras import require_packages
from cnncalc.core.translation import Phrase
from cnncalc.execution.engine.program import Program
from cnncalc.execution.engine.tally import Array
from cnncalc.execution.engine.task import WrongWeights
from cnncalc.execution.engine.threads import worker_threads
from cnncalc.execution.forward import StepResult, forward
from cnncalc.execution.inputs.random_arrays import AllWeights
from cnncalc.execution.run import prepare
from cnncalc.execution.verify.verification import TOTAL, Check

if TYPE_CHECKING:
    from torch import Tensor

    from cnncalc.oracles.torch.module import TorchNetwork

TOLERANCE = 1e-4
"""The largest allowed difference of two outputs, relative to the largest value."""


def against_torch(report: Report, seed: int) -> list[Check]:
    """Checks of every layer's parameters, output shape and output values against torch's.

    Errors:  missing-package
    """
    require_packages("torch", extra="torch")
    from cnncalc.oracles.torch.module import LayerFailed, module_of

    prepared = prepare(report, seed=seed)
    steps = prepared.program
    try:
        network = module_of(steps, report.rows)
        comparison = _TorchChecks(report, network)
        comparison.run(steps, prepared.weights, {name: array[:1] for name, array in prepared.inputs.items()})
    except LayerFailed as failed:
        return [Check(failed.path, "torch_execution", Phrase("runs"), failed.reason, ok=False)]
    return comparison.checks


class _TorchChecks:
    """The checks of one run in torch and one in NumPy."""

    def __init__(self, report: Report, network: TorchNetwork) -> None:
        self.checks: list[Check] = []
        self._report, self._network = report, network
        self._rows = {row.path: row for row in report.rows}
        self._outputs: dict[str, Tensor] = {}
        self._worst = 0.0
        self._counted: set[int] = set()  # ids of parameters, so that shared ones count once

    def run(self, steps: Program, weights: AllWeights, inputs: dict[str, Array]) -> None:
        """Run torch, then NumPy, and compare each output when NumPy has it."""
        import torch

        self._network.load(weights)
        with torch.no_grad():
            self._network.run([torch.from_numpy(x.copy()) for x in inputs.values()], self._outputs.__setitem__)
        try:
            with worker_threads() as workers:
                forward(steps, inputs, weights, workers=workers, watch=self._compare)
        except (WrongWeights, ValueError, IndexError) as error:  # shapes do not match
            path = next(step.path for step in steps.steps if step.path in self._outputs)
            self.checks.append(Check(path, "execution", Phrase("runs"), getattr(error, "reason", str(error)), ok=False))
            return
        stated, params = self._report.totals().params, sum(p.numel() for p in self._network.parameters())
        self.checks += [
            Check(TOTAL, "torch_params", stated, params, stated == params),
            Check(TOTAL, "torch_values", TOLERANCE, self._worst, self._worst <= TOLERANCE),
        ]

    def _compare(self, ran: StepResult) -> None:
        row, path = self._rows[ran.step.path], ran.step.path
        output = self._outputs.pop(path).numpy()
        shape, params = output.shape[1:], self._params(row)
        error = relative_error(ran.output, output)
        self._worst = max(self._worst, error)
        self.checks += [
            Check(path, "torch_output", row.output.shape, shape, row.output.shape == shape),
            Check(path, "torch_params", row.params, params, row.params == params),
            Check(path, "torch_values", TOLERANCE, error, error <= TOLERANCE),
        ]

    def _params(self, row: LayerReport) -> int:
        """The number of parameters that no earlier layer holds."""
        own = {id(p): p.numel() for p in self._network.layer(row.path).parameters() if id(p) not in self._counted}
        self._counted.update(own)
        return sum(own.values())


def relative_error(found: Array, expected: Array) -> float:
    """The largest difference over the largest expected value; infinite where arrays cannot be compared.

    Equal infinities, and NaN in both, are no difference.
    """
    if found.shape != expected.shape:
        return float("inf")
    alike = (found == expected) | (np.isnan(found) & np.isnan(expected))
    if alike.all():
        return 0.0
    with np.errstate(all="ignore"):
        difference = np.abs(found - expected)[~alike].max()
        error = float(difference / np.abs(expected[np.isfinite(expected)]).max(initial=0.0))
    return error if np.isfinite(error) else float("inf")
