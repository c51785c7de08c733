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


FLOWING = ("in_channels", "in_size", "input_size")
"""Channels and spatial extents of what flows into a layer or block, and extents of the network's only input."""


class Names(dict[str, Any]):
    """Names in scope of an expression; what flows in is worked out when it is asked for."""

    def __init__(self, values: dict[str, Any], flowing: Callable[[str], Any]) -> None:
        super().__init__(values)
        self._flowing = flowing

    def __missing__(self, name: str) -> Any:
        if name in FLOWING:
            return self._flowing(name)
        raise KeyError(name)

    def plus(self, **more: Any) -> Names:
        """These names and some more."""
        return Names({**self, **more}, self._flowing)


def bare_names(values: dict[str, Any]) -> Names:
    """Names in scope of an expression that stands at no layer."""

    return Names(values, nothing_flows)


def nothing_flows(name: str) -> Any:
    """The objection to asking for what flows in where nothing does, or several things do.

    Errors:  nothing-to-read
    """
    raise Fault("nothing-to-read", "{name} has no one input here", help="name the input with `from`", name=name)


def read(value: Value, names: Names, literals: frozenset[str] = frozenset(), quoted_is_text: bool = False) -> Any:
    """What a written value amounts to: numbers exact, lists as tuples, other text as an expression.

    Errors:  InputError with bad-expression, unknown-name, division-by-zero, number-too-large, wrong-kind
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
    if plain in names:  # most expressions are one name
        return names[plain]
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
    """A name with its `{expression}`s filled in.

    Errors:  not-whole, and what expressions can be objected to
    """

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
