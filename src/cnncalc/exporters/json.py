"""Reports as JSON. The keys are a contract; `SCHEMA_VERSION` changes when one of them does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from cnncalc.analysis.compare import Comparison
from cnncalc.analysis.conventions.base import Number
from cnncalc.analysis.quantities import table_quantities
from cnncalc.analysis.reach import Reach
from cnncalc.analysis.report import LayerReport, Report
from cnncalc.core.errors import Diagnostic
from cnncalc.exporters.escaping import json_text

SCHEMA_VERSION = 1


def report_json(report: Report) -> str:
    """A report, with its layers flat and in execution order."""
    return _text(
        {
            "schema_version": SCHEMA_VERSION,
            "name": report.graph.name,
            **_inputs(report),
            "batch": report.batch,
            "dtype": report.dtype.value,
            "convention": report.convention.name,
            "totals": _totals(report),
            "layers": [layer(report, row) for row in report.rows],
            "warnings": warning_objects(report.warnings),
        }
    )


def layer_json(report: Report) -> str:
    """The one layer of a report."""
    return _text({**layer(report, report.rows[-1]), "warnings": warning_objects(report.warnings)})


def comparison_json(comparison: Comparison) -> str:
    """One object per network."""
    return _text(
        {
            "schema_version": SCHEMA_VERSION,
            "models": [
                {
                    "name": report.graph.name,
                    **_inputs(report),
                    "batch": report.batch,
                    "dtype": report.dtype.value,
                    "convention": report.convention.name,
                    **_totals(report),
                    "receptive_field": field(report.last_local_reach()),
                    "top1": report.graph.metadata.accuracy.top1,
                    "top5": report.graph.metadata.accuracy.top5,
                    "accuracy_source": report.graph.metadata.accuracy.source,
                    "warnings": warning_objects(report.warnings),
                }
                for report in comparison.reports
            ],
        }
    )


def layer(report: Report, row: LayerReport) -> dict[str, Any]:
    """One layer: counts per image, bytes for the whole batch."""
    return {
        "path": row.path,
        "type": row.type,
        "inputs": [x.shape for x in row.inputs],
        "output": row.output.shape,
        **({"regions": row.output.regions} if row.output.regions > 1 else {}),
        **{quantity.field: exact(quantity.of_rows(report, (row,))) for quantity in table_quantities()},
        "receptive_field": field(row.reach),
        "ops": {op.value: count for op, count in row.ops.items()},
        "options": row.layer.options(),
        **({"weights_from": row.weights_from} if row.weights_from else {}),
    }


def warning_objects(warnings: Sequence[Diagnostic]) -> list[dict[str, str]]:
    """Warnings with the paths of their layers, or the names of their inputs; sentences are in the reader's language."""
    return [
        {
            "code": one.code,
            "path": one.facts["path"],
            "message": one.sentence(),
            "help": one.remedy(),
        }
        for one in warnings
    ]


def _totals(report: Report) -> dict[str, Any]:
    """The sums over all layers."""
    totals = {**report.totals()._asdict(), "flops": exact(report.totals().flops)}
    if totals["status"] == "unavailable":
        totals["macs"] = None
    further = {one.field: one.of_network(report) for one in table_quantities() if one.field not in totals}
    return {"params": totals.pop("params"), "trainable_params": report.totals().params, **totals, **further}


def field(reach: Reach | None) -> dict[str, Any] | None:
    """A receptive field per axis, borders ignored; `global` where every unit sees the whole input."""
    if reach is None:
        return None
    return {
        "size": [axis.size for axis in reach.axes],
        "jump": [_number(axis.jump) for axis in reach.axes],
        "start": [axis.start for axis in reach.axes],
        "global": bool(reach.global_by),
        **({"global_by": reach.global_by} if reach.global_by else {}),
    }


def _inputs(report: Report) -> dict[str, Any]:
    """`input` is the first input, as the contract says; several inputs are listed by name as well."""
    shapes = list(report.graph.inputs.values())
    several = {"inputs": dict(report.graph.inputs)} if len(shapes) > 1 else {}
    return {"input": shapes[0], **several}


def exact(number: Number | None) -> int | str | None:
    """A count: as text where it is not whole, null where it is not known."""
    return None if number is None else number.numerator if number.denominator == 1 else str(number)


def _number(jump: Fraction) -> int | float | str:
    """An exact jump: halves and quarters as numbers, a third as `1/3`."""
    if jump.denominator == 1:
        return jump.numerator
    return float(jump) if Fraction(float(jump)) == jump else str(jump)


def _text(value: Any) -> str:
    return _INNERMOST_LIST.sub(lambda found: f"[{re.sub(_BREAK, ' ', found[1])}]", json_text(value, 2)) + "\n"


_BREAK = r"\n\s+"
_INNERMOST_LIST = re.compile(rf"\[{_BREAK}([^\[\]{{}}]*?){_BREAK}\]")  # shapes belong on one line
