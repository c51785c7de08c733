"""Evaluation of written values: exact numbers, lists as tuples, expressions, and names with expressions in them."""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Mapping as Map
from fractions import Fraction
from typing import Any

from cnncalc.core.errors import MOST_DIAGNOSTICS, Fault, InputError
from cnncalc.core.suggest import did_you_mean
from cnncalc.core.translation import Listed, Phrase
from cnncalc.language.bounds import LARGEST_FLOAT
from cnncalc.language.text.document import Mapping, Scalar, Sequence, Value
from cnncalc.language.text.expression import evaluate
from cnncalc.language.text.functions import bounded_list, integer_if_whole
from cnncalc.language.work import Exhausted, Work

INPUT_NAMES = ("in_channels", "in_size", "input_size")
"""Channels and spatial extents of the input of a layer or block, and extents of the network's only input."""


class Names(dict[str, Any]):
    """Names in scope of an expression, and the work budget of its evaluation.

    `INPUT_NAMES` are computed when they are read.
    """

    def __init__(
        self, values: Map[str, Any], flowing: Callable[[str], Any], work: Work, failed: frozenset[str] = frozenset()
    ) -> None:
        super().__init__(values)
        self._input_value = flowing
        self.work = work
        self.failed = failed  # names whose values are wrong, which is reported already

    def __missing__(self, name: str) -> Any:
        if name in self.failed:
            raise InputError(())
        if name in INPUT_NAMES:
            return self._input_value(name)
        raise KeyError(name)

    def plus(self, **more: Any) -> Names:
        """These names, extended."""
        self.work.spend(1 + len(self) // MANY)
        return Names({**self, **more}, self._input_value, self.work, self.failed - more.keys())

    def fail(self, name: str) -> None:
        """Let what reads this name fail without a diagnostic of its own."""
        self.pop(name, None)
        self.failed |= {name}


MANY = 32
"""Names copied, or characters scanned, per step of the work budget."""


def names_without_input(values: Map[str, Any], work: Work) -> Names:
    """Names in scope of an expression outside of layers."""
    return Names(values, no_input, work)


def no_input(name: str) -> Any:
    """Refuse to describe the input if there is none, or more than one.

    Errors:  nothing-to-read
    """
    raise Fault("nothing-to-read", "{name} needs a single input here", help="name the input with `from`", name=name)


def read(value: Value, names: Names, literals: frozenset[str] = frozenset(), param: str | None = None) -> Any:
    """Evaluate a written value: numbers exactly, lists as tuples, any text but `literals` as an expression.

    In the value of a `param`, quoted text is text; the name of an item of a list is empty.

    Errors:  InputError with bad-expression, unknown-name, division-by-zero, number-too-large, wrong-kind; Exhausted
    """
    try:
        return _read(value, names, literals, param)
    except Exhausted as exhausted:
        raise exhausted.by(value.text if isinstance(value, Scalar) else "[...]", value.span) from None


def _read(value: Value, names: Names, literals: frozenset[str], param: str | None) -> Any:
    names.work.spend(1)
    if isinstance(value, Sequence):
        try:
            return bounded_list(_items(value, names, literals, param), names.work)
        except Fault as fault:
            raise InputError([fault.at(value.span)]) from None
    if isinstance(value, Mapping):
        if text := text_in_braces(value):
            raise wrong_kind(value, "a value", "leave the braces out: write `{text}`", text=text)
        raise wrong_kind(value, "a value", "write a number, an expression, text or a list of these")
    plain = value.value
    if isinstance(plain, float):
        if not abs(plain) < LARGEST_FLOAT:
            raise InputError.of(
                "number-too-large", "{text} is too large", value.span, help="use smaller numbers", text=value.text
            )
        return integer_if_whole(Fraction(repr(plain)))
    if not isinstance(plain, str) or plain in literals or (value.quoted and param is not None):
        return plain
    if value.repair:
        raise cut_text(value)
    if plain in names:  # most expressions are one name
        return names[plain]
    try:
        return evaluate(plain, names, names.work)
    except Exhausted as exhausted:
        raise exhausted.by(plain, value.span) from None
    except Fault as fault:
        if fault.code == "unknown-name" and literals:
            fault.help = (
                fault.help if fault.help.startswith("did") else did_you_mean(plain, literals, "or write {words}")
            )
            fault.facts["words"] = Listed((f"`{word}`" for word in sorted(literals)), Phrase("or"))
        elif param is not None and not value.quoted and _MAYBE_TEXT.match(plain) and not fault.help.startswith("did"):
            line = f'{param}: "{plain}"' if param else f'"{plain}"'
            fault.help = Phrase("if it is text, put it in quotes: `{line}`", line=line)
        elif fault.code == "bad-expression" and (meant := _meant_value(plain)):
            fault.help = Phrase("write `{value}`", value=meant)
        raise InputError([fault.at(value.span)]) from None


def _items(written: Sequence, names: Names, literals: frozenset[str], param: str | None) -> list[Any]:
    items: list[Any] = []
    errors: list[InputError] = []
    for part in written.items:
        try:
            items.append(_read(part, names, literals, None if param is None else ""))
        except InputError as error:
            errors.append(error)
            if len(errors) >= MOST_DIAGNOSTICS:
                break
    if errors:
        raise InputError(one for error in errors for one in error.diagnostics)
    return items


def _meant_value(text: str) -> str | None:
    """What sizes, as `3x3`, and percentages are as values; None for any other text."""
    if _SIZES.fullmatch(text):
        return f"[{', '.join(re.findall('[0-9]+', text))}]"
    percent = _PERCENT.fullmatch(text)
    return f"{float(Fraction(percent[1]) / 100)}" if percent else None


_SIZES = re.compile(r"[0-9]{1,19}(?: *[xX×, ] *[0-9]{1,19})+")
_PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,6})?) ?%")

_MAYBE_TEXT = re.compile(r"[A-Za-z_][\w.+-]*\Z")
"""What may be meant as text: the name of a layer, say."""


def cut_text(value: Scalar) -> InputError:
    """The error for a text that YAML cuts at a comma."""
    return InputError.of(
        "bad-expression",
        "between braces or brackets, YAML cuts `{text}` at the comma",
        value.span,
        help="write `{repair}`",
        text=value.text,
        repair=value.repair,
    )


_HOLE = re.compile(r"\{([^{}]*)\}")


def fill_in(value: Scalar, names: Names) -> str:
    """Fill in the `{expression}`s of a name.

    Errors:  not-whole, bad-expression, and errors of expressions; Exhausted
    """
    if value.repair:
        raise cut_text(value)
    work = names.work

    def fill(match: re.Match[str]) -> str:
        result = evaluate(match[1], names, work)
        if isinstance(result, (int, str)):
            text = str(result)
            work.spend(1 + len(text) // MANY)
            return text
        raise Fault("not-whole", "a name needs whole numbers, not {value}", help="round it", value=result)

    try:
        work.spend(1 + len(value.text) // MANY)
        return _HOLE.sub(fill, value.text)
    except Fault as fault:
        raise InputError([fault.at(value.span)]) from None
    except Exhausted as exhausted:
        raise exhausted.by(value.text, value.span) from None


def text_in_braces(value: Value) -> str | None:
    """The text of `{width}`, which YAML reads as a name without a value; None of anything else."""
    if isinstance(value, Mapping) and len(value.keys) == 1:
        ((key, entry),) = value.entries()
        if isinstance(entry, Scalar) and entry.text == "" and not entry.quoted:
            return key.text
    return None


def is_computed(value: Value) -> bool:
    """Whether a name has an `{expression}` in it."""
    return isinstance(value, Scalar) and bool(_HOLE.search(value.text))


def wrong_kind(value: Value, expected: str, remedy: str, **facts: Any) -> InputError:
    """The error for a value of the wrong kind."""
    return InputError.of(
        "wrong-kind", "expected here: {expected}", value.span, help=remedy, expected=Phrase(expected), **facts
    )
