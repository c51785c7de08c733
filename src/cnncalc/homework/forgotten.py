"""Questions that ask for a diagnosis: which option of a layer was forgotten for a wrong number to come out."""

from __future__ import annotations

import re
from collections.abc import Mapping

from cnncalc.analysis.infer import analyze
from cnncalc.core.errors import InputError, Span
from cnncalc.core.tensor import Shape
from cnncalc.core.translation import Listed, said
from cnncalc.homework.claims import ClaimMark
from cnncalc.homework.layer_text import spell_layer
from cnncalc.homework.questions import Amount, Question, Verdict, fits
from cnncalc.homework.reading.numbers import read_answer
from cnncalc.homework.reading.sheet import Entry
from cnncalc.homework.targets import Subject, expected_value, spell_amount
from cnncalc.language.single import single_layer

FORGETTABLE = {"bias": "false", "padding": "0", "stride": "1", "dilation": "1", "groups": "1"}
"""Options that people forget, each with the value that it then has."""

WORDS = {
    "bias": "biases 偏置 偏差",
    "padding": "pad 填充",
    "stride": "strides 步幅 步长",
    "dilation": "dilations 膨胀 空洞 膨胀率",
    "groups": "group 分组 组数",
}
"""Other words for these options."""

_MEANT = {word: name for name, words in WORDS.items() for word in (name, *words.split())}
_ASK = re.compile(r"(?P<ask>[^=]+?)\s*=\s*(?P<given>[^=]+?)\s+forgets\s*", re.IGNORECASE)


def ask_forgotten(ask: str, value: Amount) -> str:
    """The ask: `conv1_1.params=1664 forgets`."""
    written = "x".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return f"{ask}={written} forgets"


def given_value(ask: str) -> str:
    """The wrong value in such an ask, as it is shown: `1,664`."""
    found = _ASK.fullmatch(ask)
    assert found is not None
    return f"{int(found['given']):,}" if found["given"].isdecimal() else found["given"].replace("x", "×")


def asks_forgotten(ask: str) -> bool:
    """Whether an ask is of this kind."""
    return _ASK.fullmatch(ask) is not None


def values_without(question: Question) -> Mapping[str, Amount]:
    """The wrong values of a question about a layer with one input, by the option that was forgotten."""
    row = question.row
    if row is None or len(row.inputs) != 1 or row.inputs[0].channels_last:
        return {}
    right = expected_value(question)
    kind, *options = spell_layer(row).split()
    written = dict(option.split("=", 1) for option in options)
    found: dict[str, Amount] = {}
    for name, neutral in FORGETTABLE.items():
        if name not in written or written[name] == neutral:
            continue
        changed = [f"{other}={neutral if other == name else value}" for other, value in written.items()]
        value = _value(question, kind, changed, row.inputs[0].shape)
        if value is not None and value != right:
            found[name] = value
    return found


def _value(question: Question, kind: str, options: list[str], shape: Shape) -> Amount | None:
    """The value of a question about a layer with these options; None where there is no such layer."""
    try:
        graph = single_layer(kind, options, [shape])
        network = analyze(graph, dtype=question.network.dtype, convention=question.network.convention)
        return expected_value(question._replace(network=network, row=network.rows[-1]))
    except InputError:
        return None


def mark_forgotten(subject: Subject, entry: Entry) -> ClaimMark:
    """The mark of which option was forgotten.

    Errors:  bad-claim, and those of questions and answers
    """
    found = _ASK.fullmatch(entry.ask)
    assert found is not None
    question = subject.question(found["ask"], entry.ask_span)
    given = read_answer(found["given"], question.quantity, entry.ask_span)
    values = values_without(question)
    right = tuple(name for name, value in values.items() if fits(given, value))
    if not right:
        raise InputError.of(
            "bad-claim",
            "whichever option is forgotten, {quantity} of this layer is never {value}",
            entry.ask_span,
            help="write a value that comes out without one: {known}" if values else "ask about another layer",
            quantity=question.quantity,
            value=found["given"],
            known=Listed((f"{spell_amount(value)} ({name})" for name, value in values.items()), ","),
        )
    place = question.row.path if question.row else ""
    key = f"{place}.{question.quantity}={values[right[0]]}"
    mark = ClaimMark(" ".join(entry.ask.split()), "", right, right, Verdict.WRONG, (), key)
    text = (entry.text or "").strip()
    if not text or text in ("?", "null", "~"):
        return mark
    named = _option(text, entry.span)
    sums = tuple(said("without {option}: {value}", option=name, value=spell_amount(values[name])) for name in right)
    if named in right:
        return mark._replace(given=text, verdict=Verdict.RIGHT)
    return mark._replace(given=text, sums=sums)


def _option(text: str, span: Span | None) -> str:
    """The option that an answer names.

    Errors:  bad-answer
    """
    plain = re.sub(r"^the | (was |is )?(forgotten|missing|left out)\.?$|[.。`]|^(忘了|漏了)", "", text.lower()).strip()
    if plain not in _MEANT:
        raise InputError.of(
            "bad-answer",
            "`{text}` is no option that could be forgotten",
            span,
            help="write one of {known}",
            text=text[:80],
            known=Listed(FORGETTABLE, ","),
        )
    return _MEANT[plain]
