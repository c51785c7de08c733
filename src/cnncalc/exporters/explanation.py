"""Explanations as Markdown, LaTeX and JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from cnncalc.analysis.explain import Explanation, Line, Table
from cnncalc.core.messages import language, said
from cnncalc.core.term import LATEX, PLAIN, TEXT

Heading = Callable[[str], str]

LAST_LETTER = "\u017f"
"""Up to here LaTeX has letters without a further package."""


def explanation_json(title: str, explanations: Sequence[Explanation]) -> str:
    """Every sum in parts; numbers as numbers."""
    return (
        json.dumps({"title": title, "quantities": [_object(one) for one in explanations]}, ensure_ascii=False, indent=1)
        + "\n"
    )


def _object(one: Explanation) -> dict[str, Any]:
    return {
        "quantity": one.quantity,
        "result": one.result,
        "lines": [_line(line) for line in one.lines],
        "meaning": one.meaning,
        **({"table": [dict(zip(one.table.head, row, strict=True)) for row in one.table.rows]} if one.table else {}),
    }


def _line(line: Line) -> dict[str, Any]:
    symbol, *sides = line.sides(PLAIN)
    return {
        "symbol": symbol,
        "formula": sides[0],
        "numbers": sides[1] if len(sides) > 2 else sides[-1],
        "value": line.value if isinstance(line.value, int) else str(line.value),
    }


def explanation_markdown(title: str, explanations: Sequence[Explanation], heading: Heading) -> str:
    """Sections with the sums as they stand on the screen."""
    parts = [f"# {title}\n"]
    for one in explanations:
        parts.append(f"## {_titled(one, heading)}\n")
        if one.lines:
            sums = "\n".join(" = ".join(line.sides(TEXT)) for line in one.lines)
            parts.append(f"```text\n{sums}\n```\n")
        if one.table is not None:
            parts.append(_markdown_table(one.table))
        parts.append(f"{one.meaning}\n")
    return "\n".join(parts)


def _titled(one: Explanation, heading: Heading) -> str:
    return said("{quantity}: {result}", quantity=heading(one.quantity), result=one.result)


def _markdown_table(table: Table) -> str:
    rule = ["---:" if number else "---" for number in table.numbers]
    rows = [table.head, rule, *table.rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |\n" for row in rows)


def explanation_latex(title: str, explanations: Sequence[Explanation], heading: Heading) -> str:
    """A document of its own: every sum aligned at its equals signs."""
    body = "\n".join([f"\\section*{{{_escaped(title)}}}\n", *(_latex(one, heading) for one in explanations)])
    beyond = language() == "zh" or any(sign > LAST_LETTER for sign in body)  # a layer may have a Chinese name
    signs = "\\usepackage[UTF8]{ctex}\n" if beyond else "\\usepackage[utf8]{inputenc}\n"
    return (
        f"\\documentclass{{article}}\n{signs}\\usepackage{{amsmath,longtable}}\n\\allowdisplaybreaks\n"
        f"\\begin{{document}}\n{body}\\end{{document}}\n"
    )


def _latex(one: Explanation, heading: Heading) -> str:
    parts = [f"\\subsection*{{{_escaped(_titled(one, heading))}}}\n"]
    if one.lines:
        equations = " \\\\\n".join(_aligned(line) for line in one.lines)
        parts.append(f"\\begin{{align*}}\n{equations}\n\\end{{align*}}\n")
    if one.table is not None:
        layout = "".join("r" if number else "l" for number in one.table.numbers)
        rows = "".join(f"{' & '.join(map(_escaped, row))} \\\\\n" for row in one.table.rows)
        head = " & ".join(map(_escaped, one.table.head))
        body = f"{head} \\\\\n\\hline\n\\endhead\n{rows}"
        parts.append(f"\\begin{{longtable}}{{{layout}}}\n{body}\\end{{longtable}}\n")
    parts.append(f"{_escaped(one.meaning)}\n")
    return "\n".join(parts)


def _aligned(line: Line) -> str:
    symbol, *sides = line.sides(LATEX)
    return f"{symbol} &= " + " \\\\\n &= ".join(sides)


_SIGNS = {
    "\\": r"\textbackslash{}",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "×": r"$\times$",
    "·": r"$\cdot$",
    "−": "$-$",
    "–": "--",
    "…": r"\dots{}",
    "²": "$^2$",
    "≤": r"$\leq$",
    "∝": r"$\propto$",
    "⌊": r"$\lfloor$",
    "⌋": r"$\rfloor$",
    "⌈": r"$\lceil$",
    "⌉": r"$\rceil$",
    "→": r"$\to$",
}


def _escaped(text: str) -> str:
    """Running text, its special signs as LaTeX has them."""
    return "".join(_SIGNS.get(sign, sign) for sign in text)
