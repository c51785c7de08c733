"""Entries of a list of layers: a type and its options."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cnncalc.core.errors import Diagnostic, Fault, InputError, Span
from cnncalc.core.suggest import did_you_mean
from cnncalc.core.translation import Listed, Phrase
from cnncalc.language.assembly import MOST_LAYERS
from cnncalc.language.options import ACTIVATION_OPTIONS, activation_remedy
from cnncalc.language.text.document import EntryPlaces, Mapping, Scalar, Sequence, Value
from cnncalc.language.text.values import Names, fill_in, is_computed, read, wrong_kind
from cnncalc.language.written import about_bare_value, bare_value_refused, flow_text
from cnncalc.layers.catalogue import ADDRESSES, resolve

LAYER_KEYS = ("name", "from", "when", "share", "alias")
"""Options of every entry, besides those of its type."""

PLAIN_KEYS = (*LAYER_KEYS, "functional")
"""Options of every layer that is no group, besides those of its type."""


class Item:
    """One entry of a list of layers: its type and options."""

    def __init__(self, type_: str, span: Span, options: Mapping | None, names: Names, *, is_bare: bool = False) -> None:
        self.type = type_
        self.span = span
        self.options = options
        self.given = options.values if options else {}
        self.places = EntryPlaces(options)
        self.names = names
        self.is_bare = is_bare  # whether a value stands in the place of the options, as in `linear: 10`

    @classmethod
    def read(cls, value: Value, names: Names, macros: Iterable[str]) -> Item:
        """Read an entry, as `relu` or `conv2d: {...}`.

        Errors:  not-a-layer
        """
        if isinstance(value, Scalar) and isinstance(value.value, str):
            return cls(value.text, value.span, None, names)
        if isinstance(value, Mapping) and len(value.keys) == 1:
            ((key, options),) = value.entries()
            if isinstance(options, Scalar) and options.value is None:
                return cls(key.text, key.span, None, names)
            if isinstance(options, Mapping):
                return cls(key.text, key.span, options, names)
            if key.text not in macros and (key.text not in ADDRESSES or _is_call(options)):
                raise unknown_layer(key.text, options, options.span if _is_call(options) else key.span, macros)
            return cls(key.text, key.span, _bare_value(key.text, options, macros), names, is_bare=True)
        span = value.span
        if isinstance(value, Mapping) and len(value.keys) > 1:
            first, second = list(value.keys.values())[:2]
            raise InputError.of(
                "not-a-layer",
                "one entry holds one layer, but here stand `{first}` and `{second}`",
                second.span,
                help="indent `{second}` below `{first}` if it is an option, or begin its line with `- `",
                first=first.text,
                second=second.text,
            )
        raise InputError.of(
            "not-a-layer",
            "this is not a layer",
            span,
            help="write a type, as `relu`, or a type with options, as `conv2d: {{...}}`",
        )

    def located(self, fault: Fault) -> InputError:
        """The error of a fault in this entry, at the option that it names."""
        error = InputError([fault.at(self.places.get(fault.option or "", self.span))])
        return about_bare_value(error, self.type) if self.is_bare else error

    def allow(self, *keys: str) -> None:
        """Require that all options are among `keys` or `LAYER_KEYS`.

        Errors:  unknown-option
        """
        if self.options is not None:
            check_options(self.options, (*keys, *LAYER_KEYS), f"`{self.type}`")

    def need(self, name: str) -> Value:
        """The value of a required option.

        Errors:  missing-option
        """
        if name not in self.given:
            raise Fault("missing-option", "{type} needs `{name}`", help="add `{name}:`", type=self.type, name=name)
        return self.given[name]

    def value(self, name: str) -> Any:
        """The evaluated option."""
        return read(self.given[name], self.names)

    def switch(self, name: str) -> bool:
        """Whether an option is on; it is off where it is not given.

        Errors:  wrong-option
        """
        on = self.value(name) if name in self.given else False
        if not isinstance(on, bool):
            raise Fault(
                "wrong-option",
                "{name} is true or false",
                option=name,
                help="write `{name}: true`, or leave it out",
                name=name,
            )
        return on

    def text(self, name: str) -> str | None:
        """A name, with every `{expression}` in it filled in.

        Errors:  wrong-kind, and those of `fill_in`
        """
        if name not in self.given:
            return None
        value = self.given[name]
        if not isinstance(value, Scalar) or value.value is None:
            raise wrong_kind(value, "a name", "write `{key}: some_name`", key=name)
        return fill_in(value, self.names)

    def texts(self, name: str) -> tuple[str, ...] | None:
        """One name, or a list of names."""
        references = self.references(name)
        return None if references is None else tuple(text for text, _computed in references)

    def references(self, name: str) -> tuple[tuple[str, bool], ...] | None:
        """(name, whether it has an `{expression}`) for one name or a list of names."""
        value = self.given.get(name)
        if isinstance(value, Sequence) and value.items and all(isinstance(part, Scalar) for part in value.items):
            return tuple(
                (fill_in(part, self.names), is_computed(part)) for part in value.items if isinstance(part, Scalar)
            )
        text = self.text(name)
        return None if text is None or value is None else ((text, is_computed(value)),)


NEEDED = {
    "sequential": "layers",
    "repeat": "layers",
    "block": "type",
    "residual": "body",
    "branches": "paths",
    "split": "sizes",
}
"""The option that a macro needs; but for a repeat, which also needs a number of rounds, a bare value gives it."""


def _bare_value(kind: str, value: Scalar | Sequence, macros: Iterable[str]) -> Mapping:
    """The options that a bare value gives, as `linear: 10`.

    Errors:  not-a-layer
    """
    option = NEEDED[kind] if kind in macros else resolve(kind).bare_option()
    if option is None or kind == "repeat":
        raise bare_value_refused(kind, value)
    return Mapping({option: Scalar(option, option, value.span)}, {option: value}, value.span)


def unknown_layer(name: str, options: Value | None, span: Span, macros: Iterable[str]) -> InputError:
    """The error for an entry whose type is unknown, with the line to write in its place."""
    from cnncalc.language.foreign.hints import for_entry, whole_call

    written = options.text if isinstance(options, Scalar) and _is_call(options) else whole_call(name, span)
    fault = Fault("unknown-layer", "there is no layer `{name}`", name=written)
    help, example, notes = for_entry(written if options is None else name, options, tuple(macros))
    return InputError([fault.at(span, notes)._replace(help=help, example=example)])


def _is_call(value: Value) -> bool:
    """Whether a value is a line of a program, as `nn.ReLU()`."""
    if not isinstance(value, Scalar) or "(" not in value.text:
        return False
    from cnncalc.language.foreign.calls import call_in

    return call_in(value.text) is not None


def is_named(value: Value) -> bool:
    """Whether an entry of a list of layers has a name of its own."""
    if isinstance(value, Mapping) and len(value.values) == 1:
        (options,) = value.values.values()
        return isinstance(options, Mapping) and "name" in options.values
    return False


def check_options(mapping: Mapping, known: tuple[str, ...], what: str) -> None:
    """Require that all options are known.

    Errors:  unknown-option
    """
    unknown = [key for key in mapping.keys if key not in known]
    if unknown:
        raise InputError(
            Diagnostic(
                "unknown-option",
                "{what} has no `{name}`",
                {"what": what, "name": name, "known": Listed(known, ",")},
                mapping.entry_span(name),
                help=activation_remedy(flow_text(mapping.values[name]))
                if name in ACTIVATION_OPTIONS
                else did_you_mean(name, known, "it has {known}"),
            )
            for name in unknown
        )


def rounds(item: Item) -> list[dict[str, Any]]:
    """The names that `as` binds, for every round of a repeat.

    Errors:  missing-option, wrong-option
    """
    if ("times" in item.given) == ("each" in item.given):
        raise Fault("missing-option", "repeat takes either `times` or `each`", help="write `times: 3`, or `each: rows`")
    if "times" in item.given:
        times = item.value("times")
        if isinstance(times, bool) or not isinstance(times, int) or not 0 <= times <= MOST_LAYERS:
            raise Fault(
                "wrong-option",
                "times must be a whole number from 0 to {most:,}, not {given}",
                option="times",
                help="a network has at most {most:,} layers",
                most=MOST_LAYERS,
                given=_number_text(times),
            )
        return [{}] * times
    rows, names = item.value("each"), item.texts("as") or ()
    if not isinstance(rows, tuple):
        raise Fault("wrong-option", "each must be a list", option="each", help="write `each: [[1, 16], [6, 24]]`")
    bound = []
    for row in rows:
        values = row if isinstance(row, tuple) and len(names) != 1 else (row,)
        if names and len(values) != len(names):
            raise Fault(
                "wrong-option",
                "`as` names {names} values, but a row of `each` has {values}",
                option="as",
                help="give one name for every value of a row",
                names=len(names),
                values=len(values),
            )
        bound.append(dict(zip(names, values, strict=False)))
    return bound


def _number_text(value: Any) -> str:
    return (
        f"{value:,}"
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**15
        else Phrase("this value")
    )
