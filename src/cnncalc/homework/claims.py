"""Claims about a network as a whole: which layer has the most, and which of two numbers is larger."""

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
from cnncalc.homework.questions import Amount, Answer, Verdict, askable, fits
from cnncalc.homework.reading.numbers import ALL, read_answer
from cnncalc.homework.reading.sheet import Given
from cnncalc.homework.reading.statements import LONGEST, NO, YES, Comparison, Extreme, Side, side, statement
from cnncalc.homework.targets import Asked, exact, one_of, spelled
from cnncalc.language.assembly import WHOLE


class ClaimMark(NamedTuple):
    """One claim, marked.

    `right` is what would have been: the paths of layers, or yes or no; `names` are the same as they are shown. `sums`
    are the numbers that decide. Claims with one `key` say the same in other words.
    """

    claim: str
    given: str
    right: tuple[str, ...]
    names: tuple[str, ...]
    verdict: Verdict
    sums: tuple[str, ...]
    key: str = ""
    name: str = ""  # what a class calls it, where its own words hold an answer


Measure = Callable[[Report, LayerReport], float]


def measures() -> dict[str, Measure]:
    """What a layer can have the most of: `most_params: fc6`. Memory is that of its output."""
    return {
        **{quantity.key: quantity.of for quantity in layer_quantities() if quantity.of},
        "receptive_field": lambda report, row: _field(row),
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


def _field(row: LayerReport) -> float:
    """What one unit sees along the axis where it sees most: without end where that is the whole input."""
    if row.reach is None:
        return -1
    return max(axis.size for axis in row.reach.axes) if row.reach.windowed else inf


def mark_claim(asked: Asked, given: Given, *, suggest: bool = True) -> ClaimMark:
    """One claim, marked.

    Errors:  bad-claim, unknown-layer-name, unknown-quantity, no-such-number
    """
    said = statement(given.ask)
    if isinstance(said, Extreme) and said.quantity in measures():
        return _extreme(asked, said, given, suggest)
    if not isinstance(said, Comparison):
        keys = [f"most_{quantity}" for quantity in measures()]
        key = given.ask[:LONGEST].strip().lower().replace(" ", "_")
        raise InputError.of(
            "bad-claim",
            "`{text}` is not a claim that can be marked",
            given.ask_span,
            help=did_you_mean(key, keys) or "write `most_params: fc6`, or `fc6.params > fc7.params`; there are {known}",
            text=_words(given),
            known=Listed(keys, ","),
        )
    return _compared(asked, said, given, suggest)


def answer_in(given: Given) -> Given | None:
    """A claim that is an answer: `conv1_1.params = 1,792`; None where it is none."""
    said = statement(given.ask)
    if said is None and given.text is not None and side(given.ask).quantity:
        return given
    if not isinstance(said, Comparison) or said.sign != "=" or said.denied or given.text is not None:
        return None
    ask, text = (said.right, said.left) if _is_written(said.left) else (said.left, said.right)
    layer, quantity = side(ask)
    quantity = quantity or said.quantity
    if not quantity or not _is_written(text):
        return None
    return Given(f"{layer}.{quantity}", text, given.ask_span, given.span)


def _words(given: Given) -> str:
    """A claim in its own words."""
    return " ".join(given.ask[:LONGEST].split())


def _extreme(asked: Asked, said: Extreme, given: Given, suggest: bool) -> ClaimMark:
    """Which layer has the most: every one of those that share the first place is right.

    The least is that of the layers that have any; those that have none are right as well.
    """
    report, measure = asked.network, measures()[said.quantity]
    values = {row.path: measure(report, row) for row in report.rows}
    known = [value for value in values.values() if value >= 0]
    some = [value for value in known if value] or known
    first = [path for path, value in values.items() if value == (min(some) if said.least else max(some))]
    right = [*first, *(path for path, value in values.items() if said.least and not value and path not in first)]
    names = tuple(asked.directory.short_name(path) for path in right)
    key = f"{'least' if said.least else 'most'}_{said.quantity}"
    mark = ClaimMark(_words(given), "", tuple(right), names, Verdict.WRONG, (), key, key)
    name = said.layer or (given.text or "").strip()
    if not name:
        return mark
    row = asked.directory.layer(name, given.ask_span if said.layer else given.span, suggest=suggest)
    if said.quantity == "receptive_field":
        asked.question(f"{row.path}.{said.quantity}", given.ask_span)  # there has to be one
    holds = row.path in right
    sums = tuple(_valued(asked, path, values[path]) for path in dict.fromkeys((first[0], row.path)))
    if said.layer and (given.text is not None or said.denied):  # said or asked of this very layer
        return _answered(mark._replace(key=f"{key} {row.path}", name=""), given, holds is not said.denied, sums)
    mark = mark._replace(given=name)
    return mark._replace(verdict=Verdict.RIGHT) if holds else mark._replace(sums=sums)


def _valued(asked: Asked, path: str, value: float) -> str:
    return f"{asked.directory.label(path)}: {_('all') if value == inf else f'{value:,}'}"


def _answered(mark: ClaimMark, given: Given, holds: bool, sums: tuple[str, ...]) -> ClaimMark:
    """The mark of what is true or not."""
    claimed = _claimed(given)
    is_right = claimed is not None and holds is claimed
    answer, name = ("yes", _("yes")) if holds else ("no", _("no"))
    return mark._replace(
        given=given.text or "",
        right=(answer,),
        names=(name,),
        verdict=Verdict.RIGHT if is_right else Verdict.WRONG,
        sums=() if is_right else sums,
    )


class _Number(NamedTuple):
    """A side of a comparison with its value: a number that is asked for, or one that is written out."""

    value: Amount
    key: str
    written: Answer | None = None


def _compared(asked: Asked, said: Comparison, given: Given, suggest: bool) -> ClaimMark:
    sides = side(said.left), side(said.right)
    quantity = said.quantity or sides[0].quantity or sides[1].quantity
    for one in sides:
        if not one.quantity and not _is_written(one.layer):
            _check_layer(asked, one.layer, given, suggest)
    if not quantity and not all(_is_written(one.layer) for one in sides):
        raise InputError.of(
            "bad-claim",
            "`{text}` does not say what is compared",
            given.ask_span,
            help="write `{left} {sign} {right}`, or another quantity: {known}",
            text=_words(given),
            left=_of_params(said.left),
            sign=said.sign,
            right=_of_params(said.right),
            known=Listed(askable(), ","),
        )
    left, right = (_number(asked, one, quantity, given, suggest) for one in sides)
    if left.written and right.written:
        raise InputError.of(
            "bad-claim",
            "`{text}` says nothing about the network",
            given.ask_span,
            help="compare with a number of the network: `total.params > 138M`",
            text=_words(given),
        )
    sign = said.sign
    shapes = [isinstance(one.value, tuple) for one in (left, right)]
    if len(set(shapes)) > 1 or (all(shapes) and sign not in "=≠"):
        raise InputError.of(
            "bad-claim",
            "a shape cannot be compared with `{sign}`",
            given.ask_span,
            help="compare numbers: `conv1.params > conv2.params`",
            sign=sign,
        )
    holds = _COMPARE[sign](left.value, right.value)
    if sign in "=≠" and (left.written or right.written):  # to the digits that are given
        number, other = (left, right) if left.written else (right, left)
        assert number.written is not None
        holds = fits(number.written, other.value) is (sign == "=")
    sums = (f"{spelled(left.value)} {_relation(left.value, right.value)} {spelled(right.value)}",)
    first, second = (right.key, left.key) if sign in _TURNED else (left.key, right.key)
    key = f"{'not ' if said.denied else ''}{first} {_TURNED.get(sign, sign)} {second}"
    mark = ClaimMark(_words(given), "", (), (), Verdict.WRONG, (), key)
    return _answered(mark, given, holds is not said.denied, sums)


def _number(asked: Asked, one: Side, quantity: str, given: Given, suggest: bool) -> _Number:
    """The value of a side.

    Errors:  unknown-layer-name, unknown-quantity, no-such-number
    """
    if not one.quantity and _is_written(one.layer):
        answer = read_answer(one.layer, quantity or "params", given.ask_span)
        return _Number(answer.value, one.layer, answer)
    question = asked.question(f"{one.layer}.{one.quantity or quantity}", given.ask_span, suggest=suggest)
    value = exact(question)
    if question.quantity == "size" and isinstance(value, tuple):
        value = one_of(value)  # the size of a square map is one number
    place = question.row.path if question.row else one.layer.lower()
    return _Number(value, f"{place}.{question.quantity}")


def _check_layer(asked: Asked, name: str, given: Given, suggest: bool) -> None:
    """A side that is a layer alone.

    Errors:  unknown-layer-name, unknown-quantity
    """
    if _is_layer(asked, name):
        return
    if _is_layer(asked, name.rpartition(".")[0]):
        asked.question(name, given.ask_span, suggest=suggest)  # what stands behind the dot is no quantity
    asked.directory.layer(name, given.ask_span, suggest=suggest)


def _is_layer(asked: Asked, name: str) -> bool:
    """Whether something is called so: a layer, a group of them, or the whole."""
    try:
        asked.directory.layer(name, suggest=False)
    except InputError:
        return name.lower() == WHOLE or bool(asked.directory.group(name))
    return True


def _of_params(text: str) -> str:
    """A side of a comparison with a quantity, where it is no number that is written out."""
    return text if _is_written(text) else f"{text}.params"


def _is_written(text: str) -> bool:
    """Whether a text is a number or a shape that is written out."""
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


def _claimed(given: Given) -> bool | None:
    """Whether it was said that a comparison holds; None where that was left open.

    Errors:  bad-claim
    """
    if given.text is None:
        return True
    text = given.text.strip().lower()
    if text in ("", "null", "~", "?"):
        return None
    if text in (*YES, *NO):
        return text in YES
    raise InputError.of(
        "bad-claim", "`{text}` is neither yes nor no", given.span, help="write `yes` or `no`", text=given.text[:80]
    )


def _relation(left: Amount, right: Amount) -> str:
    if left == right:
        return "="
    return "≠" if isinstance(left, tuple) or isinstance(right, tuple) else ">" if left > right else "<"
