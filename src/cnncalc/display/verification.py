"""`cnncalc verify` on a screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from cnncalc.analysis.table import some
from cnncalc.core.tensor import spell
from cnncalc.core.translation import Phrase, _, said
from cnncalc.display.ledger import LedgerColumn, compose
from cnncalc.display.screen import PROSE_WIDTH, one_line
from cnncalc.display.units import size
from cnncalc.execution.verify.verification import LEFT_OUT, TOTAL, Check, Verification

FIELD, BOUND = Phrase("receptive_field"), Phrase("receptive_field_bound")

QUANTITIES = (
    FIELD,
    BOUND,
    LEFT_OUT,
    Phrase("output"),
    Phrase("regions"),
    Phrase("params"),
    Phrase("buffers"),
    Phrase("macs"),
    Phrase("activation_elements"),
    Phrase("activation_bytes"),
    Phrase("peak_activation_bytes"),
    Phrase("execution"),
    Phrase("torch_execution"),
    Phrase("torch_output"),
    Phrase("torch_params"),
    Phrase("torch_values"),
    Phrase("fvcore_execution"),
    Phrase("fvcore_flops"),
)
"""Checked quantities, besides weights and kinds of operations; translations need no underscores."""

MARKS = {True: "✓", False: "✗", None: "–"}
STYLES = {True: "", False: "red", None: "dim"}


def show(console: Console, title: str, verification: Verification, *, everything: bool) -> None:
    """Print rule, measurement and verdict of the totals and of all mismatches, or of every check."""
    checks = verification.checks
    shown = [
        check for check in checks if (everything and _says_something(check)) or check.ok is False or check.path == TOTAL
    ]
    console.print(one_line(title, "bold"), end="\n\n")
    console.print(_table(shown, console.width))
    console.print(_summary(verification), width=min(console.width, PROSE_WIDTH))


def _says_something(check: Check) -> bool:
    return bool(check.rule or check.measured)


def _table(checks: Sequence[Check], width: int) -> Text:
    paths = [
        f"{check.path}" if index == 0 or checks[index - 1].path != check.path else ""
        for index, check in enumerate(checks)
    ]
    columns = [
        LedgerColumn(_("Layer"), paths, number=False),
        LedgerColumn(_("Quantity"), [_quantity(check.quantity) for check in checks], number=False),
        LedgerColumn(_("Rule"), [_value_text(check.rule) for check in checks]),
        LedgerColumn(_("Measured"), [_value_text(check.measured) for check in checks]),
        LedgerColumn("", [MARKS[check.ok] for check in checks], number=False),
    ]
    return compose(columns, [STYLES[check.ok] for check in checks], width)


def _quantity(name: str) -> str:
    """A quantity in words; a weight keeps its name."""
    return name if name.startswith("weights.") else _(name).replace("_", " ")


def _value_text(value: Any) -> str:
    """A count with separators, a shape with ×, a receptive field as a range of rows."""
    if value is None:
        return _("none")
    if isinstance(value, str):
        return f"{value}"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.2g}"
    if isinstance(value, list):
        return " × ".join(map(_span_text, value))
    return spell(value)


def _span_text(span: Any) -> str:
    """The range of rows along one axis, or a text in its place."""
    if span is None:
        return _("nothing")
    return f"{span}" if isinstance(span, str) else f"{span[0]}…{span[1]}"


def _summary(verification: Verification) -> Text:
    checks = [check for check in verification.checks if check.ok is not None]
    wrong = len(verification.mismatches)
    unmeasured = [check.path for check in verification.unmeasured if check.quantity != LEFT_OUT]
    left_out = [check.path for check in verification.unmeasured if check.quantity == LEFT_OUT]
    layers = len({check.path for check in checks} - {TOTAL})
    if wrong:
        verdict = (
            _("{checks:,} checks over 1 layer, {wrong:,} of them wrong")
            if layers == 1
            else _("{checks:,} checks over {layers:,} layers, {wrong:,} of them wrong")
        )
    else:
        verdict = (
            _("{checks:,} checks over 1 layer, all right")
            if layers == 1
            else _("{checks:,} checks over {layers:,} layers, all right")
        )
    verdict = verdict.format(checks=len(checks), layers=layers, wrong=wrong)
    text = Text().append(f"{verdict}\n", "bold red" if wrong else "bold green")
    fields = Counter(
        check.quantity if check.rule != "all" else "all" for check in checks if check.quantity in (FIELD, BOUND)
    )
    if fields:
        text.append(
            said(
                "Receptive fields: {exact} measured to the row, {bounded} up to the borders (where the rule is an "
                "upper bound), {everything} over everything.",
                exact=fields[FIELD],
                bounded=fields[BOUND],
                everything=fields["all"],
            )
            + "\n"
        )
    if left_out:
        text.append(
            said(
                "Left out, because opaque: {layers}. Their numbers are taken as written; totals are those of the "
                "other layers, and what follows ran on ones in their place.",
                layers=some(left_out),
            )
            + "\n"
        )
    if unmeasured:
        text.append(
            said(
                "Not measured: the receptive field of {layers}. "
                "None of the changes to the input that were tried shows where it ends.",
                layers=some(unmeasured),
            )
            + "\n"
        )
    if verification.perturbed_extents != verification.frame:
        text.append(
            said(
                "Of the {frame} positions of the input, the {watched} in the middle were perturbed.",
                frame=spell(verification.frame),
                watched=spell(verification.perturbed_extents),
            )
            + "\n"
        )
    text.append(
        said(
            "Measured on one image in float32; at most {size} of activations alive at once.",
            size=size(verification.peak_bytes),
        ),
        "dim",
    )
    return text
