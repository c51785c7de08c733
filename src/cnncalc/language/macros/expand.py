"""Expansion of macros: sequential, repeat, block, residual, branches and split become nodes and wires."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from cnncalc.core.errors import MOST_DIAGNOSTICS, Diagnostic, Fault, InputError
from cnncalc.core.graph import NOWHERE, Origin
from cnncalc.core.translation import Phrase
from cnncalc.language.assembly import Assembly
from cnncalc.language.macros.blocks import Call, block_names, block_without_its_word, body_of, called_block
from cnncalc.language.macros.items import (
    MEANT,
    NEEDED,
    PLAIN_KEYS,
    Item,
    UnknownLayer,
    is_named,
    is_one_sequential,
    merge_kind,
    rounds,
    unknown_layer,
)
from cnncalc.language.macros.library import Library
from cnncalc.language.macros.log import DiagnosticLog, ReadingStopped
from cnncalc.language.macros.unread import NO_WIRE, go_on_behind
from cnncalc.language.naming import Scope
from cnncalc.language.options import build
from cnncalc.language.text.document import Mapping, Scalar, Sequence, Value
from cnncalc.language.text.values import MANY, Names, is_computed, no_input, wrong_kind
from cnncalc.language.work import Exhausted
from cnncalc.language.written import Failed, about_bare_value, evaluated
from cnncalc.layers.catalogue import ADDRESSES, resolve

STEPS_OF_A_WIRE = 10
"""Steps of the work budget for an input of a layer, per level on which its name is looked up."""

DEEPEST = 60
"""Levels of nested macros and blocks."""


class Expander:
    """Expands the layers of a description into an assembly, and collects all diagnostics."""

    def __init__(self, assembly: Assembly, library: Library, problems: Iterable[Diagnostic] = ()) -> None:
        self.assembly = assembly
        self.library = library  # that of the block being expanded: its blocks and params are in scope
        self.running: list[Call] = []  # blocks being expanded
        self.work = library.params.work
        self.log = DiagnosticLog()
        self.log.add(problems)  # of params and inputs
        self.focus: str | None = None  # the wire that `in_channels` and `in_size` describe
        self.depth = 0
        self.macros: dict[str, Callable[[Item], None]] = {
            "sequential": self._sequential,
            "repeat": self._repeat,
            "block": self._block,
            "residual": self._residual,
            "branches": self._branches,
            "split": self._split,
        }

    def names(self, values: Names) -> Names:
        """Names in scope of expressions, with these values."""
        self.work.spend(1 + len(values) // MANY)
        return Names(values, self._input_property, self.work, values.failed)

    def expand(self, value: Value) -> None:
        """Expand the top list of layers.

        Errors:  InputError with all diagnostics
        """
        is_cut = False
        try:
            self.layers(value, self.names(self.library.params))
        except ReadingStopped:
            is_cut = True
        except Exhausted as exhausted:
            self.log.add(exhausted.by("layers", value.span).diagnostics)
            is_cut = True
        if self.log.diagnostics:
            raise InputError(self.log.diagnostics.values(), is_cut=is_cut)

    def layers(self, value: Value, names: Names) -> None:
        """Expand a list of layers, in order.

        Errors:  too-deep; all others are logged
        """
        if not isinstance(value, Sequence):
            remedy = Phrase("begin every layer with `- `")
            if isinstance(value, Scalar) and value.text in ADDRESSES:
                remedy = Phrase("write `[{layer}]`", layer=value.text)
            self.log.report(wrong_kind(value, "a list of layers", remedy))
            return
        if self.depth >= DEEPEST:
            raise Fault(
                "too-deep",
                "macros and blocks are nested more than {most} levels deep",
                help="use fewer levels",
                most=DEEPEST,
            )
        self.depth += 1
        for item in value.items:
            self.log.count_entries(1, item.span)
            before = len(self.assembly.nodes)
            try:
                self._layer(item, names)
            except InputError as error:
                self.log.report(error)
                if isinstance(item, Sequence):
                    self.layers(item, names)
                elif len(self.log.diagnostics) < MOST_DIAGNOSTICS:
                    go_on_behind(error, self, names)
            if len(self.assembly.nodes) == before and len(self.log.diagnostics) >= MOST_DIAGNOSTICS:
                raise ReadingStopped
        self.depth -= 1

    def _layer(self, value: Value, names: Names) -> None:
        self.focus = self.assembly.current
        item = Item.read(value, names, self.macros)
        if not self._is_included(item):
            return
        try:
            self.work.spend(1 + len(item.given))
            self._read_names(item)
            self.macros.get(item.type, self._plain_layer)(item)
        except (Fault, InputError) as error:
            if isinstance(error, UnknownLayer) and error.meant:
                raise
            self.log.report(item.located(error))
            self.assembly.add_faulty(item.called.get("name"), item.type)
        except Exhausted as exhausted:
            raise exhausted.by(item.type, item.span) from None

    def _is_included(self, item: Item) -> bool:
        try:
            return "when" not in item.given or bool(item.value("when"))
        except InputError as error:
            if not error.diagnostics:  # it reads what is wrong elsewhere
                raise
            self.log.report(error)
            return True

    def _read_names(self, item: Item) -> None:
        """Read name, share and alias of an item; a wrong one is reported, and left out."""
        checks = {
            "name": self.assembly.check_name,
            "share": self.assembly.source_of,
            "alias": self.assembly.check_alias,
        }
        for key, check in checks.items():
            try:
                text = self._name(item) if key == "name" else item.text(key)
                if text is not None:
                    check(text)
                    item.called[key] = text
            except (Fault, InputError) as error:
                self.log.report(item.located(error))

    def _plain_layer(self, item: Item) -> None:
        if item.type not in ADDRESSES:
            if self.library.find(item.type):
                raise block_without_its_word(item)
            raise unknown_layer(item.type, item.options, item.span, self.macros, item.names)
        layer_type = resolve(item.type)
        inputs: tuple[str, ...] | None = None
        wrong: Failed = {}
        try:
            inputs = self._inputs(item)
            self.focus = inputs[0] if inputs else self.assembly.current
        except (Fault, InputError) as error:
            wrong["from"] = item.located(error).diagnostics
            self.focus = NO_WIRE
        functional = False
        try:
            functional = item.switch("functional")
        except (Fault, InputError) as error:
            wrong["functional"] = item.located(error).diagnostics
        written = ((name, value) for name, value in item.given.items() if name not in PLAIN_KEYS)
        options, failed = evaluated(layer_type, written, item.names)
        failed |= wrong
        try:
            layer = build(item.type, options, item.places, item.span, failed)
        except InputError as error:
            raise about_bare_value(error, item.type) if item.is_bare else error from None
        origin = Origin(item.span, item.places)
        self.assembly.add(layer, inputs=inputs, origin=origin, functional=functional, **item.called)

    def _name(self, item: Item) -> str | None:
        """The name of an item; in an unnamed repeat the round is appended, unless the name is computed."""
        name = item.text("name")
        if name is None or is_computed(item.given["name"]):
            return name
        return ".".join([name, *map(str, self.assembly.scope.turns)])

    def _inputs(self, item: Item) -> tuple[str, ...] | None:
        references = item.references("from")
        if references is None:
            return None
        self.work.spend(len(references) * len(self.assembly.scopes) * STEPS_OF_A_WIRE)
        return tuple([self.assembly.wire(*each) for each in references])

    def _allow(self, item: Item, *keys: str) -> None:
        """Report options of a macro that it does not have; without the one that it needs it is not read any further."""
        try:
            item.allow(*keys)
        except InputError as error:
            self.log.report(error)
            if NEEDED[item.type] not in item.given or any("times" in MEANT.get(name, ()) for name in item.given):
                raise InputError(()) from None

    def _enter(self, item: Item) -> None:
        """Start a macro at the layer that its `from` names; a wrong one is reported."""
        try:
            inputs = self._inputs(item)
        except (Fault, InputError) as error:
            self.log.report(item.located(error))
            inputs = (NO_WIRE,)
        if inputs is not None:
            if len(inputs) != 1:
                raise Fault(
                    "wrong-number-of-inputs",
                    "{type} begins at one layer",
                    option="from",
                    help="name one",
                    type=item.type,
                )
            self.assembly.current = inputs[0]

    def _group(self, item: Item, default: str | None, indexed: bool = False) -> AbstractContextManager[Scope | None]:
        """Open the level of a macro, or none if it has no name and needs none."""
        if "name" not in item.called and default is None and not self.assembly.scope.indexed:
            item.check_unnamed()
            return nullcontext()
        return self.assembly.group(default=default or item.type, indexed=indexed, **item.called)

    def _sequential(self, item: Item) -> None:
        self._allow(item, "layers")
        self._enter(item)
        with self._group(item, None, indexed=True) as scope:
            if scope is not None:
                self.layers(item.need("layers"), item.names)
                return
            here, was = self.assembly.scope, self.assembly.scope.indexed  # no name: number the layers at this level
            here.indexed = True
            try:
                self.layers(item.need("layers"), item.names)
            finally:
                here.indexed = was

    def _repeat(self, item: Item) -> None:
        self._allow(item, "times", "each", "as", "index", "layers")
        self._enter(item)
        turns = rounds(item)
        self.log.count_entries(len(turns), item.span)
        body = item.need("layers")
        index = item.text("index")
        scopes = (item.names.plus(**bound, **({index: turn} if index else {})) for turn, bound in enumerate(turns))
        if "name" not in item.called:
            item.check_unnamed()
            for turn, names in enumerate(scopes):
                self.assembly.scope.turns.append(turn)
                try:
                    self.layers(body, names)
                finally:
                    self.assembly.scope.turns.pop()
            return
        single = isinstance(body, Sequence) and len(body.items) == 1 and not is_named(body.items[0])
        with self.assembly.group(default=item.type, indexed=True, **item.called):
            for names in scopes:
                with nullcontext() if single else self.assembly.group(None, "", indexed=False):
                    self.layers(body, names)

    def _block(self, item: Item) -> None:
        call = called_block(item, self.library, self.running)
        self._enter(item)
        self.focus = self.assembly.current
        names = block_names(item, call, self.names(call.library.params))
        self.running.append(call)
        around, self.library = self.library, call.library
        try:
            body = body_of(call)
            with self._level(item, call.kind, is_module=not is_one_sequential(body)):
                self.layers(body, names)
        finally:
            self.library = around
            self.running.pop()

    def _level(self, item: Item, kind: str, is_module: bool) -> AbstractContextManager[Scope | None]:
        """Open the level of a block; the layers of an inline block stay at the current level."""
        if not (item.value("inline") if "inline" in item.given else False):
            name = kind.rpartition(".")[2]
            return self.assembly.group(default=name, indexed=False, is_block=True, is_module=is_module, **item.called)
        if item.called:
            raise Fault(
                "wrong-option",
                "an inline block has no level of its own to name or share",
                option="inline",
                help="leave out `inline`, or `name`, `alias` and `share`",
            )
        return nullcontext()

    def _residual(self, item: Item) -> None:
        self._allow(item, "body", "shortcut", "skip", "merge", "inplace")
        self._enter(item)
        kind = merge_kind(item, ("add", "multiply", "concat"))
        skip = bool(item.value("skip")) if "skip" in item.given else True
        body = item.need("body")
        with self._group(item, None):
            start = self.assembly.current
            self.layers(body, item.names)
            if not skip:
                return
            end, self.assembly.current = self.assembly.current, start
            if "shortcut" in item.given:
                self.layers(item.need("shortcut"), item.names)
            skipped = self.assembly.current
            # A concat puts the input before the new maps, as in DenseNet; an in-place sum overwrites the body's output.
            self._join(item, kind, (skipped, end) if kind == "concat" else (end, skipped))

    def _branches(self, item: Item) -> None:
        self._allow(item, "paths", "merge", "dim", "inplace")
        self._enter(item)
        kind = merge_kind(item, ("concat", "add", "multiply"))
        paths = item.need("paths")
        if isinstance(paths, Mapping):
            named: list[tuple[str | None, str, Value]] = [(key.text, key.text, value) for key, value in paths.entries()]
        elif isinstance(paths, Sequence):  # in an indexed scope, paths are numbered like other unnamed items
            named = [(None, f"branch{number}", value) for number, value in enumerate(paths.items, start=1)]
        else:
            raise wrong_kind(
                paths, "paths, as a list or by name", "begin every path with `- `, or with a name and a colon"
            )
        with self._group(item, None):
            start, ends = self.assembly.current, []
            for name, default, layers in named:
                self.assembly.current = start
                with self.assembly.group(name, default, indexed=False):
                    self.layers(layers, item.names)
                ends.append(self.assembly.current)
            self._join(item, kind, ends)

    def _join(self, item: Item, kind: str, ends: Iterable[str | None]) -> None:
        options: dict[str, Any] = {name: item.value(name) for name in ("dim", "inplace") if name in item.given}
        layer = build(kind, options, item.places, item.span)
        self.assembly.add(layer, None, tuple(end for end in ends if end is not None), Origin(item.span, item.places))

    def _split(self, item: Item) -> None:
        self._allow(item, "sizes", "dim")
        self._enter(item)
        item.need("sizes")
        sizes = item.value("sizes")
        if not isinstance(sizes, tuple) or not all(type(size) is int and size > 0 for size in sizes):
            raise Fault(
                "wrong-option",
                "sizes must be a list of whole numbers from 1",
                option="sizes",
                help="write `{option}: [24, 24]`",
            )
        dim = item.value("dim") if "dim" in item.given else 0
        wire = self.assembly.current
        if (
            wire is not None
            and type(dim) is int
            and -len(shape := self.assembly.spec(wire).shape) <= dim < len(shape)
            and shape[dim] != sum(sizes)
        ):
            raise Fault(
                "sizes-do-not-add-up",
                "sizes add up to {total}, but axis {dim} has {found}",
                option="sizes",
                help="let the sizes add up to {found}",
                total=sum(sizes),
                dim=dim,
                found=shape[dim],
            )
        with self.assembly.group(default=item.type, indexed=True, **item.called):
            start = 0
            for size in sizes:
                part = build("slice", {"dim": dim, "start": start, "end": start + size}, NOWHERE, item.span)
                self.assembly.add(part, None, (wire,) if wire else None, Origin(item.span))
                start += size
        self.assembly.current = None  # several outputs are open; the next layer must name the one it reads

    def _input_property(self, name: str) -> Any:
        inputs = self.assembly.inputs
        wire = self.focus if name != "input_size" else next(iter(inputs)) if len(inputs) == 1 else None
        if wire is None:
            return no_input(name)
        try:
            spec = self.assembly.spec(wire)
            return spec.channels if name == "in_channels" else spec.spatial
        except InputError:
            if self.log.diagnostics:
                raise InputError(()) from None  # it depends on a wrong layer, which is reported already
            raise
