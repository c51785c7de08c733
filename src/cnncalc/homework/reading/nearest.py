"""What can be read and comes nearest to a sentence that cannot: its layers, quantity and numbers, with signs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from cnncalc.homework.reading.factors import read_factor
from cnncalc.homework.reading.grammar import Token
from cnncalc.homework.reading.rules import GRAMMARS
from cnncalc.homework.reading.statements import statement
from cnncalc.homework.reading.tokens import normalise, tokens_of
from cnncalc.homework.targets import Subject
from cnncalc.language.naming import WHOLE


def nearest_form(subject: Subject, text: str) -> str:
    """The nearest form with the sentence's own layers, quantity and numbers; empty where these make no claim."""
    tokens = tokens_of(normalise(text), frozenset().union(*(grammar.words for grammar in GRAMMARS)))
    quantity = _meaning(tokens, "QUANTITY")
    places = [f"{name}.{quantity}" for name in _places(subject, tokens)]
    most, number, factor = _meaning(tokens, "MOST"), _meaning(tokens, "NUMBER"), _factor(tokens)
    sign = _meaning(tokens, "BEYOND") or _meaning(tokens, "SIGN") or _meaning(tokens, "MORE")
    kind = next((token.text for token in tokens if "KIND" in token.senses), "")
    if not quantity and number and kind:
        return f"{number} {kind}" if kind.isascii() else f"{number} 个{kind}"
    if not quantity or not places:
        return ""
    if most:
        form = f"{most}_{quantity}: {places[0].rpartition('.')[0]}"
    elif factor:
        form = f"{places[0]} = {factor} * {[*places, f'{WHOLE}.{quantity}'][1]}"
    elif len(places) > 1:
        form = f"{places[0]} {sign or '='} {places[1]}"
    elif number:
        form = f"{places[0]} {sign or '='} {number}"
    else:
        return ""
    return form if statement(form) is not None else ""


def _meaning(tokens: Sequence[Token], sense: str) -> str:
    return next((token.senses[sense] for token in tokens if token.senses.get(sense)), "")


def _places(subject: Subject, tokens: Sequence[Token]) -> list[str]:
    """The layers that a sentence names, each once."""
    named = (token.text for token in tokens if not token.senses.keys().isdisjoint(("WORD", "POSITION", "KIND")))
    return list(dict.fromkeys(WHOLE if subject.is_whole(name) else name for name in named if _is_place(subject, name)))


def _is_place(subject: Subject, name: str) -> bool:
    return subject.is_layer(name) or subject.is_whole(name)


def _factor(tokens: Sequence[Token]) -> str:
    """The multiple or the share that a sentence speaks of, as it is written in a comparison."""
    said = _meaning(tokens, "FACTOR")
    for before, times in pairwise(tokens):
        if not said and times.text in ("倍", "times"):
            said = before.senses.get("NUMBER") or before.senses.get("COUNT") or ""
    if not said:
        return ""
    factor = read_factor(said)
    return (
        f"{float(factor.value * 100):g}%"
        if factor.is_share
        else str(factor.value)
        if factor.step == 0
        else f"{float(factor.value):g}"
    )
