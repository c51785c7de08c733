"""Explanations as Markdown and JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cnncalc.core.errors import Diagnostic
from cnncalc.core.notation import PLAIN, TEXT
from cnncalc.core.translation import said
from cnncalc.explain.layer import Equation, Explanation, Table
from cnncalc.exporters.escaping import json_text, markdown, prose, table_row
from cnncalc.exporters.json import warning_objects

Heading = Callable[[str], str]


def explanation_json(title: str, explanations: Sequence[Explanation], warnings: Sequence[Diagnostic]) -> str:
    """Every sum by its parts, with numbers as numbers."""
    quantities = [_object(one) for one in explanations]
    return json_text({"title": title, "quantities": quantities, "warnings": warning_objects(warnings)}) + "\n"


def _object(one: Explanation) -> dict[str, Any]:
    return {
        "quantity": one.quantity,
        "result": one.result,
        "lines": [_line(line) for line in one.equations],
        "meaning": one.meaning,
        **({"table": [_cells(one.table.head, row) for row in one.table.rows]} if one.table else {}),
    }


def _cells(head: Sequence[str], row: Sequence[str]) -> dict[str, str]:
    return {name: cell.replace("−", "-") for name, cell in zip(head, row, strict=True)}


def _line(line: Equation) -> dict[str, Any]:
    symbol, *sides = line.sides(PLAIN)
    return {
        "symbol": symbol,
        "formula": sides[0],
        "numbers": sides[1] if len(sides) > 2 else sides[-1],
        "value": line.value if isinstance(line.value, int) else str(line.value),
    }


def explanation_markdown(title: str, explanations: Sequence[Explanation], heading: Heading) -> str:
    """One section per quantity, with the sums as on the screen."""
    parts = [f"# {markdown(title)}\n"]
    for one in explanations:
        parts.append(f"## {prose(_section_title(one, heading))}\n")
        if one.equations:
            sums = "\n".join(" = ".join(line.sides(TEXT)) for line in one.equations)
            parts.append(f"```text\n{sums}\n```\n")
        if one.table is not None:
            parts.append(_markdown_table(one.table))
        parts.append(f"{prose(one.meaning)}\n")
    return "\n".join(parts)


def _section_title(one: Explanation, heading: Heading) -> str:
    return said("{quantity}: {result}", quantity=one.title or heading(one.quantity), result=one.result)


def _markdown_table(table: Table) -> str:
    rule = ["---:" if number else "---" for number in table.numbers]
    head, *rows = ([prose(cell) for cell in row] for row in (table.head, *table.rows))
    return "".join(map(table_row, (head, rule, *rows)))
