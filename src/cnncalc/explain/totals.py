"""Explanations of a network's totals: which layers contribute most, and how they grow with the input."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from cnncalc.analysis.conventions.base import whole
from cnncalc.analysis.quantities import Quantity, table_quantities
from cnncalc.analysis.report import LayerReport, Report
from cnncalc.analysis.table import describe, legend, total_text, with_separators
from cnncalc.core.arithmetic import times
from cnncalc.core.errors import InputError
from cnncalc.core.tensor import Shape
from cnncalc.core.term import Term
from cnncalc.core.translation import Listed, _, running_text, said
from cnncalc.explain.layer import Equation, Explanation, Table, check_quantity, count_title, counted_by, explain
from cnncalc.transform.subgraph import subnetwork

MOST_SHOWN = 5
"""Layers that are listed for a total."""

OF_THE_LAST = ("output", "receptive_field")
"""What a group has from its last layer; everything else is a sum."""

Resize = Callable[[Shape], Report]


def explain_group(report: Report, rows: Sequence[LayerReport], quantities: Sequence[str] = ()) -> list[Explanation]:
    """Explanations of some layers together: sums over them, and what comes out of the last one.

    Errors:  unknown-quantity
    """
    wanted = [check_quantity(name) for name in quantities]
    last = [name for name in wanted if name in OF_THE_LAST] if wanted else OF_THE_LAST
    sums = [name for name in wanted if name not in OF_THE_LAST]
    return [
        *(_of_the_last(one, rows[-1]) for one in (explain(report, rows[-1].path, last) if last else ())),
        *(explain_totals(subnetwork(report, rows), None, sums) if sums or not wanted else ()),
    ]


def _of_the_last(one: Explanation, row: LayerReport) -> Explanation:
    """What the last layer of a group puts out, without the sum, whose input is not that of the group."""
    whose = said("That of its last layer, `{path}`.", path=row.path)
    return one._replace(equations=(), meaning=running_text((whose, one.meaning)))


def explain_totals(report: Report, resize: Resize | None = None, quantities: Sequence[str] = ()) -> list[Explanation]:
    """Explanations of a network's totals, by default of all; `resize` gives its report at another input size.

    Errors:  unknown-quantity
    """
    totals = {quantity.key: quantity for quantity in table_quantities()}
    wanted = [check_quantity(name) for name in quantities] or [*totals]
    found = []
    for name in wanted:
        if name not in totals:
            raise InputError.of(
                "unknown-quantity",
                "`{name}` is no total: it belongs to a layer",
                help="name a layer as well, or ask for {known}",
                name=name,
                known=Listed(totals, ","),
            )
        one = _explain_total(report, totals[name], resize)
        if quantities or one.result not in ("0", "0 B"):
            found.append(one)
    return found


def _explain_total(report: Report, quantity: Quantity, resize: Resize | None) -> Explanation:
    each = [(quantity.of_rows(report, (row,)), row) for row in report.rows]
    values = [(value, row) for value, row in each if value is not None]
    if len(values) < len(each):
        known = total_text(report, quantity, with_separators)
        title = count_title(report.convention) if quantity.key == "flops" else ""
        return Explanation(quantity.key, known, (), legend(report), title=title)
    total = whole(sum(value for value, _row in values))
    top = sorted((each for each in values if each[0]), key=lambda each: -each[0])[:MOST_SHOWN]
    rows = tuple(
        (row.path, describe(row), with_separators(value), f"{float(100 * value / total):.1f} %") for value, row in top
    )
    table = Table((_("Layer"), _("Type"), _("Value"), _("Share")), rows, (False, False, True, True)) if rows else None
    share = float(100 * sum(value for value, _row in top) / total) if total else 0
    makers = sum(1 for value, _row in values if value)
    meaning = (
        said(
            "All of it is in one layer."
            if makers == 1
            else "The sum over {makers} layers; the {n} largest make up {share:.1f} % of it."
            if makers > len(top)
            else "The sum over {makers} layers.",
            makers=makers,
            n=len(top),
            share=share,
        )
        if total
        else said("No layer has any.")
    )
    equation = closed_form(report, quantity, resize) if resize and quantity.grows and total else None
    if equation is not None:
        holds = said("The closed form holds at {size} and at whole multiples of it.", size=_size(report))
        meaning = running_text((meaning, holds))
    if quantity.key == "flops":
        meaning = running_text((counted_by(report.convention), meaning))
    unit = " B" if quantity.unit == "bytes" else ""
    title = count_title(report.convention) if quantity.key == "flops" else ""
    result = f"{with_separators(total)}{unit}"
    return Explanation(quantity.key, result, (equation,) if equation else (), meaning, table, title)


def _size(report: Report) -> str:
    return "×".join(map(str, next(iter(report.graph.inputs.values()))[1:]))


def closed_form(report: Report, quantity: Quantity, resize: Resize) -> Equation | None:
    """A total as a polynomial in the input's height and width; None where it is not of this form.

    Four sizes determine a·H·W + b·H + c·W + d, and a fifth has to agree.
    """
    shapes = list(report.graph.inputs.values())
    if len(shapes) != 1 or len(shapes[0]) != 3:
        return None
    channels, height, width = shapes[0]

    def total(down: int, across: int) -> int:
        other = resize((channels, height * down, width * across))
        return int(quantity.of_rows(other, other.rows) or 0)

    try:
        once, tall, wide, both, further = (total(*sizes) for sizes in ((1, 1), (2, 1), (1, 2), (2, 2), (3, 2)))
    except InputError:  # the network takes no other size
        return None
    area = both - tall - wide + once
    down, across = tall - once - area, wide - once - area
    constant = once - area - down - across
    if further != 6 * area + 3 * down + 2 * across + constant:
        return None
    h, w = Term.symbol("H", height), Term.symbol("W", width)
    parts = [
        (area, times(Fraction(abs(area), height * width), h * w)),
        (down, times(Fraction(abs(down), height), h)),
        (across, times(Fraction(abs(across), width), w)),
        (constant, abs(constant)),
    ]
    (sign, whole), *terms = [(part, term) for part, term in parts if part]
    whole = whole if sign > 0 else -whole
    for part, term in terms:
        whole = whole + term if part > 0 else whole - term
    symbols = {"macs": "MACs", "flops": str(report.convention.unit.plural)}
    return Equation(symbols.get(quantity.key, quantity.key), whole)
