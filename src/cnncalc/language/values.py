"""What written values amount to: exact numbers, lists as tuples, expressions worked out, names filled in."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from cnncalc.core.errors import Fault, InputError
from cnncalc.core.messages import Listed, Phrase
from cnncalc.core.suggest import did_you_mean
from cnncalc.language.document import Mapping, Scalar, Sequence, Value
from cnncalc.language.expression import evaluate, listed, whole

LARGEST_FLOAT = 1e18
"""Decimals beyond it are turned away before they cost anything: 1e999999 is a million digits."""


class Names(dict[str, Any]):
    """Names in scope of an expression; `in_channels` is worked out when it is asked for."""

    def __init__(self, values: dict[str, Any], in_channels: Callable[[], int]) -> None:
        super().__init__(values)
        self._in_channels = in_channels

    def __missing__(self, name: str) -> Any:
        if name == "in_channels":
            return self._in_channels()
        raise KeyError(name)

    def plus(self, **more: Any) -> Names:
        """These names and some more."""
        return Names({**self, **more}, self._in_channels)


def bare_names(values: dict[str, Any]) -> Names:
    """Names in scope of an expression that stands at no layer."""

    def nothing() -> int:
        raise Fault("nothing-to-read", "in_channels has no one input here", help="name the input with `from`")

    return Names(values, nothing)


def read(value: Value, names: Names, literals: frozenset[str] = frozenset(), quoted_is_text: bool = False) -> Any:
    """What a written value amounts to: numbers exact, lists as tuples, other text as an expression.

    Errors:  InputError with bad-expression, unknown-name, division-by-zero, number-too-large, wrong-option
    """
    if isinstance(value, Sequence):
        try:
            return listed([read(part, names, literals, quoted_is_text) for part in value.items])
        except Fault as fault:
            raise InputError([fault.at(value.span)]) from None
    if isinstance(value, Mapping):
        raise wrong_kind(value, "a value", "write a number, an expression, text or a list of these")
    plain = value.value
    if isinstance(plain, float):
        if not abs(plain) < LARGEST_FLOAT:
            raise InputError.of(
                "number-too-large", "{text} is too large", value.span, help="use smaller numbers", text=value.text
            )
        return whole(Fraction(repr(plain)))
    if not isinstance(plain, str) or plain in literals or (value.quoted and quoted_is_text):
        return plain
    try:
        return evaluate(plain, names)
    except Fault as fault:
        if fault.code == "unknown-name" and literals:
            fault.help = (
                fault.help if fault.help.startswith("did") else did_you_mean(plain, literals, "or write {words}")
            )
            fault.facts["words"] = Listed((f"`{word}`" for word in sorted(literals)), Phrase("or"))
        raise InputError([fault.at(value.span)]) from None


_HOLE = re.compile(r"\{([^{}]*)\}")


def filled(value: Scalar, names: Names) -> str:
    """A name with its `{expression}`s filled in."""

    def fill(match: re.Match[str]) -> str:
        result = evaluate(match[1], names)
        if isinstance(result, (int, str)):
            return str(result)
        raise Fault("not-whole", "a name needs whole numbers, not {value}", help="round it", value=result)

    try:
        return _HOLE.sub(fill, value.text)
    except Fault as fault:
        raise InputError([fault.at(value.span)]) from None


def is_computed(value: Value) -> bool:
    """Whether a name has an `{expression}` in it."""
    return isinstance(value, Scalar) and bool(_HOLE.search(value.text))


def wrong_kind(value: Value, expected: str, remedy: str, **facts: Any) -> InputError:
    """The objection to a value of another kind than is expected."""
    return InputError.of(
        "wrong-kind", "here should stand {expected}", value.span, help=remedy, expected=Phrase(expected), **facts
    )
