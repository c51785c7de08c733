"""Claims about a network as a whole: which layer has the most, and which of two numbers is larger."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import NamedTuple

from cnncalc.analysis.report import LayerReport, Report
from cnncalc.core.errors import InputError
from cnncalc.core.messages import _
from cnncalc.core.suggest import did_you_mean
from cnncalc.core.tensor import spell
from cnncalc.homework.numbers import read_answer
from cnncalc.homework.questions import Verdict
from cnncalc.homework.sheet import Given
from cnncalc.homework.targets import Asked, Value, exact


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


Measure = Callable[[Report, LayerReport], int]

MOST: dict[str, Measure] = {
    "most_params": lambda report, row: row.params,
    "most_macs": lambda report, row: row.macs,
    "most_flops": lambda report, row: report.flops(row),
    "most_memory": lambda report, row: report.activation_bytes(row),
}
"""What a layer can have the most of: `most_params: fc6`. Memory is that of its output."""

_SENTENCE = re.compile(
    r"(?P<name>.+?) has (?:the )?most (?:(?P<params>param(?:eter)?s)|(?P<macs>macs|multiply-adds)|(?P<flops>flops)"
    r"|(?P<memory>(?:activation )?memory|activations))",
    re.IGNORECASE,
)
_COMPARISON = re.compile(r"(?P<left>[^<>=≤≥]+)(?P<sign><=|>=|==|=|≤|≥|<|>)(?P<right>[^<>=≤≥]+)")
_IN_WORDS = (
    (r" (?:is )?(?:larger|greater|bigger|more) than ", " > "),
    (r" (?:is )?(?:smaller|less|fewer) than ", " < "),
)
_SIGNS: dict[str, Callable[[Value, Value], bool]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "≥": operator.ge,
    "<=": operator.le,
    "≤": operator.le,
    "=": operator.eq,
    "==": operator.eq,
}
_YES = ("true", "yes", "right", "y", "对", "是", "正确", "✓")
_NO = ("false", "no", "wrong", "n", "错", "否", "不是", "错误", "✗")
LONGEST_CLAIM = 400


def mark_claim(asked: Asked, given: Given, *, suggest: bool = True) -> ClaimMark:
    """One claim, marked.

    Errors:  bad-claim, unknown-layer-name, unknown-quantity, no-such-number
    """
    text = " ".join(given.ask[:LONGEST_CLAIM].split())
    sentence = _SENTENCE.fullmatch(text)
    if sentence is not None and given.text is None:
        (kind,) = (kind for kind in ("params", "macs", "flops", "memory") if sentence[kind])
        return _most(asked, f"most_{kind}", sentence["name"], given, suggest)
    key = text.lower().replace(" ", "_").replace("_activation_", "_").replace("the_most", "most")
    if key in MOST:
        return _most(asked, key, given.text or "", given, suggest)
    compared = text.rstrip("?").strip()
    for words, sign in _IN_WORDS:
        compared = re.sub(words, sign, compared, flags=re.IGNORECASE)
    found = _COMPARISON.fullmatch(re.sub("^is ", "", compared, flags=re.IGNORECASE))
    if found is None or not any(re.search(r"[^\W\d_]{2}", found[side]) for side in ("left", "right")):
        raise InputError.of(
            "bad-claim",
            "`{text}` is not a claim that can be marked",
            given.ask_span,
            help=did_you_mean(key, MOST) or "write `most_params: fc6`, or `fc6.params > fc7.params`; there are {known}",
            text=text,
            known=", ".join(MOST),
        )
    return _compared(asked, found, given, suggest)


def _most(asked: Asked, key: str, name: str, given: Given, suggest: bool) -> ClaimMark:
    """Which layer has the most: every one of those that share the first place is right."""
    report, measure = asked.network.report, MOST[key]
    most = max(measure(report, row) for row in report.rows)
    first = [row for row in report.rows if measure(report, row) == most]
    right = tuple(row.path for row in first)
    names = tuple(asked.directory.short(path) for path in right)
    if not name.strip():
        return ClaimMark(key, "", right, names, Verdict.WRONG, (), key)
    _, row = asked.directory.layer(name.strip(), given.span, suggest=suggest)
    if row in first:
        return ClaimMark(key, name.strip(), right, names, Verdict.RIGHT, (), key)
    sums = tuple(f"{asked.directory.called(one.path)}: {measure(report, one):,}" for one in (first[0], row))
    return ClaimMark(key, name.strip(), right, names, Verdict.WRONG, sums, key)


def _compared(asked: Asked, found: re.Match[str], given: Given, suggest: bool) -> ClaimMark:
    left, right = (_side(asked, found, side, given, suggest) for side in ("left", "right"))
    sign = found["sign"]
    if isinstance(left, tuple) is not isinstance(right, tuple) or (isinstance(left, tuple) and "=" not in sign[-1:]):
        raise InputError.of(
            "bad-claim",
            "a shape cannot be compared with `{sign}`",
            given.ask_span,
            help="compare numbers: `conv1.params > conv2.params`",
            sign=sign,
        )
    holds = _SIGNS[sign](left, right)
    claimed = _claimed(given)
    is_right = claimed is not None and holds is claimed
    sums = (f"{_spelled(left)} {_relation(left, right)} {_spelled(right)}",)
    verdict, text = Verdict.RIGHT if is_right else Verdict.WRONG, " ".join(given.ask.split())
    key = " ".join(part.strip() for part in found.group("left", "sign", "right")).lower()
    answer, name = ("yes", _("yes")) if holds else ("no", _("no"))
    return ClaimMark(text, given.text or "", (answer,), (name,), verdict, () if is_right else sums, key)


def _claimed(given: Given) -> bool | None:
    """Whether it was said that a comparison holds; None where that was left open.

    Errors:  bad-claim
    """
    if given.text is None:
        return True
    text = given.text.strip().lower()
    if text in ("", "null", "~", "?"):
        return None
    if text in (*_YES, *_NO):
        return text in _YES
    raise InputError.of(
        "bad-claim", "`{text}` is neither yes nor no", given.span, help="write `yes` or `no`", text=given.text[:80]
    )


def _side(asked: Asked, found: re.Match[str], side: str, given: Given, suggest: bool) -> Value:
    """A side of a comparison: a number that is asked for, or one that is written out."""
    text = found[side].strip()
    try:
        return exact(asked.question(text, given.ask_span, suggest=suggest))
    except InputError:
        try:
            written = read_answer(text, "params" if re.match(r"[-+~]?[.\d]", text) else "", given.ask_span).value
        except InputError:
            written = ()
        if written == ():
            raise
    return written


def _spelled(value: Value) -> str:
    if isinstance(value, tuple):
        return spell(value)
    return f"{int(value):,}" if value.denominator == 1 else str(value)


def _relation(left: Value, right: Value) -> str:
    if left == right:
        return "="
    return "≠" if isinstance(left, tuple) or isinstance(right, tuple) else ">" if left > right else "<"
