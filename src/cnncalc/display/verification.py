"""`cnncalc verify` on a screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from cnncalc.core.tensor import spell
from cnncalc.display.ledger import LedgerColumn, compose
from cnncalc.display.screen import PROSE_WIDTH
from cnncalc.display.units import size
from cnncalc.execution.checks import TOTAL, Check, Verification

FIELD, BOUND = "receptive_field", "receptive_field_bound"


def show(console: Console, title: str, verification: Verification, *, everything: bool) -> None:
    """Print rule, measurement and verdict: of the totals and of what disagrees, or of everything."""
    checks = verification.checks
    shown = [
        check for check in checks if (everything and _says_something(check)) or not check.ok or check.path == TOTAL
    ]
    console.print(Text(title, "bold"), end="\n\n")
    console.print(_table(shown, console.width))
    console.print(_summary(verification), width=min(console.width, PROSE_WIDTH))


def _says_something(check: Check) -> bool:
    return bool(check.rule or check.measured)


def _table(checks: Sequence[Check], width: int) -> Text:
    paths = [
        check.path if index == 0 or checks[index - 1].path != check.path else "" for index, check in enumerate(checks)
    ]
    columns = [
        LedgerColumn("Layer", paths, number=False),
        LedgerColumn("Quantity", [_quantity(check.quantity) for check in checks], number=False),
        LedgerColumn("Rule", [_written(check.rule) for check in checks]),
        LedgerColumn("Measured", [_written(check.measured) for check in checks]),
        LedgerColumn("", ["✓" if check.ok else "✗" for check in checks], number=False),
    ]
    return compose(columns, ["" if check.ok else "red" for check in checks], width)


def _quantity(name: str) -> str:
    """A quantity in words; a weight keeps its name."""
    return name if name.startswith("weights.") else name.replace("_", " ")


def _written(value: Any) -> str:
    """A count with separators, a shape with ×, a field as the rows it sees."""
    if value is None:
        return "none"
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.2g}"
    if isinstance(value, list):
        return " × ".join("nothing" if span is None else f"{span[0]}…{span[1]}" for span in value)
    return spell(value)


def _summary(verification: Verification) -> Text:
    checks = verification.checks
    wrong = len(verification.mismatches)
    layers = len({check.path for check in checks} - {TOTAL})
    verdict = f"{len(checks):,} checks over {layers:,} layer{'s' if layers != 1 else ''}, " + (
        f"{wrong:,} of them wrong" if wrong else "all right"
    )
    text = Text().append(f"{verdict}\n", "bold red" if wrong else "bold green")
    fields = Counter(
        check.quantity if check.rule != "all" else "all" for check in checks if check.quantity in (FIELD, BOUND)
    )
    if fields:
        text.append(
            f"Receptive fields: {fields[FIELD]} measured to the row, {fields[BOUND]} up to the borders (where the "
            f"rule is an upper bound), {fields['all']} over everything.\n"
        )
    text.append(
        f"Measured on one image in float32; at most {size(verification.peak_bytes)} of activations alive at once.",
        "dim",
    )
    return text
