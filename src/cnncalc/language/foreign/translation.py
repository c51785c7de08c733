"""Calls of other frameworks as entries of a list of layers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, NamedTuple

from cnncalc.core.translation import Phrase
from cnncalc.language.foreign.calls import Call, Entry, notation
from cnncalc.language.foreign.special import SPECIAL, Lost, activation
from cnncalc.language.foreign.table import FUNCTIONS, INFERRED, KERAS, LEFT_OUT, NOTES, OPTIONS, OTHERS, TORCH, Row
from cnncalc.layers.catalogue import ADDRESSES, resolve

KEYS = ("name", "from", "when", "share", "alias", "functional")
"""Options of every entry here."""

INNER = Phrase("before it comes the layer that `{name}` stands for")

BROUGHT_TOGETHER = ("joined", "added", "multiplied", "subtracted", "divided", "matrices")
"""Types in the table that read several inputs."""

CONTAINERS = ("Sequential", "ModuleList")

MODULES = {"nn": TORCH, "F": FUNCTIONS, "functional": FUNCTIONS, "torch": FUNCTIONS, "layers": KERAS, "keras": KERAS}
"""Where a layer is called from -> its part of the table."""


class Translation(NamedTuple):
    """The entries that say the same here, options that nothing here corresponds to, and what else is to know."""

    entries: list[Entry]
    lost: tuple[str, ...] = ()
    notes: tuple[Phrase, ...] = ()
    of_keras: bool = False

    @property
    def missing(self) -> int:
        """Options that the call does not give."""
        return sum(value == "..." for entry in self.entries for value in entry.options.values())


def folded(name: str) -> str:
    """A name without what spellings differ in."""
    return name.lower().replace("_", "").replace("-", "").replace(" ", "")


@cache
def _index() -> dict[str, list[tuple[str, Row, bool]]]:
    """(name, row, whether it is Keras's) by folded name, in the order in which they are tried."""
    found: dict[str, list[tuple[str, Row, bool]]] = {}
    for table in (TORCH, KERAS, OTHERS, FUNCTIONS):
        for name, row in table.items():
            found.setdefault(folded(name), []).append((name, row, table is KERAS))
    for name in ADDRESSES:
        found.setdefault(folded(name), []).append((name, Row(name, _own_order(name)), False))
    return found


def _own_order(type: str) -> str:
    """The options of a layer type here, in the order in which torch takes them."""
    row = next((row for row in TORCH.values() if row.type == type), Row(type))
    params = [word for word in row.params.split() if not re.search("[-=]", word)]
    return " ".join(word.rstrip("#") for word in params)


def own_order(type: str) -> list[str]:
    """The options of a layer type, in the order in which values without names are read."""
    first = _own_order(type).split()
    return [*first, *(name for name in resolve(type).model_fields if name not in first)]


def translated(call: Call) -> Translation | None:
    """What a call is here; None if the table has no such name, or nothing here does the same.

    Example:
        nn.Conv2d(3, 64, 3)  ->  - conv2d: {out_channels: 64, kernel_size: 3}
    """
    prefix, _, name = call.name.rpartition(".")
    if prefix.startswith("self"):
        return None  # a layer of the program's own
    if name in CONTAINERS:
        return _sequence(call.args)
    module = prefix.rpartition(".")[2]
    if name in ("Bidirectional", "TimeDistributed"):
        return _wrapped(name, call)
    found = [
        made
        for known, row, of_keras in _candidates(name, module)
        if (made := _made(call, row, of_keras, known)) is not None
    ]
    if not found:
        return None
    best = min(found, key=lambda one: (len(one.lost), one.missing))
    inner = call.args[0] if call.args and isinstance(call.args[0], Call) else None  # F.relu(F.pad(x, ...))
    if inner is not None and inner.name.startswith("self."):
        return best._replace(notes=(*best.notes, Phrase(INNER.template, name=inner.name)))
    before = translated(inner) if inner else None
    return best if before is None else joined([before, best])


def _candidates(name: str, module: str) -> Iterator[tuple[str, Row, bool]]:
    """Rows of a name, those that are spelled like it first."""
    rows = _index().get(folded(name), [])
    table = MODULES.get(module)
    if table is not None:
        rows = [one for one in rows if table.get(one[0]) is one[1]] or rows
    yield from sorted(rows, key=lambda one: one[0] != name)


def _sequence(parts: tuple[Any, ...]) -> Translation | None:
    """The layers of a container, one below the other."""
    layers = parts[0] if len(parts) == 1 and isinstance(parts[0], tuple) and not isinstance(parts[0], Call) else parts
    made = [translated(part) for part in layers if isinstance(part, Call)]
    found = [one for one in made if one is not None]
    if not found or len(found) < len(layers):
        return None
    return joined(found)


def joined(made: list[Translation]) -> Translation:
    """Translations one below the other."""
    return Translation(
        [entry for one in made for entry in one.entries],
        tuple(lost for one in made for lost in one.lost),
        tuple(dict.fromkeys(note for one in made for note in one.notes)),
        any(one.of_keras for one in made),
    )


def _wrapped(name: str, call: Call) -> Translation | None:
    """A layer of Keras inside another that changes how it runs."""
    inner = call.args[0] if call.args else call.keywords.get("layer")
    made = translated(inner) if isinstance(inner, Call) else None
    if made is None or len(made.entries) != 1:
        return None
    (entry,) = made.entries
    if name == "Bidirectional" and entry.type in ("rnn", "lstm", "gru"):
        merge = call.keywords.get("merge_mode", "concat")
        lost = () if merge == "concat" else (f"merge_mode={merge}",)
        options = {**entry.options, "bidirectional": True}
        return made._replace(entries=[Entry(entry.type, options)], lost=(*made.lost, *lost))
    return made if name == "TimeDistributed" and entry.type in ("linear", "dropout") else None


def _made(call: Call, row: Row, of_keras: bool, known: str) -> Translation | None:
    """The translation by one row; None where the call does not fit its signature, or nothing fits the call."""
    args = call.args
    module = call.name.rpartition(".")[0]
    is_method = bool(module) and module.rpartition(".")[2] not in MODULES  # x.view(...)
    takes_input = row.params.startswith("input-")
    if takes_input and (is_method or not args or not (module or isinstance(args[0], (str, Call)))):
        args = (None, *args)  # the input is not among the values
    bound = _bound(row, args, call.keywords)
    if bound is None:
        return None
    given, lost = bound
    if row.type == "shape" and module:
        given["shape"] = ("batch", *given.get("shape", ())[1:])
    if call.assigned:
        given = {"name": call.assigned, **given}
    given = {**given, **{name: value for name, value in _always(row).items() if name not in given}}
    if row.type in BROUGHT_TOGETHER and call.inputs:
        given["tensors"] = call.inputs[0]
    own = row.type in ADDRESSES or bool(re.match("depthwise|separable|transposed", row.type))
    function = given.pop("activation", None) if own else None
    try:
        after = activation(function)
    except Lost:
        after = []
        lost.append(f"activation={function}")
    try:
        entries = [Entry(row.type, given)] if row.type in ADDRESSES else SPECIAL[row.type](given)
    except (Lost, KeyError):
        return None
    note = (NOTES[known],) if known in NOTES and (of_keras or known in OTHERS) else ()
    return Translation(
        [*map(_complete, entries), *after], tuple(lost), note, of_keras and call.name.rpartition(".")[2] == known
    )


def _bound(row: Row, args: tuple[Any, ...], keywords: Any) -> tuple[dict[str, Any], list[str]] | None:
    """The options that values stand for, under our names, and those that nothing here corresponds to."""
    params = [_Param.read(word) for word in row.params.split()]
    by_name = {param.there: param for param in params}
    pairs: list[tuple[_Param, Any]] = []
    lost: list[str] = []
    for number, value in enumerate(args):
        if number >= len(params):
            return None
        if params[number].there.startswith("*"):
            rest = args[number:]
            pairs.append((params[number], rest[0] if len(rest) == 1 and isinstance(rest[0], tuple) else rest))
            break
        pairs.append((params[number], value))
    fields = resolve(row.type).model_fields if row.type in ADDRESSES else {}
    for name, value in keywords.items():
        if name in by_name:
            pairs.append((by_name[name], value))
        elif name in KEYS or name in fields:
            pairs.append((_Param(name, name), value))
        elif meant := meant_field(name, fields):
            pairs.append((_Param(name, meant), value))
        elif name not in INFERRED and not LEFT_OUT.fullmatch(name):
            lost.append(f"{name}={notation(value)}")
    options: dict[str, Any] = {}
    for param, value in pairs:
        if value is None or param.here == "":
            continue
        if param.only is not None:
            if notation(value).strip("'").lower() not in param.only:
                lost.append(f"{param.there}={value}")
        elif param.is_axis and isinstance(value, int):
            if value == 0:
                lost.append(f"{param.there}=0")
            else:
                options[param.here] = value - 1 if value > 0 else value
        else:
            is_switch = param.here in fields and fields[param.here].annotation is bool
            options[param.here] = bool(value) if is_switch and value in (0, 1) else value
    return options, lost


def meant_field(name: str, fields: Iterable[str]) -> str | None:
    """The first of these options that an option of another name is."""
    return next((one for one in OPTIONS.get(name, "").split() if one in fields), None)


class _Param(NamedTuple):
    """A parameter there, the option here, and the values that are the only ones here."""

    there: str
    here: str
    only: tuple[str, ...] | None = None
    is_axis: bool = False

    @classmethod
    def read(cls, word: str) -> _Param:
        there, equals, only = word.partition("=")
        if equals:
            return cls(there, there, tuple(only.lower().split("|")))
        if word.endswith("-"):
            return cls(word[:-1], "")
        there, _, here = word.rstrip("#").partition(">")
        return cls(there, (here or there).lstrip("*"), None, word.endswith("#"))


def _always(row: Row) -> dict[str, Any]:
    pairs = (word.split("=") for word in row.always.split())
    return {name: int(value) if re.fullmatch("-?[0-9]+", value) else _PLAIN.get(value, value) for name, value in pairs}


_PLAIN: dict[str, Any] = {"true": True, "false": False}


def _complete(entry: Entry) -> Entry:
    """The entry with every option that the layer requires, in the usual order: what is not given is `...`."""
    fields = resolve(entry.type).model_fields
    missing = {name: "..." for name in own_order(entry.type) if name in fields and fields[name].is_required()}
    first = {name: entry.options.get(name, rest) for name, rest in missing.items()}
    named = {"name": entry.options["name"]} if "name" in entry.options else {}
    return Entry(entry.type, {**named, **first, **{k: v for k, v in entry.options.items() if k not in first}})
