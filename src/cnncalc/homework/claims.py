"""Marking of claims about a network: which layer has the most, and which of two numbers is larger."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from math import inf
from typing import NamedTuple

from cnncalc.analysis.positions import of_kind
from cnncalc.analysis.quantities import QUANTITIES, layer_quantities
from cnncalc.analysis.report import LayerReport, Report
from cnncalc.core.errors import InputError
from cnncalc.core.kinds import Kind
from cnncalc.core.suggest import did_you_mean
from cnncalc.core.translation import Listed, _
from cnncalc.homework.questions import Amount, Answer, Verdict, askable_quantities, fits
from cnncalc.homework.reading.factors import read_factor
from cnncalc.homework.reading.nearest import nearest_form
from cnncalc.homework.reading.numbers import read_answer
from cnncalc.homework.reading.sheet import Entry
from cnncalc.homework.reading.statements import LAYERS, NO, YES, Extreme, Relation, Side, side, statement
from cnncalc.homework.reading.tokens import LONGEST
from cnncalc.homework.reading.words import is_whole
from cnncalc.homework.targets import Subject, check_known, expected_value, merge_axes, spell_amount
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
    if isinstance(claim, Relation):
        return _mark_relation(subject, claim, entry, suggest)
    keys = [f"most_{quantity}" for quantity in measures()]
    key = entry.ask[:LONGEST].strip().lower().replace(" ", "_")
    nearest = nearest_form(subject, entry.ask) if claim is None else ""
    raise InputError.of(
        "bad-claim",
        "`{text}` is not a claim that can be marked",
        entry.ask_span,
        help="write it as `{nearest}`"
        if nearest
        else did_you_mean(key, keys) or "write `most_params: fc6`, or `fc6.params > fc7.params`; there are {known}",
        text=_claim_text(entry),
        nearest=nearest,
        known=Listed(keys, ","),
    )


def claimed_answer(subject: Subject, entry: Entry) -> Entry | None:
    """The answer in a claim such as `conv1_1.params = 1,792`; None where it is none."""
    claim = statement(entry.ask)
    if claim is None and entry.text is not None and side(entry.ask).quantity:
        return entry
    if not isinstance(claim, Relation) or claim.sign != "=" or claim.denied or claim.factor or entry.text is not None:
        return None
    asked, written = (claim.right, claim.left) if claim.left.literal else (claim.left, claim.right)
    if not written.literal or not asked.quantity or asked.quantity == LAYERS or _layers_of_kind(subject, asked):
        return None
    return Entry(f"{asked.layer}.{asked.quantity}", written.literal, entry.ask_span, entry.span)


def answer_as_claim(subject: Subject, entry: Entry) -> Entry | None:
    """The claim in an answer about several layers, `pooling layers.params: 0`, or about their number; else None."""
    text = f"{entry.ask} = {entry.text}"
    claim = statement(text) if entry.text else None
    if not isinstance(claim, Relation) or not claim.right.literal:
        return None
    about_several = claim.left.quantity == LAYERS or (claim.quantity and _layers_of_kind(subject, claim.left))
    return Entry(text, None, entry.ask_span, entry.span) if about_several else None


def _layers_of_kind(subject: Subject, one: Side) -> list[LayerReport]:
    """The layers that a side names by their kind; none where it names one layer, a group or the whole network."""
    named = not one.layer or subject.is_whole(one.layer) or subject.is_layer(one.layer)
    return [] if named else of_kind(subject.network.rows, one.layer)


def _claim_text(entry: Entry) -> str:
    """A claim in its own words."""
    return " ".join(entry.ask[:LONGEST].split())


def _mark_extreme(subject: Subject, claim: Extreme, entry: Entry, suggest: bool) -> ClaimMark:
    """The mark of which layer has the most: every layer that shares the first place is right.

    The least is that of the layers that have any; those without are right as well.
    """
    report, measure = subject.network, measures()[claim.quantity]
    rows = of_kind(report.rows, claim.among) if claim.among else report.rows
    if not rows:
        subject.directory.layer(claim.among, entry.ask_span, suggest=suggest)
    check_known(report, report.rows if claim.layer else rows, claim.quantity, entry.ask_span)
    several = _layers_of_kind(subject, Side(claim.layer, claim.quantity))
    if several and _is_summed(claim.quantity):
        return _mark_extreme_kind(subject, claim, entry, several)
    values = {row.path: measure(report, row) for row in rows}
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
    values.setdefault(row.path, measure(report, row))
    sums = tuple(_layer_and_value(subject, path, values[path]) for path in dict.fromkeys((first[0], row.path)))
    if claim.layer and (entry.text is not None or claim.denied):  # a yes-or-no claim about this layer
        return _mark_yes_or_no(mark._replace(key=f"{key} {row.path}", name=""), entry, holds is not claim.denied, sums)
    mark = mark._replace(given=name)
    return mark._replace(verdict=Verdict.RIGHT) if holds else mark._replace(sums=sums)


def _mark_extreme_kind(subject: Subject, claim: Extreme, entry: Entry, rows: Sequence[LayerReport]) -> ClaimMark:
    """The mark of which kind of layers has the most in all: `the convolutions have the most MACs`."""
    measure = measures()[claim.quantity]
    amounts: Counter[Kind] = Counter()
    types: dict[Kind, str] = {}
    for row in subject.network.rows:
        types.setdefault(row.kind, row.type)
        amounts[row.kind] += 0 if row in rows else int(measure(subject.network, row))
    own = sum(int(measure(subject.network, row)) for row in rows)
    others = [amount for amount in amounts.values() if amount] or [0]
    holds = own <= min(others) if claim.least else own >= max(others)
    sums = (f"{claim.layer}: {own:,}", *(f"{types[kind]}: {amount:,}" for kind, amount in amounts.most_common(1)))
    key = f"{'not ' if claim.denied else ''}{'least' if claim.least else 'most'}_{claim.quantity} {claim.layer}"
    mark = ClaimMark(_claim_text(entry), "", (), (), Verdict.WRONG, (), key)
    return _mark_yes_or_no(mark, entry, holds is not claim.denied, sums)


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
    parts: str = ""  # what it consists of


def _mark_relation(subject: Subject, claim: Relation, entry: Entry, suggest: bool) -> ClaimMark:
    sides = (claim.left, claim.right)
    for one in sides:
        if one.layer and not (one.quantity and one.layer == WHOLE) and not _layers_of_kind(subject, one):
            _check_layer(subject, one.layer, entry, suggest)
    if not claim.quantity and not all(one.literal for one in sides):
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
    left, right = (_side_value(subject, one, claim, entry, suggest) for one in sides)
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
    if len(set(shapes)) > 1 or (all(shapes) and (sign not in "=≠" or claim.factor)):
        raise InputError.of(
            "bad-claim",
            "a shape cannot be compared with `{sign}`",
            entry.ask_span,
            help="compare numbers: `conv1.params > conv2.params`",
            sign=f"{sign} {claim.factor}".strip(),
        )
    holds, line = _comparison(left, claim, right)
    factor = f"{claim.factor} · " if claim.factor else ""
    turned = sign in _TURNED and not factor
    first, second = (right.key, left.key) if turned else (left.key, f"{factor}{right.key}")
    key = f"{'not ' if claim.denied else ''}{first} {_TURNED[sign] if turned else sign} {second}"
    mark = ClaimMark(_claim_text(entry), "", (), (), Verdict.WRONG, (), key)
    return _mark_yes_or_no(mark, entry, holds is not claim.denied, (line,))


def _comparison(left: _SideValue, claim: Relation, right: _SideValue) -> tuple[bool, str]:
    """Whether a relation holds, and the numbers that decide."""
    sign, a, b = claim.sign, left.value, right.value
    if claim.factor and not isinstance(a, tuple) and not isinstance(b, tuple):
        factor = read_factor(claim.factor)
        if not b:
            return False, f"{spell_amount(a)}; {spell_amount(b)}"
        ratio = Fraction(a) / Fraction(b)
        shown = (
            f"{float(100 * ratio):.4g} %" if factor.is_share or claim.right.layer == WHOLE else f"{float(ratio):.4g}"
        )
        holds = (
            factor.fits(ratio, claim.about) is (sign == "=") if sign in "=≠" else _COMPARE[sign](ratio, factor.value)
        )
        return holds, f"{spell_amount(a)} / {spell_amount(b)} = {shown}"
    holds = _COMPARE[sign](a, b)
    if sign in "=≠" and (left.written or right.written):  # to the given digits
        number, other = (left, right) if left.written else (right, left)
        assert number.written is not None
        holds = fits(number.written, other.value) is (sign == "=")
    parts = f": {left.parts}" if left.parts else ""
    return holds, f"{spell_amount(a)} {_sign_between(a, b)} {spell_amount(b)}{parts}"


def _side_value(subject: Subject, one: Side, claim: Relation, entry: Entry, suggest: bool) -> _SideValue:
    """The value of a side.

    Errors:  bad-claim, unknown-layer-name, unknown-quantity, no-such-number
    """
    if one.literal:
        quantity = "params" if claim.quantity in ("", LAYERS) else claim.quantity
        answer = read_answer(one.literal, quantity, entry.ask_span)
        return _SideValue(answer.value, one.literal, answer)
    if one.quantity == LAYERS:
        return _number_of_layers(subject, one, claim.inside, entry)
    rows = _layers_of_kind(subject, one)
    if rows and not _is_summed(one.quantity) and len(rows) > 1:
        raise InputError.of(
            "bad-claim",
            "`{text}` is about several layers, and each has its own {quantity}",
            entry.ask_span,
            help="name one of them: `{first}.{quantity}`",
            text=_claim_text(entry),
            quantity=one.quantity,
            first=subject.directory.short_name(rows[0].path),
        )
    if rows and _is_summed(one.quantity):
        check_known(subject.network, rows, one.quantity, entry.ask_span)
        value = QUANTITIES[one.quantity].of_rows(subject.network, rows) or 0
        return _SideValue(value, f"{rows[0].path}…{rows[-1].path}.{one.quantity}")
    name = rows[0].path if rows else one.layer
    question = subject.question(f"{name}.{one.quantity}", entry.ask_span, suggest=suggest)
    amount = expected_value(question)
    if question.quantity == "size" and isinstance(amount, tuple):
        amount = merge_axes(amount)  # the size of a square map is one number
    place = question.row.path if question.row else one.layer.lower()
    return _SideValue(amount, f"{place}.{question.quantity}")


def _is_summed(quantity: str) -> bool:
    """Whether several layers have a quantity together."""
    return quantity in QUANTITIES


def _number_of_layers(subject: Subject, one: Side, inside: str, entry: Entry) -> _SideValue:
    """The number of layers of a kind, or of those with weights, in the network or in a group."""
    rows = subject.network.rows
    if inside and not is_whole(inside) and not subject.is_whole(inside):
        rows = subject.directory.rows_of(inside, entry.ask_span)
    counted = [row for row in rows if row.has_kernel] if one.layer == WHOLE else of_kind(rows, one.layer)
    kinds = Counter(row.type for row in counted).most_common()
    parts = ", ".join(f"{count:,} {kind}" for kind, count in kinds) if len(kinds) > 1 else ""
    return _SideValue(len(counted), f"{inside.lower()}.{one.layer.lower()}.{LAYERS}", parts=parts)


def _check_layer(subject: Subject, name: str, entry: Entry, suggest: bool) -> None:
    """Check a side that names a layer.

    Errors:  unknown-layer-name, unknown-quantity
    """
    if subject.is_layer(name) or subject.is_whole(name):
        return
    if subject.is_layer(name.rpartition(".")[0]):
        subject.question(name, entry.ask_span, suggest=suggest)  # what follows the dot is no quantity
    subject.directory.layer(name, entry.ask_span, suggest=suggest)


def _with_quantity(one: Side) -> str:
    """A side of a comparison with a quantity, unless it is a literal."""
    return one.literal or f"{one.layer}.params"


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
