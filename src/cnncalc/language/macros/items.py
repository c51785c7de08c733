"""Entries of a list of layers: a type and its options."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from cnncalc.core.errors import Diagnostic, Fault, InputError, Span
from cnncalc.core.suggest import did_you_mean
from cnncalc.core.translation import Listed, Phrase
from cnncalc.language.assembly import MOST_LAYERS
from cnncalc.language.options import ACTIVATION_OPTIONS, activation_remedy, takes_list
from cnncalc.language.text.document import EntryPlaces, Mapping, Scalar, Sequence, Value
from cnncalc.language.text.values import Names, fill_in, is_computed, read, text_in_braces, wrong_kind
from cnncalc.language.written import about_bare_value, bare_value_refused, flow_text, flowing_shape, holds_assignments
from cnncalc.layers.base import Layer
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
        self.called: dict[str, Any] = {}  # its name, share and alias, once they are read
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
                if call := next((one for one in options.keys.values() if _is_call(one)), None):
                    raise unknown_layer(call.text, None, call.span, macros, names)
                if key.text in ADDRESSES and (values := _values_in_braces(options)):
                    raise bare_value_refused(key.text, values, names)
                return cls(key.text, key.span, options, names)
            if key.text not in macros and (key.text not in ADDRESSES or _is_call(options)):
                span = options.span if _is_call(options) else key.span
                raise unknown_layer(key.text, options, span, macros, names)
            return cls(key.text, key.span, _bare_value(key.text, options, macros, names), names, is_bare=True)
        span = value.span
        if isinstance(value, Sequence):
            raise InputError.of(
                "not-a-layer",
                "a list stands in the place of a layer",
                span,
                help="put its layers on lines of their own, or write `sequential: [...]`",
            )
        if isinstance(value, Mapping) and len(value.keys) > 1:
            first, second = list(value.keys.values())[:2]
            if (error := _type_inside(value)) is not None:
                raise error
            raise InputError.of(
                "not-a-layer",
                "one entry holds one layer, but this one has `{first}` and `{second}`",
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

    def located(self, fault: Fault | InputError) -> InputError:
        """The error of a fault in this entry, at the option that it names; one that has its place stays as it is."""
        if isinstance(fault, InputError):
            return fault
        error = InputError([fault.at(self.places.get(fault.option or "", self.span))])
        return about_bare_value(error, self.type) if self.is_bare else error

    def allow(self, *keys: str) -> None:
        """Require that all options are among `keys` or `LAYER_KEYS`.

        Errors:  unknown-option
        """
        if self.options is not None:
            check_options(self.options, (*keys, *LAYER_KEYS), f"`{self.type}`")

    def check_unnamed(self) -> None:
        """Require that a macro without a level of its own has neither `share` nor `alias`."""
        if "name" in self.given:
            return  # it is wrong, which is reported
        if "share" in self.given:
            raise Fault(
                "cannot-share", "{type} needs a name to share weights", option="share", help="name it", type=self.type
            )
        if "alias" in self.given:
            raise Fault(
                "bad-alias", "{type} needs a name to have an alias", option="alias", help="name it", type=self.type
            )

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
        if text := text_in_braces(value):
            raise wrong_kind(value, "a name", "put it in quotes: `{quoted}`", quoted=f'{name}: "{{{text}}}"')
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


MEANT = {
    "layers": ("body", "paths"),
    "modules": ("layers",),
    "branches": ("paths",),
    "n": ("times",),
    "count": ("times",),
    "num": ("times",),
    "number": ("times",),
    "repeats": ("times",),
    "main": ("body",),
    "downsample": ("shortcut",),
    "axis": ("dim",),
    "split_sizes": ("sizes",),
}
"""What other words for options of macros stand for; the first that a macro has is meant."""


def _values_in_braces(options: Mapping) -> Scalar | Sequence | None:
    """What is between braces without colons, as in `dropout: {0.5}` or `linear: {out_features=10}`; None of others."""
    keys = tuple(options.keys.values())
    if not keys or any(not isinstance(value, Scalar) or value.value is not None for value in options.values.values()):
        return None
    is_number = [_NUMBER.fullmatch(key.text) is not None for key in keys]
    if all(is_number):
        return Sequence(keys, options.span)
    if all(number or holds_assignments(key) for number, key in zip(is_number, keys, strict=True)):
        text = ", ".join(key.text for key in keys)
        return Scalar(text, text, options.span)
    return None


_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")

NEEDED = {
    "sequential": "layers",
    "repeat": "layers",
    "block": "type",
    "residual": "body",
    "branches": "paths",
    "split": "sizes",
}
"""The option that a macro needs; but for a repeat, which also needs a number of rounds, a bare value gives it."""


def _bare_value(kind: str, value: Scalar | Sequence, macros: Iterable[str], names: Names) -> Mapping:
    """The options that a bare value gives, as `linear: 10`.

    Errors:  not-a-layer
    """
    option = NEEDED[kind] if kind in macros else resolve(kind).bare_option()
    if option is None or kind == "repeat" or (kind in ADDRESSES and _gives_no_option(resolve(kind), option, value)):
        raise bare_value_refused(kind, value, names)
    return Mapping({option: Scalar(option, option, value.span)}, {option: value}, value.span)


def _gives_no_option(layer_type: type[Layer], option: str, value: Scalar | Sequence) -> bool:
    """Whether a bare value is written as several options are, or as a list where the option takes none."""
    is_list = isinstance(value, Sequence) or re.fullmatch(r"\d+(?:(?:, *| +)\d+)+", value.text) is not None
    return holds_assignments(value) or (is_list and not takes_list(layer_type, option))


class UnknownLayer(InputError):
    """The error for an entry whose type is unknown; `meant` are the lines that stand for it, if any do."""

    def __init__(self, diagnostics: Iterable[Diagnostic], meant: tuple[str, ...]) -> None:
        super().__init__(diagnostics)
        self.meant = meant


def unknown_layer(name: str, options: Value | None, span: Span, macros: Iterable[str], names: Names) -> InputError:
    """The error for an entry whose type is unknown, with the line to write in its place."""
    if re.match(r"\w+:\S", name):
        line = span.source.line(span.line).strip()
        raise InputError.of(
            "unknown-layer",
            "there is no layer `{name}`",
            span,
            help="put a space after the colon: `{line}`",
            name=name,
            line=line.replace(":", ": ", 1),
        )
    from cnncalc.language.foreign.hints import for_entry, whole_call

    written = options.text if isinstance(options, Scalar) and _is_call(options) else whole_call(name, span)
    fault = Fault("unknown-layer", "there is no layer `{name}`", name=written)
    before = span.source.line(span.line)[: span.column - 1]
    in_flow = re.match(r"\s*(?:- +)+(?:[^\[{,]*: *)?$", before) is None
    name = written if options is None else name
    help, example, notes, meant = for_entry(name, options, tuple(macros), in_flow=in_flow, flowing=flowing_shape(names))
    return UnknownLayer([fault.at(span, notes)._replace(help=help, example=example)], meant)


def _type_inside(entry: Mapping) -> InputError | None:
    """The error for an entry that gives its type under a key, as `type: conv2d`; None if it gives none."""
    from cnncalc.language.foreign.hints import for_entry, type_key

    key = type_key(entry)
    if key is None or any(name in ADDRESSES for name in entry.keys):
        return None
    fault = Fault("not-a-layer", "the type of a layer stands before its options, not under `{key}`", key=key)
    help, example, notes, _ = for_entry("", entry)
    return InputError([fault.at(entry.keys[key].span, notes)._replace(help=help, example=example)])


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
                else _meant(name, known),
            )
            for name in unknown
        )


def _meant(name: str, known: tuple[str, ...]) -> str:
    meant = next((one for one in MEANT.get(name, ()) if one in known), None)
    return Phrase("write `{name}`", name=meant) if meant else did_you_mean(name, known, "it has {known}")


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


def is_one_sequential(body: Value) -> bool:
    """Whether the layers of a block are one `sequential` without a name: the block is that `Sequential` itself."""
    if not isinstance(body, Sequence) or len(body.items) != 1 or is_named(body.items[0]):
        return False
    (item,) = body.items
    return isinstance(item, Mapping) and "sequential" in item.values


def merge_kind(item: Item, kinds: tuple[str, ...]) -> str:
    """How the ends of branches are merged: what is written, or the first kind."""
    kind = item.text("merge") or kinds[0]
    if kind not in kinds:
        raise Fault(
            "wrong-option",
            "merge must be {kinds}, not `{given}`",
            option="merge",
            help="write `merge: {first}`",
            first=kinds[0],
            kinds=Listed(kinds, Phrase("or")),
            given=kind,
        )
    return kind
