"""Compares FLOPs that fvcore counts on the torch module of a network with ours under its convention."""

from __future__ import annotations

import warnings
from collections.abc import Mapping

from cnncalc.analysis.conventions.fvcore import FVCORE
from cnncalc.analysis.report import Report
from cnncalc.core.extras import require_packages
from cnncalc.core.translation import Phrase
from cnncalc.execution.run import PreparedRun, prepare
from cnncalc.execution.verify.verification import TOTAL, Check

FLOPS = "fvcore_flops"


def against_fvcore(report: Report, seed: int) -> list[Check]:
    """Checks of the FLOPs of every layer, of every operator that fvcore counts, and of their sum.

    Where the count of a layer is unknown, the other layers are compared alone.

    Errors:  missing-package
    """
    require_packages("torch", "fvcore", extra="torch")
    from cnncalc.oracles.torch.module import LayerFailed

    prepared = prepare(report, seed=seed)
    ours = FVCORE.by_operator(report.rows)
    try:
        measured, of_layer = _fvcore_flops(prepared, report)
    except LayerFailed as failed:
        return [Check(failed.path, "fvcore_execution", Phrase("runs"), failed.reason, ok=False)]
    stated = {row.path: int(FVCORE.flops(row) or 0) for row in report.rows if FVCORE.knows(row)}
    layers = [_check(path, FLOPS, flops, of_layer[path]) for path, flops in stated.items() if flops or of_layer[path]]
    if len(stated) < len(report.rows):
        return layers
    return [
        *layers,
        *[
            _check(TOTAL, f"fvcore_{operator}", ours.get(operator, 0), measured.get(operator, 0))
            for operator in sorted({*ours, *measured})
        ],
        _check(TOTAL, FLOPS, sum(stated.values()), sum(measured.values())),
    ]


def _fvcore_flops(prepared: PreparedRun, report: Report) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """FLOPs for one image by fvcore, by operator and by layer."""
    import torch

    from cnncalc.oracles.torch.module import module_of

    steps = prepared.program
    network = module_of(steps, report.rows)
    network.load(prepared.weights)
    inputs = tuple(torch.from_numpy(x[:1]) for x in prepared.inputs.values())
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # deprecations in torch that concern fvcore
        from fvcore.nn import FlopCountAnalysis

        analysis = FlopCountAnalysis(network, inputs)
        analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False).tracer_warnings("none")
        by_operator, by_module = analysis.by_operator(), analysis.by_module()
    names = {id(module): name for name, module in network.named_modules()}
    return (
        {operator: int(flops) for operator, flops in by_operator.items()},
        {step.path: int(by_module[names[id(network.layer(step.path))]]) for step in steps.steps},
    )


def _check(path: str, quantity: str, rule: int, measured: int) -> Check:
    return Check(path, quantity, rule, measured, rule == measured)
