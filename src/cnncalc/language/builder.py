"""Networks written in Python, with the same layers, names and checks as in YAML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cnncalc.core.call_site import caller
from cnncalc.core.errors import Diagnostic, Fault, InputError, Span, UnknownName
from cnncalc.core.graph import NOWHERE, Accuracy, Graph, Metadata, Origin
from cnncalc.core.python_notation import called_on
from cnncalc.core.tensor import Shape, spell
from cnncalc.core.text import printable_text
from cnncalc.core.translation import Phrase
from cnncalc.language.assembly import Assembly
from cnncalc.language.layer_methods import PLACED, LayerMethods
from cnncalc.language.options import NO_LAYER, build, layer_class, shapes_by_name
from cnncalc.language.positional import named
from cnncalc.language.shapes import input_shape, is_shape
from cnncalc.layers.catalogue import ADDRESSES, resolve

CONSTRUCTS = {
    "sequential": Phrase("call the methods of its layers one after the other"),
    "repeat": Phrase("write a loop: `for i in range(3):`"),
    "block": Phrase("write a function that takes the network, with its layers in `with net.group(name):`"),
    "residual": Phrase("keep `start = net.last`, and after the body write `net.add(from_=(net.last, start))`"),
    "branches": Phrase("begin each with `net.start_at(path)`, and join them by `net.concat(from_=(one, other))`"),
    "split": Phrase("write a `net.slice(start=0, end=16, from_=path)` for each part"),
}
"""Constructs of descriptions that are no layers -> what Python has for them."""


class Network(LayerMethods):
    """A network under construction: every layer type of the catalogue is a method that appends it and gives its path.

    Options that must be given need no name, in torch's order without the sizes that follow from the input.

    Errors:  InputError from every call, with the line of the caller

    Example:
        net = Network("tiny", input=(3, 32, 32))
        net.conv2d(16, 3, padding=1, name="stem")
        with net.group("head"):
            net.global_avg_pool2d()
            net.linear(10)
        graph = net.build()
    """

    def __init__(
        self,
        name: str = "network",
        input: Shape | None = None,
        inputs: dict[str, Shape] | None = None,
        *,
        title: str = "",
        year: int | None = None,
        paper: str = "",
        notes: str = "",
        top1: float | None = None,
        top5: float | None = None,
        accuracy_source: str = "",
    ) -> None:
        if not isinstance(name, str):
            raise InputError.of(
                "wrong-kind",
                "the name of a network is text",
                caller(),
                help="write `Network({example}, input={shape})`",
                example='"network"',
                shape=tuple(name) if is_shape(name) else (3, 224, 224),
            )
        shapes = inputs or ({"input": input} if input is not None else {})
        if not shapes:
            raise InputError.of(
                "missing-option",
                "the network has no input",
                caller(),
                help="write `Network(name, input=(3, 224, 224))`",
            )
        span = caller()
        spans = {} if span is None else dict.fromkeys(shapes, span)
        self._assembly = Assembly(name, {key: input_shape(shape) for key, shape in shapes.items()}, spans)
        self._metadata = Metadata(title, year, paper, Accuracy(top1, top5, accuracy_source), notes)

    def __repr__(self) -> str:
        inputs = " + ".join(map(spell, self._assembly.inputs.values()))
        return f"<Network {printable_text(self.name)}: {len(self._assembly.nodes):,} layers, input {inputs}>"

    @property
    def name(self) -> str:
        """What it is called."""
        return self._assembly.name

    @property
    def last(self) -> str | None:
        """Path that the next layer reads unless it has `from_`."""
        return self._assembly.current

    def shape(self, path: str | None = None) -> Shape:
        """Output shape of a layer, by default the last one."""
        with _locate_faults():
            return self._assembly.spec(self._assembly.wire(path or "previous")).shape

    @contextmanager
    def group(
        self, name: str, *, indexed: bool = False, share: str | None = None, alias: str | None = None
    ) -> Iterator[None]:
        """A level of the hierarchy; `indexed` numbers unnamed layers inside, as torch's Sequential does."""
        with (
            _locate_faults(),
            self._assembly.group(str(name), str(name), indexed, _text(share), _text(alias), is_module=not indexed),
        ):
            yield

    def start_at(self, path: str) -> None:
        """Let the next layer read an earlier one, to begin a branch."""
        with _locate_faults():
            self._assembly.current = self._assembly.wire(path)

    def add_layer(
        self,
        type: str,
        /,
        *values: Any,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
        **options: Any,
    ) -> str:
        """Append a layer of any type and return its path."""
        span = caller()
        with _locate_faults(span):
            assembly = self._assembly
            references = from_ if isinstance(from_, (list, tuple)) else (from_,)
            inputs = None if from_ is None else tuple(assembly.wire(str(one)) for one in references)
            placed = {key: one for key, one in zip(PLACED, (name, from_, share, alias, functional), strict=True) if one}
            shapes = shapes_by_name(resolve(type)) if type in ADDRESSES else ()
            given: Mapping[str, Any] = {
                key: _as_tuples(tuple(value.items()) if key in shapes and isinstance(value, Mapping) else value)
                for key, value in options.items()
            }
            if values:
                given = named(
                    layer_class(type, span, command=f"{_network(span)}."),
                    _as_tuples(values),
                    given,
                    lambda: assembly.spec(inputs[0] if inputs else assembly.wire("previous")).shape,
                    lambda free, meant: _call(type, span, free, meant, placed),
                )
            wrong = [*self._wrong_names(span, name, share, alias)]
            try:
                layer = build(type, given, NOWHERE, span)
            except InputError as error:
                from cnncalc.language.foreign.typed import as_called

                called = as_called(error, type, given, lambda meant: _call(type, span, (), meant, placed))
                raise InputError((*called.diagnostics, *wrong)) from None
            if wrong:
                raise InputError(wrong)
            return assembly.add(layer, _text(name), inputs, Origin(span), _text(share), _text(alias), bool(functional))

    def _wrong_names(self, span: Span | None, *names: object) -> Iterator[Diagnostic]:
        """The diagnostics of the name, share and alias of a layer."""
        made = self._assembly
        for given, check in zip(names, (made.check_name, made.source_of, made.check_alias), strict=True):
            try:
                if given is not None:
                    check(str(given))
            except Fault as fault:
                yield fault.at(span)

    if not TYPE_CHECKING:  # which knows every layer type by its name

        def __getattr__(self, name: str) -> Any:
            if name.startswith("_"):
                raise AttributeError(name)
            methods, span = [other for other in dir(Network) if not other.startswith("_")], caller()
            if name in ("summary", "summarize"):
                raise UnknownName.of(
                    "unknown-name",
                    "a Network has no `{name}`",
                    span,
                    help="write `print(analyze(net.build()))`, after `from cnncalc import analyze`",
                    name=name,
                )
            try:
                if name in CONSTRUCTS:
                    raise InputError.of("unknown-layer", NO_LAYER, span, help=CONSTRUCTS[name], name=name)
                return layer_class(name, span, tuple(methods), f"{_network(span, name)}.")  # there is none
            except InputError as error:
                raise UnknownName(error.diagnostics) from None

    def build(self, outputs: str | Sequence[str] | None = None) -> Graph:
        """The finished graph; by default its output is that of the last layer."""
        with _locate_faults():
            references = (outputs,) if isinstance(outputs, str) else outputs
            if not self._assembly.nodes:
                raise InputError.of(
                    "no-layers", "`{name}` has no layers", caller(), help="append one: `- relu`", name=self.name
                )
            wires = None if references is None else tuple(map(self._assembly.wire, references))
            return self._assembly.graph(wires, self._metadata)


def _text(name: object) -> str | None:
    """A name, whatever it is written as: `name=1` is no worse than in YAML."""
    return None if name is None else str(name)


def _as_tuples(value: Any) -> Any:
    is_list = isinstance(value, Sequence) and not isinstance(value, (str, bytes))
    return tuple(map(_as_tuples, value)) if is_list else value


def _call(type: str, span: Span | None, free: Sequence[str], options: Mapping[str, Any], placed: dict[str, Any]) -> str:
    """A call as it could be written on this line; `free` options need no name."""
    first = [name for name in free if name in options]
    rest = {name: value for name, value in options.items() if name not in first}
    words = [repr(options[name]) for name in first] + [f"{key}={one!r}" for key, one in {**rest, **placed}.items()]
    return f"{_network(span, type)}.{type}({', '.join(words)})"


def _network(span: Span | None, method: str = r"\w+") -> str:
    """What the network is called where a method of it is."""
    return called_on(span.source.line(span.line) if span else "", method)


@contextmanager
def _locate_faults(span: Span | None = None) -> Iterator[None]:
    try:
        yield
    except Fault as fault:
        raise InputError([fault.at(span or caller())]) from None
