"""Marking of claims about a network: which layer has the most, and which of two numbers is larger."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from math import inf
from typing import NamedTuple

from cnncalc.analysis.quantities import layer_quantities
from cnncalc.analysis.report import LayerReport, Report
from cnncalc.core.errors import InputError
from cnncalc.core.suggest import did_you_mean
from cnncalc.core.translation import Listed, _
from cnncalc.homework.questions import Amount, Answer, Verdict, askable_quantities, fits
from cnncalc.homework.reading.numbers import ALL, read_answer
from cnncalc.homework.reading.sheet import Entry
from cnncalc.homework.reading.statements import LONGEST, NO, YES, Extreme, Relation, Side, side, statement
from cnncalc.homework.targets import Subject, expected_value, merge_axes, spell_amount
from cnncalc.language.naming import WHOLE


class ClaimMark(NamedTuple):
    """One claim, marked.

    `right` is the right answer: the paths of layers, or yes or no; `names` are the same as they are shown. `sums` are
    the numbers that decide. Claims with the same `key` say the same in other words.
    """

    claim: str
    given: str
    right: tuple[str, ...]
    names: tuple[str, ...]
    verdict: Verdict
    sums: tuple[str, ...]
    key: str = ""
    name: str = ""  # its name in the marks of a class, if its own words contain an answer
    diagnosis: tuple[str, ...] = ()  # what to tell who made it


Measure = Callable[[Report, LayerReport], float]


def measures() -> dict[str, Measure]:
    """Quantities that a layer can have the most of, as in `most_params: fc6`; memory is that of the output."""
    return {
        **{quantity.key: quantity.of for quantity in layer_quantities() if quantity.of},
        "receptive_field": lambda report, row: _field_size(row),
        "channels": lambda report, row: row.output.channels,
    }


_COMPARE: dict[str, Callable[[Amount, Amount], bool]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
    "=": operator.eq,
    "≠": operator.ne,
}
_TURNED = {"<": ">", "<=": ">="}


def _field_size(row: LayerReport) -> float:
    """The largest extent of a receptive field; infinite for the whole input, and -1 where it is not tracked."""
    if row.reach is None:
        return -1
    return max(axis.size for axis in row.reach.axes) if row.reach.windowed else inf


def mark_claim(subject: Subject, entry: Entry, *, suggest: bool = True) -> ClaimMark:
    """One claim, marked.

    Errors:  bad-claim, unknown-layer-name, unknown-quantity, no-such-number
    """
    claim = statement(entry.ask)
    if isinstance(claim, Extreme) and claim.quantity in measures():
        return _mark_extreme(subject, claim, entry, suggest)
    if not isinstance(claim, Relation):
        keys = [f"most_{quantity}" for quantity in measures()]
        key = entry.ask[:LONGEST].strip().lower().replace(" ", "_")
        raise InputError.of(
            "bad-claim",
            "`{text}` is not a claim that can be marked",
            entry.ask_span,
            help=did_you_mean(key, keys) or "write `most_params: fc6`, or `fc6.params > fc7.params`; there are {known}",
            text=_claim_text(entry),
            known=Listed(keys, ","),
        )
    return _mark_relation(subject, claim, entry, suggest)


def claimed_answer(entry: Entry) -> Entry | None:
    """The answer in a claim such as `conv1_1.params = 1,792`; None where it is none."""
    claim = statement(entry.ask)
    if claim is None and entry.text is not None and side(entry.ask).quantity:
        return entry
    if not isinstance(claim, Relation) or claim.sign != "=" or claim.denied or entry.text is not None:
        return None
    ask, text = (claim.right, claim.left) if _is_literal(claim.left) else (claim.left, claim.right)
    layer, quantity = side(ask)
    quantity = quantity or claim.quantity
    if not quantity or not _is_literal(text):
        return None
    return Entry(f"{layer}.{quantity}", text, entry.ask_span, entry.span)


def _claim_text(entry: Entry) -> str:
    """A claim in its own words."""
    return " ".join(entry.ask[:LONGEST].split())


def _mark_extreme(subject: Subject, claim: Extreme, entry: Entry, suggest: bool) -> ClaimMark:
    """The mark of which layer has the most: every layer that shares the first place is right.

    The least is that of the layers that have any; those without are right as well.
    """
    report, measure = subject.network, measures()[claim.quantity]
    values = {row.path: measure(report, row) for row in report.rows}
    known = [value for value in values.values() if value >= 0]
    some = [value for value in known if value] or known
    first = [path for path, value in values.items() if value == (min(some) if claim.least else max(some))]
    right = [*first, *(path for path, value in values.items() if claim.least and not value and path not in first)]
    names = tuple(subject.directory.short_name(path) for path in right)
    key = f"{'least' if claim.least else 'most'}_{claim.quantity}"
    mark = ClaimMark(_claim_text(entry), "", tuple(right), names, Verdict.WRONG, (), key, key)
    name = claim.layer or (entry.text or "").strip()
    if not name:
        return mark
    row = subject.directory.layer(name, entry.ask_span if claim.layer else entry.span, suggest=suggest)
    if claim.quantity == "receptive_field":
        subject.question(f"{row.path}.{claim.quantity}", entry.ask_span)  # an error if it has none
    holds = row.path in right
    sums = tuple(_layer_and_value(subject, path, values[path]) for path in dict.fromkeys((first[0], row.path)))
    if claim.layer and (entry.text is not None or claim.denied):  # a yes-or-no claim about this layer
        return _mark_yes_or_no(mark._replace(key=f"{key} {row.path}", name=""), entry, holds is not claim.denied, sums)
    mark = mark._replace(given=name)
    return mark._replace(verdict=Verdict.RIGHT) if holds else mark._replace(sums=sums)


def _layer_and_value(subject: Subject, path: str, value: float) -> str:
    return f"{subject.directory.label(path)}: {_('all') if value == inf else f'{value:,}'}"


def _mark_yes_or_no(mark: ClaimMark, entry: Entry, holds: bool, sums: tuple[str, ...]) -> ClaimMark:
    """The mark of a claim that is true or false."""
    claimed = _claimed_truth(entry)
    is_right = claimed is not None and holds is claimed
    answer, name = ("yes", _("yes")) if holds else ("no", _("no"))
    return mark._replace(
        given=entry.text or "",
        right=(answer,),
        names=(name,),
        verdict=Verdict.RIGHT if is_right else Verdict.WRONG,
        sums=() if is_right else sums,
    )


class _SideValue(NamedTuple):
    """A side of a comparison with its value: that of a question, or a literal."""

    value: Amount
    key: str
    written: Answer | None = None


def _mark_relation(subject: Subject, claim: Relation, entry: Entry, suggest: bool) -> ClaimMark:
    sides = side(claim.left), side(claim.right)
    quantity = claim.quantity or sides[0].quantity or sides[1].quantity
    for one in sides:
        if not one.quantity and not _is_literal(one.layer):
            _check_layer(subject, one.layer, entry, suggest)
    if not quantity and not all(_is_literal(one.layer) for one in sides):
        raise InputError.of(
            "bad-claim",
            "`{text}` does not say what is compared",
            entry.ask_span,
            help="write `{left} {sign} {right}`, or another quantity: {known}",
            text=_claim_text(entry),
            left=_with_quantity(claim.left),
            sign=claim.sign,
            right=_with_quantity(claim.right),
            known=Listed(askable_quantities(), ","),
        )
    left, right = (_side_value(subject, one, quantity, entry, suggest) for one in sides)
    if left.written and right.written:
        raise InputError.of(
            "bad-claim",
            "`{text}` says nothing about the network",
            entry.ask_span,
            help="compare with a number of the network: `total.params > 138M`",
            text=_claim_text(entry),
        )
    sign = claim.sign
    shapes = [isinstance(one.value, tuple) for one in (left, right)]
    if len(set(shapes)) > 1 or (all(shapes) and sign not in "=≠"):
        raise InputError.of(
            "bad-claim",
            "a shape cannot be compared with `{sign}`",
            entry.ask_span,
            help="compare numbers: `conv1.params > conv2.params`",
            sign=sign,
        )
    holds = _COMPARE[sign](left.value, right.value)
    if sign in "=≠" and (left.written or right.written):  # to the given digits
        number, other = (left, right) if left.written else (right, left)
        assert number.written is not None
        holds = fits(number.written, other.value) is (sign == "=")
    sums = (f"{spell_amount(left.value)} {_sign_between(left.value, right.value)} {spell_amount(right.value)}",)
    first, second = (right.key, left.key) if sign in _TURNED else (left.key, right.key)
    key = f"{'not ' if claim.denied else ''}{first} {_TURNED.get(sign, sign)} {second}"
    mark = ClaimMark(_claim_text(entry), "", (), (), Verdict.WRONG, (), key)
    return _mark_yes_or_no(mark, entry, holds is not claim.denied, sums)


def _side_value(subject: Subject, one: Side, quantity: str, entry: Entry, suggest: bool) -> _SideValue:
    """The value of a side.

    Errors:  unknown-layer-name, unknown-quantity, no-such-number
    """
    if not one.quantity and _is_literal(one.layer):
        answer = read_answer(one.layer, quantity or "params", entry.ask_span)
        return _SideValue(answer.value, one.layer, answer)
    question = subject.question(f"{one.layer}.{one.quantity or quantity}", entry.ask_span, suggest=suggest)
    value = expected_value(question)
    if question.quantity == "size" and isinstance(value, tuple):
        value = merge_axes(value)  # the size of a square map is one number
    place = question.row.path if question.row else one.layer.lower()
    return _SideValue(value, f"{place}.{question.quantity}")


def _check_layer(subject: Subject, name: str, entry: Entry, suggest: bool) -> None:
    """Check a side that is a layer alone.

    Errors:  unknown-layer-name, unknown-quantity
    """
    if _is_layer(subject, name):
        return
    if _is_layer(subject, name.rpartition(".")[0]):
        subject.question(name, entry.ask_span, suggest=suggest)  # what follows the dot is no quantity
    subject.directory.layer(name, entry.ask_span, suggest=suggest)


def _is_layer(subject: Subject, name: str) -> bool:
    """Whether a name is that of a layer, a group of layers, or the whole network."""
    try:
        subject.directory.layer(name, suggest=False)
    except InputError:
        return name.lower() == WHOLE or bool(subject.directory.group(name))
    return True


def _with_quantity(text: str) -> str:
    """A side of a comparison with a quantity, unless it is a literal."""
    return text if _is_literal(text) else f"{text}.params"


def _is_literal(text: str) -> bool:
    """Whether a text is a literal: a number or a shape."""
    if text.lower() in ALL:
        return True
    if not re.match(r"[-−+~≈(\[]*[.\d]", text):
        return False
    for quantity in ("params", "memory", "flops", "macs", "receptive_field", "output"):
        try:
            return read_answer(text, quantity).text != ""
        except InputError:
            continue
    return False


def _claimed_truth(entry: Entry) -> bool | None:
    """Whether the claim was said to hold; None where that was left open.

    Errors:  bad-claim
    """
    if entry.text is None:
        return True
    text = entry.text.strip().lower()
    if text in ("", "null", "~", "?"):
        return None
    if text in (*YES, *NO):
        return text in YES
    raise InputError.of(
        "bad-claim", "`{text}` is neither yes nor no", entry.span, help="write `yes` or `no`", text=entry.text[:80]
    )


def _sign_between(left: Amount, right: Amount) -> str:
    if left == right:
        return "="
    return "≠" if isinstance(left, tuple) or isinstance(right, tuple) else ">" if left > right else "<"
