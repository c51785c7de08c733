"""Names and wires of a graph under construction, shared by YAML and the Python builder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from cnncalc.core.errors import Diagnostic, Fault, InputError, Span
from cnncalc.core.graph import Graph, Metadata, Node, Origin
from cnncalc.core.suggest import did_you_mean
from cnncalc.core.tensor import Shape, TensorSpec
from cnncalc.core.translation import Listed, Phrase
from cnncalc.language.naming import PREVIOUS, Scope, check_alias, check_name
from cnncalc.layers.at_node import blaming_input, output
from cnncalc.layers.base import Layer
from cnncalc.layers.catalogue import type_name

MOST_LAYERS = 10_000
"""Layers of one network; the deepest published ones have a few thousand."""


class Assembly:
    """A graph under construction."""

    def __init__(self, name: str, inputs: Mapping[str, Shape], input_spans: Mapping[str, Span] | None = None) -> None:
        self.name = name
        self.inputs = dict(inputs)
        self.input_spans = dict(input_spans or {})
        self.nodes: dict[str, Node] = {}
        self.ends: dict[str, str] = dict.fromkeys(inputs, "")  # path of a layer, group or input -> its output wire
        self.ends.update({name: name for name in inputs})
        self.scopes = [Scope("", indexed=False)]
        self.current: str | None = next(iter(inputs)) if len(inputs) == 1 else None
        self.shared: list[tuple[str, str]] = []  # (path of a group, path of the group whose weights it reads)
        self.read: set[str] = set()
        self.faulty: set[str] = set()  # paths of layers and groups that are wrong: nothing is known of their outputs
        self.aliases: dict[str, str] = {}  # alias -> path of a layer or group
        self._paths = {name.lower(): name for name in inputs}  # lower case -> path
        self._aliased: dict[str, str] = {}
        self._specs: dict[str, TensorSpec] = {path: TensorSpec(shape) for path, shape in inputs.items() if shape}
        self._unseen: list[Node] = []
        self._count = 0

    @property
    def scope(self) -> Scope:
        """The level being written."""
        return self.scopes[-1]

    def add(
        self,
        layer: Layer,
        name: str | None = None,
        inputs: tuple[str, ...] | None = None,
        origin: Origin = Origin(),  # noqa: B008 - immutable
        share: str | None = None,
        alias: str | None = None,
        functional: bool = False,
    ) -> str:
        """Append a layer and return its path; by default it reads the preceding layer.

        Errors:  duplicate-name, bad-name, bad-alias, too-many-layers, nothing-to-read, cannot-share
        """
        self._count += layer.counts_as
        if self._count > MOST_LAYERS:
            raise Fault(
                "too-many-layers", "the network has more than {most:,} layers", help="repeat less", most=MOST_LAYERS
            )
        kind = type_name(type(layer))
        path = self._new_path(name, kind)
        self._register_names(path, alias)
        wires = (self._previous_wire(),) if inputs is None else inputs
        node = Node(path, layer, wires, origin, self._weights_of(path, layer, share), functional)
        self.nodes[path] = node
        self._unseen.append(node)
        self.read.update(wires)
        self.ends[path] = path
        self.current = path
        return path

    def add_faulty(self, name: str | None, kind: str) -> None:
        """Register a layer or group that is wrong, so that later ones may name it."""
        try:
            given = name if name in self.scope.taken else None
            path = self.scope.path(given or self.scope.choose(name, kind))
        except Fault:  # it has no name, and stands too deep for one
            return
        self.faulty.add(path)
        self.ends.setdefault(path, path)
        self.current = self.ends[path]

    @contextmanager
    def group(
        self,
        name: str | None = None,
        default: str = "",
        indexed: bool = False,
        share: str | None = None,
        alias: str | None = None,
        is_block: bool = False,
        is_module: bool = False,
    ) -> Iterator[Scope]:
        """Open a level below this one; layers added inside get its prefix.

        A level that `is_module` is a module of its own in the author's code, and no plain `Sequential`.
        """
        path = self._new_path(name, default)
        self._register_names(path, alias)
        scope = Scope(path, indexed, path if is_block else self.scope.block)
        source = share and self.source_of(share)
        if source:
            self.shared.append((path, source))
        self.scopes.append(scope)
        before = len(self.nodes)
        try:
            yield scope
        finally:
            self.scopes.pop()
            if source:
                self.shared.pop()
            if self.current is not None:
                self.ends[path] = self.current
                if is_module and len(self.nodes) > before and (last := self.nodes.get(self.current)):
                    self.nodes[last.path] = last._replace(modules_ended=last.modules_ended + 1)

    def wire(self, reference: str, computed: bool = False) -> str:
        """The wire of a name, looked up from the innermost level outwards.

        In an unnamed repeat, layers of the current round come first, unless the name was `computed` from expressions.

        Errors:  unknown-layer-name, nothing-to-read
        """
        if reference == PREVIOUS:
            return self._previous_wire()
        path = self._lookup(reference, computed)
        if path is None:
            raise Fault(
                "unknown-layer-name",
                "no earlier layer is called `{name}`",
                option="from",
                help=did_you_mean(
                    reference, self._candidates(), "a layer reads earlier layers only, so that there are no cycles"
                ),
                name=reference,
            )
        return self.ends[path]

    def source_of(self, reference: str) -> str:
        """The path of an earlier layer or group whose weights are shared.

        Errors:  unknown-layer-name
        """
        path = self._lookup(reference)
        if path is None or path in self.inputs:
            raise Fault(
                "unknown-layer-name",
                "no earlier layer is called `{name}`",
                option="share",
                help=did_you_mean(reference, self._candidates(), "weights are shared with an earlier layer or group"),
                name=reference,
            )
        return path

    def spec(self, wire: str) -> TensorSpec:
        """The tensor on a wire.

        Errors:  InputError with the errors of the rules on the way, or with none if those were raised before
        """
        for node in self._unseen:
            if not self._specs.keys() >= {*node.inputs}:
                continue  # it follows a faulty layer or input
            inputs = tuple(self._specs[path] for path in node.inputs)
            try:
                self._specs[node.path] = output(node, inputs)
            except InputError as error:
                raise blaming_input(error, node, inputs[0], self.inputs, self.input_spans) from None
        self._unseen.clear()
        if wire not in self._specs:
            raise InputError(())
        return self._specs[wire]

    def graph(self, outputs: tuple[str, ...] | None = None, metadata: Metadata | None = None) -> Graph:
        """The finished graph; by default its output is that of the last layer.

        Errors:  no-layers, unused-layer
        """
        if not self.nodes:
            raise InputError.of(
                "no-layers", "`{name}` has no layers", help="list at least one under `layers`", name=self.name
            )
        ends = outputs or (self.current or next(reversed(self.nodes)),)
        unused = [node for node in self.nodes.values() if node.path not in self.read and node.path not in ends]
        if unused:
            raise InputError(
                Diagnostic(
                    "unused-layer",
                    "nothing reads the output of `{path}`",
                    {"path": node.path},
                    node.origin.span,
                    help="read it with `from`, name it under `outputs`, or remove it",
                )
                for node in unused
            )
        return Graph(
            self.name,
            self.inputs,
            tuple(self.nodes.values()),
            ends,
            metadata or Metadata(),
            self.input_spans,
            aliases=self.aliases,
        )

    def check_name(self, name: str) -> None:
        """Require that the next layer or group can have this name.

        Errors:  duplicate-name, bad-name
        """
        check_name(name)
        self.scope.check(name)
        self._check_path(self.scope.path(name))

    def check_alias(self, alias: str) -> None:
        """Require that the next layer or group can have this alias; aliases are unique, regardless of case.

        Errors:  duplicate-name, bad-alias
        """
        check_alias(alias)
        full = self._full_alias(alias)
        other = self._aliased.get(full.lower()) or self._paths.get(full.lower())
        if other is not None:
            raise Fault(
                "duplicate-name",
                "`{alias}` already names `{other}`",
                option="alias",
                help="give every layer an alias of its own; in a repeat with an {{expression}}: `conv{{i + 1}}`",
                alias=full,
                other=other,
            )

    def _full_alias(self, alias: str) -> str:
        return f"{self.scope.block}.{alias}" if self.scope.block else alias

    def _new_path(self, name: str | None, default: str) -> str:
        """The path of the next layer or group, whose name is in use from now on.

        Errors:  duplicate-name, bad-name
        """
        if name is not None:
            check_name(name)
        path = self.scope.path(self.scope.choose(name, default))
        self._check_path(path)
        return path

    def _check_path(self, path: str) -> None:
        if path.lower() in self._aliased:
            raise Fault(
                "duplicate-name",
                "`{path}` is already an alias of `{other}`",
                option="name",
                help="give one of them another name",
                path=path,
                other=self._aliased[path.lower()],
            )

    def _register_names(self, path: str, alias: str | None) -> None:
        """Register the path and alias of a new layer or group.

        Errors:  duplicate-name, bad-alias
        """
        if alias is not None:
            self.check_alias(alias)
            self.aliases[self._full_alias(alias)] = self._aliased[self._full_alias(alias).lower()] = path
        self._paths.setdefault(path.lower(), path)

    def _previous_wire(self) -> str:
        if self.current is None:
            raise Fault(
                "nothing-to-read",
                "several outputs are open here, so this layer must say which one it reads",
                help="write `from: name`; open are {names}",
                names=Listed(list(self.ends)[-4:], ","),
            )
        return self.current

    def _lookup(self, reference: str, computed: bool = False) -> str | None:
        for scope in reversed(self.scopes):
            turned = ".".join([reference, *map(str, scope.turns)])
            for name in (reference, turned) if computed else (turned, reference):
                if self.ends.get(scope.path(name)):
                    return scope.path(name)
        return None

    def _candidates(self) -> Iterator[str]:
        """Names that a misspelled reference could mean, the latest first, relative to each level."""
        prefixes = [scope.prefix + "." for scope in self.scopes if scope.prefix]
        for path in reversed(self.ends):
            yield path
            yield from (path.removeprefix(prefix) for prefix in prefixes if path.startswith(prefix))

    def _weights_of(self, path: str, layer: Layer, share: str | None) -> str | None:
        source = self.source_of(share) if share else None
        for prefix, other in reversed(self.shared):
            if source is None and path.startswith(prefix + "."):
                source = other + path.removeprefix(prefix)
        if source is None:
            return None
        node = self.nodes.get(source)
        if node is None and self.faulty:
            return None  # it may be one of those that are wrong
        if node is None or type(node.layer) is not type(layer):
            raise Fault(
                "cannot-share",
                "`{path}` cannot read the weights of `{source}`: {reason}",
                option="share",
                help="share with a layer of the same type, or with a group built in the same way",
                path=path,
                source=source,
                reason=Phrase("there is no such layer")
                if node is None
                else Phrase("that is a {type}", type=type_name(type(node.layer))),
            )
        return node.weights_from or source
