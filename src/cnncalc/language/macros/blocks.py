"""Calls of blocks: the block, and the values of its params."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cnncalc.core.errors import MOST_DIAGNOSTICS, Fault, InputError
from cnncalc.core.suggest import closest_name, did_you_mean
from cnncalc.core.translation import Listed, Phrase
from cnncalc.language.macros.items import LAYER_KEYS, Item, check_options
from cnncalc.language.macros.library import Library
from cnncalc.language.text.document import Mapping, Scalar, Value
from cnncalc.language.text.values import Names, read, wrong_kind
from cnncalc.language.written import flow_text

REQUIRED = "required"
"""The default of a param that must be given."""


class Call(NamedTuple):
    """A call of a block: the name in the call, the library of the block, and its definition."""

    kind: str
    library: Library
    definition: Mapping


def block_without_its_word(item: Item) -> InputError:
    """The error for an entry whose type is the name of a block."""
    options = "".join(f", {name}: {flow_text(value)}" for name, value in item.given.items())
    return InputError.of(
        "unknown-layer",
        "there is no layer `{name}`, but a block of this name",
        item.span,
        help="write `- block: {{type: {name}{options}}}`",
        name=item.type,
        options=options,
    )


def called_block(item: Item, library: Library, running: Sequence[Call]) -> Call:
    """The block that an item calls; `running` are the blocks being expanded.

    Errors:  unknown-block, recursive-block, wrong-kind, unknown-option
    """
    kind = item.text("type")
    found = library.find(kind) if kind else None
    if kind is None or found is None:
        raise Fault(
            "unknown-block",
            "there is no block `{name}`" if kind else "a block needs its type: `block: {{type: name}}`",
            option="type",
            help=did_you_mean(kind or "", library.names(), "define it under `blocks`"),
            name=kind,
        )
    owner, definition = found
    if any(definition is call.definition for call in running):
        raise Fault(
            "recursive-block",
            "block `{name}` contains itself: {chain}",
            help="a block may use other blocks, but not itself; use `repeat`",
            name=kind,
            chain=" → ".join((*(call.kind for call in running), kind)),
        )
    if not isinstance(definition, Mapping):
        raise wrong_kind(definition, "a block with `layers`", "write `{{layers: [...]}}`")
    check_options(definition, ("params", "layers"), Phrase("block `{name}`", name=kind))
    return Call(kind, owner, definition)


def block_names(item: Item, call: Call, names: Names) -> Names:
    """The names in scope inside a block: `names`, the params of its description, extended by its own params.

    Errors:  unknown-option, missing-option, wrong-kind, and errors of values
    """
    declared = _declared_params(call)
    unknown = [name for name in item.given if name not in (*declared.values, *LAYER_KEYS, "type", "inline")]
    wrong = [_unknown_param(call, declared, name).at(item.places.get(name, item.span)) for name in unknown]
    meant = {closest_name(name, declared.values) for name in unknown}
    unset = False
    for name, default in declared.values.items():
        if len(wrong) >= MOST_DIAGNOSTICS:
            break
        try:
            if name in item.given:
                names[name] = read(item.given[name], item.names, param=name)
            elif isinstance(default, Scalar) and default.value == REQUIRED:
                raise InputError(() if name in meant else [_missing_param(item, call, name).at(item.span)])
            else:
                names[name] = read(default, names, param=name)
        except InputError as error:
            wrong += error.diagnostics
            names.fail(name)
            unset = True
    if wrong or unset:
        raise InputError(wrong)
    return names


def _missing_param(item: Item, call: Call, name: str) -> Fault:
    return Fault(
        "missing-option",
        "block `{block}` needs the param `{name}`",
        help="write `block: {{type: {block}, {name}: ...}}`" if item.is_bare else "write `{name}: ...`",
        block=call.kind,
        name=name,
    )


def _unknown_param(call: Call, declared: Mapping, name: str) -> Fault:
    return Fault(
        "unknown-option",
        "block `{block}` has no param `{name}`",
        option=name,
        help=did_you_mean(name, declared.values, "its params are {known}" if declared.values else "it has none"),
        block=call.kind,
        name=name,
        known=Listed(declared.values, ","),
    )


def _declared_params(call: Call) -> Mapping:
    """The params of a block and their defaults."""
    declared = call.definition.values.get("params")
    if declared is None or (isinstance(declared, Scalar) and declared.value is None):
        return Mapping({}, {}, call.definition.span)
    if not isinstance(declared, Mapping):
        raise wrong_kind(declared, "params with their defaults", "write `params: {{channels: required, stride: 1}}`")
    return declared


def body_of(call: Call) -> Value:
    """The layers of a block.

    Errors:  missing-option
    """
    if "layers" not in call.definition.values:
        raise InputError.of(
            "missing-option",
            "block `{name}` has no `layers`",
            call.definition.span,
            help="add `layers:`",
            name=call.kind,
        )
    return call.definition.values["layers"]
