"""Conventions side by side as JSON, CSV, Markdown and LaTeX. The keys of the JSON are a contract."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cnncalc.analysis.conventions.base import Number
from cnncalc.analysis.quantities import NOT_KNOWN
from cnncalc.analysis.reconcile import Difference, Side, equation_parts
from cnncalc.analysis.report import Report
from cnncalc.analysis.table import with_separators
from cnncalc.core.tensor import spell
from cnncalc.core.translation import _
from cnncalc.explain.layer import Table
from cnncalc.exporters.escaping import csv_text, json_text, markdown, table_row
from cnncalc.exporters.json import SCHEMA_VERSION, exact
from cnncalc.exporters.latex_tables import page


def reconciliation_json(
    report: Report, sides: Sequence[Side], differences: Sequence[Difference], claim: dict[str, Any] | None = None
) -> str:
    """Totals in the tools' units; differences in MACs, or in values."""
    shapes = list(report.graph.inputs.values())
    document = {
        "schema_version": SCHEMA_VERSION,
        "name": report.graph.name,
        "input": list(shapes[0]),
        **({"inputs": {name: list(shape) for name, shape in report.graph.inputs.items()}} if len(shapes) > 1 else {}),
        "conventions": [
            {
                "name": side.convention.name,
                "tool": side.convention.tool,
                "version": side.convention.version,
                "unit": side.convention.unit.value,
                "total": exact(side.total),
                "params": side.params,
                "complete": side.total is not None,
                "unknown": list(side.unknown),
            }
            for side in sides
        ],
        "differences": [
            {
                "from": one.start.name,
                "to": one.end.name,
                "terms": [
                    {
                        "layers": term.layers,
                        "basis": str(term.basis.symbol),
                        "rate": str(term.rate),
                        "count": term.amount,
                        "product": exact(term.product),
                    }
                    for term in one.summands
                ],
                "sum": exact(one.sum),
            }
            for one in differences
        ],
        **({"claim": claim} if claim is not None else {}),
    }
    return json_text(document, 2) + "\n"


def reconciliation_csv(sides: Sequence[Side], differences: Sequence[Difference]) -> str:
    """One row per convention, with its difference."""
    head = ("convention", "tool", "version", "unit", "total", "params", "against", "difference")
    rows: list[Sequence[object]] = [head]
    against = {one.end.name: one for one in differences}
    for side in sides:
        facts, one = side.convention, against.get(side.convention.name)
        start, apart = ("", None) if one is None else (one.start.name, exact(one.sum))
        own = (facts.name, facts.tool, facts.version, facts.unit.value, exact(side.total), side.params)
        rows.append(tuple("" if cell is None else cell for cell in (*own, start, apart)))
    return csv_text(rows)


def _head() -> list[str]:
    return [_("Convention"), _("Tool"), _("Counts"), _("Total"), _("Params")]


def _cells(side: Side) -> list[str]:
    facts = side.convention
    tool = " ".join(part for part in (facts.tool, facts.version) if part != "–")
    total = _number(side.total) if side.total is not None else NOT_KNOWN
    return [facts.name, tool, f"{facts.counted}", total, "–" if side.params is None else f"{side.params:,}"]


def _number(number: Number) -> str:
    return with_separators(number)


def _title(report: Report) -> str:
    inputs = ", ".join(map(spell, report.graph.inputs.values()))
    return f"{report.graph.metadata.title or report.graph.name} · {inputs}"


def reconciliation_markdown(
    report: Report, sides: Sequence[Side], differences: Sequence[Difference], sentences: Sequence[str]
) -> str:
    """A table of the totals, and every difference as a sum."""
    rows = [[markdown(cell) for cell in _cells(side)] for side in sides]
    rule = ["---", "---", "---", "---:", "---:"]
    table = table_row(_head()) + table_row(rule) + "".join(map(table_row, rows))
    sums = [f"- {markdown(' '.join(equation_parts(one)))}\n" for one in differences if one.summands]
    prose = markdown(" ".join(sentences))
    return f"**{markdown(_title(report))}**\n\n{table}\n{''.join(sums)}\n{prose}\n"


def reconciliation_latex(
    report: Report, sides: Sequence[Side], differences: Sequence[Difference], sentences: Sequence[str]
) -> str:
    """A document with the table of the totals, and every difference as a sum."""
    rows = tuple(tuple(_cells(side)) for side in sides)
    table = Table(tuple(_head()), rows, (False, False, False, True, True))
    sums = [" ".join(equation_parts(one)) for one in differences if one.summands]
    return page(_title(report), [table], [*sums, " ".join(sentences)])
