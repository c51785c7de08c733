"""From what the user names - a built-in, a file, standard input - to a graph."""

from __future__ import annotations

import sys
from collections.abc import Mapping as Map
from os.path import exists
from pathlib import Path
from typing import Any

from cnncalc.core.arithmetic import LARGEST
from cnncalc.core.errors import Diagnostic, Fault, InputError, Source, Span
from cnncalc.core.graph import Accuracy, Graph, Metadata
from cnncalc.core.suggest import closest, did_you_mean
from cnncalc.core.tensor import Shape
from cnncalc.language.assembly import Assembly
from cnncalc.language.document import MOST_CHARACTERS, Mapping, Scalar, Sequence, Value, parse, resolve
from cnncalc.language.expand import Expander
from cnncalc.language.literals import literals
from cnncalc.language.settings import set_span, unknown_param
from cnncalc.language.values import Names, read, wrong_kind

KEYS = (
    "name",
    "title",
    "year",
    "paper",
    "accuracy",
    "notes",
    "input",
    "inputs",
    "params",
    "blocks",
    "layers",
    "outputs",
    "values",
    "variants",
)
VARIANT_KEYS = ("title", "year", "paper", "accuracy", "notes", "input", "params")
ACCURACY_KEYS = ("top1", "top5", "source")
MOST_AXES = 5


def load(architecture: str, *, params: Map[str, str] | None = None, input: Shape | None = None) -> Graph:
    """The graph of a built-in name, a `.yaml`, `.yml` or `.py` path, or `-` for YAML on standard input.

    `FILE.yaml:VARIANT` picks one of a file's variants. `params` override the params of the description, as text;
    `input` overrides its input shape. A `.py` file is run.

    Errors:  InputError
    """
    given = dict(params or {})
    if architecture == "-":
        return from_source(Source("<stdin>", _standard_input()), given, input)
    path, variant = _file_and_variant(architecture)
    if path.endswith((".yaml", ".yml")):
        return from_source(Source(path, _text_of(path)), given, input, variant)
    if path.endswith(".py"):
        from cnncalc.language.python_file import from_python

        return from_python(Source(path, _text_of(path)), given, input)
    from cnncalc.language import collection

    if exists(architecture) and not architecture.isidentifier():
        raise InputError.of(
            "unknown-architecture",
            "`{name}` is neither a built-in architecture nor a .yaml, .yml or .py file",
            help="a description ends in .yaml or .py; `cnncalc list` shows the built-in names",
            name=architecture,
        )
    return _from_document(collection.find(architecture), given, input, architecture)


def _file_and_variant(architecture: str) -> tuple[str, str | None]:
    """`nets/vgg.yaml:vgg16` as its two parts."""
    for ending in (".yaml:", ".yml:"):
        if ending in architecture:
            path, _, variant = architecture.rpartition(":")
            return path, variant
    return architecture, None


def from_text(text: str, *, params: Map[str, str] | None = None, input: Shape | None = None) -> Graph:
    """The graph of a description that is already in memory.

    Errors:  InputError
    """
    return from_source(Source("<text>", text), dict(params or {}), input)


def from_source(source: Source, params: dict[str, str], input: Shape | None, variant: str | None = None) -> Graph:
    """The graph of a YAML description; `variant` picks one of those it lists."""
    return _from_document(parse(source), params, input, variant)


def _from_document(document: Value, params: dict[str, str], input: Shape | None, variant: str | None) -> Graph:
    if not isinstance(document, Mapping):
        raise InputError.of(
            "wrong-kind",
            "a description has names with values at the top, such as `input:` and `layers:`",
            document.span,
            help="begin with `input: [3, 224, 224]` and `layers:`",
        )
    _known_keys(document, KEYS, "a description")
    chosen = _variant(document, variant)
    expander = _begin(
        document, chosen, variant or _text(document, "name") or Path(document.span.source.name).stem, params, input
    )
    if "layers" not in document.values:
        raise InputError.of("missing-option", "the description has no `layers`", document.span, help="add `layers:`")
    expander.expand(document.values["layers"])
    outputs = _outputs(document, expander)
    graph = expander.assembly.graph(outputs, _metadata(document, chosen))
    written = document.values.get("values")
    return graph if written is None else graph._replace(values=literals(written, _names(expander.params)))


def _begin(
    document: Mapping, chosen: Mapping | None, name: str, params: dict[str, str], input: Shape | None
) -> Expander:
    values = _params(document, chosen, params)
    blocks = document.values.get("blocks")
    if blocks is not None and not isinstance(blocks, Mapping):
        raise wrong_kind(blocks, "blocks by name", "write `blocks: {{name: {{layers: [...]}}}}`")
    shapes, spans = _inputs(document, chosen, values, input)
    return Expander(Assembly(name, shapes, spans), blocks, values)


def _variant(document: Mapping, name: str | None) -> Mapping | None:
    """What the chosen variant says, checked."""
    variants = document.values.get("variants")
    if variants is None:
        if name is None or name in (_text(document, "name"), Path(document.span.source.name).stem):
            return None
        raise InputError.of(
            "unknown-variant",
            "there is no variant `{name}`: the file describes one network",
            document.span,
            help="leave out `:{name}`",
            name=name,
        )
    if not isinstance(variants, Mapping) or not variants.keys:
        raise wrong_kind(variants, "variants by name", "write `variants: {{name: {{params: {{...}}}}}}`")
    if name is None or name not in variants.keys:
        raise InputError.of(
            "unknown-variant",
            "there is no variant `{name}`" if name else "this file describes several networks: say which",
            document.keys["variants"].span,
            help=did_you_mean(name or "", variants.keys, "write `{file}:{first}`; there are {all}"),
            name=name,
            file=document.span.source.name,
            first=next(iter(variants.keys)),
            all=", ".join(variants.keys),
        )
    chosen = variants.values[name]
    if isinstance(chosen, Scalar) and chosen.value is None:
        return None
    if not isinstance(chosen, Mapping):
        raise wrong_kind(chosen, "what sets the variant apart", "write `{{params: {{...}}}}`, or leave it empty")
    _known_keys(chosen, VARIANT_KEYS, "a variant")
    return chosen


def _params(document: Mapping, chosen: Mapping | None, overrides: dict[str, str]) -> dict[str, Any]:
    """Params of the description, those of the variant over them, those of the command line over both."""
    own, varied = _mapping(document, "params"), _mapping(chosen, "params") if chosen else {}
    given = [(name, value.span) for name, value in varied.items()]
    given += [(name, set_span(name, text)) for name, text in overrides.items()]
    unknown = [unknown_param("the description", name, span, own) for name, span in given if name not in own]
    if unknown:
        raise InputError(unknown)
    values: dict[str, Any] = {}
    wrong: dict[str, tuple[Diagnostic, ...]] = {}
    scope = Expander(Assembly("", {}), None, {})
    for name in own:
        value = varied.get(name, own[name])
        if name in overrides:
            text = overrides[name]
            value = Scalar(resolve(text), text, set_span(name, text))
        try:
            values[name] = read(value, scope.names(values), quoted_is_text=True)
        except InputError as error:  # what hangs on a param that is wrong itself has been said already
            wrong[name] = tuple(one for one in error.diagnostics if one.facts.get("name") not in wrong)
    if wrong:
        raise InputError(one for found in wrong.values() for one in found)
    return values


def _inputs(
    document: Mapping, chosen: Mapping | None, params: dict[str, Any], override: Shape | None
) -> tuple[dict[str, Shape], dict[str, Span]]:
    """Shapes of the network's inputs by name, and where they were written."""
    names = _names(params)
    several = document.values.get("inputs")
    if several is not None:
        if not isinstance(several, Mapping) or not several.keys or "input" in document.values:
            raise InputError.of(
                "wrong-kind",
                "here should stand input shapes by name",
                several.span,
                help="write `inputs: {{image: [3, 32, 32]}}`",
            )
        if override is not None and len(several.keys) > 1:
            raise InputError.of(
                "several-inputs",
                "--input gives one shape, but this network has {n} inputs",
                several.span,
                help="change the shapes under `inputs`",
                n=len(several.keys),
            )
        written = several.values
    else:
        value = (chosen.values.get("input") if chosen else None) or document.values.get("input")
        if value is None:
            raise InputError.of(
                "missing-option",
                "the description has no `input`",
                document.span,
                help="add `input: [3, 224, 224]` (channels first, without the batch)",
            )
        written = {"input": value}
    shapes = {name: override or _shape(value, read(value, names)) for name, value in written.items()}
    return shapes, {name: value.span for name, value in written.items()}


def _names(params: dict[str, Any]) -> Names:
    """Params as names in scope of an expression that stands at no layer."""
    return Expander(Assembly("", {}), None, params).params


def _shape(value: Value, shape: Any) -> Shape:
    if (
        not isinstance(shape, tuple)
        or not 1 <= len(shape) <= MOST_AXES
        or not all(type(n) is int and 1 <= n <= LARGEST for n in shape)
    ):
        raise InputError.of(
            "bad-shape",
            "an input shape is a list of whole numbers from 1 to {largest:,}, channels first and without the batch",
            value.span,
            help="write `[3, 224, 224]`",
            largest=LARGEST,
        )
    return shape


def _outputs(document: Mapping, expander: Expander) -> tuple[str, ...] | None:
    value = document.values.get("outputs")
    if value is None:
        return None
    items = value.items if isinstance(value, Sequence) else (value,)
    wires = []
    for item in items:
        if not isinstance(item, Scalar) or not isinstance(item.value, (str, int)):
            raise wrong_kind(item, "the name of a layer", "write `outputs: [name]`")
        try:
            wires.append(expander.assembly.wire(item.text))
        except Fault as fault:
            raise InputError([fault.at(item.span)]) from None
    return tuple(wires)


def _metadata(document: Mapping, chosen: Mapping | None) -> Metadata:
    def text(name: str) -> str:
        return (chosen and _text(chosen, name)) or _text(document, name) or ""

    value = (chosen.values.get("year") if chosen else None) or document.values.get("year")
    if value is not None and not (isinstance(value, Scalar) and type(value.value) is int):
        raise wrong_kind(value, "a year", "write a whole number, as `2016`")
    accuracy = (chosen.values.get("accuracy") if chosen else None) or document.values.get("accuracy")
    return Metadata(
        title=text("title"),
        year=value.value if value is not None and isinstance(value.value, int) else None,
        paper=text("paper"),
        accuracy=_accuracy(accuracy) if accuracy is not None else Accuracy(),
        notes=text("notes"),
    )


def _accuracy(value: Value) -> Accuracy:
    if not isinstance(value, Mapping):
        raise wrong_kind(value, "top1, top5 and source", "write `{{top1: 71.6, source: where it was published}}`")
    _known_keys(value, ACCURACY_KEYS, "accuracy")
    percents: dict[str, float | None] = {"top1": None, "top5": None}
    for name in percents:
        found = value.values.get(name)
        if found is None:
            continue
        if not isinstance(found, Scalar) or not isinstance(found.value, (int, float)) or isinstance(found.value, bool):
            raise wrong_kind(found, "a percentage", "write a number, as `71.6`")
        percents[name] = float(found.value)
    return Accuracy(**percents, source=_text(value, "source") or "")


def _text(mapping: Mapping, name: str) -> str | None:
    value = mapping.values.get(name)
    if value is None:
        return None
    if not isinstance(value, Scalar):
        raise wrong_kind(value, "text", "write it in quotes")
    return value.text


def _mapping(mapping: Mapping, name: str) -> dict[str, Value]:
    value = mapping.values.get(name)
    if value is None or (isinstance(value, Scalar) and value.value is None):
        return {}
    if not isinstance(value, Mapping):
        raise wrong_kind(value, "names with values", "write `{{name: value}}`")
    return value.values


def _known_keys(mapping: Mapping, known: tuple[str, ...], what: str) -> None:
    faults = [
        InputError.of(
            "unknown-key",
            "{what} has no `{name}`",
            mapping.entry_span(name),
            help=did_you_mean(name, known, "it has {known}"),
            what=what,
            name=name,
            known=", ".join(known),
        ).diagnostics[0]
        for name in mapping.keys
        if name not in known
    ]
    if faults:
        raise InputError(faults)


def _text_of(path: str) -> str:
    """The text of a file the user named.

    Errors:  cannot-read, not-text
    """
    try:
        with open(path, "rb") as file:
            content = file.read(4 * MOST_CHARACTERS + 1)
    except FileNotFoundError:
        near = _descriptions_near(path)
        meant = closest(Path(path).stem, near)
        raise InputError.of(
            "cannot-read",
            "there is no file {path}",
            help="did you mean `{meant}`?" if meant else "check the path",
            path=path,
            meant=meant and near[meant],
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError.of(
            "cannot-read", "cannot read {path}: {reason}", help="name a text file", path=path, reason=reason
        ) from None
    return _decoded(content, path)


def _standard_input() -> str:
    """The text on standard input.

    Errors:  cannot-read, not-text
    """
    try:
        if sys.stdin is None:
            raise OSError("it is closed")
        content = sys.stdin.buffer.read(4 * MOST_CHARACTERS + 1)
    except OSError as error:
        raise InputError.of(
            "cannot-read",
            "cannot read standard input: {reason}",
            help="pipe a description into it: `cnncalc summarize - < file.yaml`",
            reason=error.strerror or str(error),
        ) from None
    return _decoded(content, "<stdin>")


def _decoded(content: bytes, name: str) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError.of(
            "not-text",
            "{name} is not UTF-8 text: byte {position} is 0x{byte:02x}",
            help="save the file as UTF-8",
            name=name,
            position=error.start,
            byte=content[error.start],
        ) from None
    if "\x00" in text:
        raise InputError.of("not-text", "{name} is a binary file", help="name a text file", name=name)
    return text


def _descriptions_near(path: str) -> dict[str, str]:
    """Descriptions in the folder where one was looked for: their paths by their names without the ending."""
    folder = Path(path).parent
    return {p.stem: str(p) for p in folder.glob("*") if p.suffix in (".yaml", ".yml", ".py")} if folder.is_dir() else {}
