"""The parts of a description: variants, params, inputs, outputs and metadata."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnncalc.core.arithmetic import LARGEST
from cnncalc.core.errors import MOST_DIAGNOSTICS, Diagnostic, Fault, InputError, Span, apply_to_all, collect
from cnncalc.core.graph import Accuracy, Metadata
from cnncalc.core.suggest import did_you_mean
from cnncalc.core.tensor import Shape
from cnncalc.core.translation import Listed, Phrase
from cnncalc.language.bounds import LARGEST_FLOAT
from cnncalc.language.meant_shape import channels_first, meant_shape, sizes_of
from cnncalc.language.settings import input_span, params_had, setting, unknown_param
from cnncalc.language.shapes import is_shape, sizes_in
from cnncalc.language.text.document import Mapping, Scalar, Sequence, Value
from cnncalc.language.text.values import Names, cut_text, fill_in, names_without_input, read, wrong_kind
from cnncalc.language.work import Work

if TYPE_CHECKING:
    from cnncalc.language.assembly import Assembly

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
    "import",
    "blocks",
    "layers",
    "outputs",
    "values",
    "variants",
)
MEANT = {
    **dict.fromkeys(("model", "network", "net", "architecture", "arch", "backbone", "modules", "layer"), "layers"),
    **dict.fromkeys(("variables", "vars", "constants", "hyperparameters", "config"), "params"),
    **dict.fromkeys(("functions", "macros", "definitions", "defs"), "blocks"),
    **dict.fromkeys(("weights", "arrays", "data"), "values"),
    "output": "outputs",
}
"""What other words for the keys of a description stand for."""

VARIANT_KEYS = ("title", "year", "paper", "accuracy", "notes", "input", "params")
ACCURACY_KEYS = ("top1", "top5", "score", "measure", "source")


def description_and_variant(
    document: Value, variant: str | None, problems: list[Diagnostic] | None = None
) -> tuple[Mapping, Mapping | None]:
    """A description with checked keys, and the entry of the chosen variant.

    With a list of `problems`, the diagnostics of unknown keys are added to it, instead of being raised.

    Errors:  wrong-kind, unknown-key, unknown-variant
    """
    if not isinstance(document, Mapping):
        raise InputError.of(
            "wrong-kind",
            "a description has names with values at the top, such as `input:` and `layers:`",
            document.span,
            help="begin with `input: [3, 224, 224]` and `layers:`",
        )
    check_keys(document, KEYS, "a description", problems)
    return document, _variant(document, variant)


def _variant(document: Mapping, name: str | None) -> Mapping | None:
    """The entry of the chosen variant; None if it is empty, or the file has no variants."""
    variants = document.values.get("variants")
    if variants is None:
        if name is None or name in (text_of(document, "name"), Path(document.span.source.name).stem):
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
            all=Listed(variants.keys, ","),
        )
    chosen = variants.values[name]
    if isinstance(chosen, Scalar) and chosen.value is None:
        return None
    if not isinstance(chosen, Mapping):
        raise wrong_kind(chosen, "what sets the variant apart", "write `{{params: {{...}}}}`, or leave it empty")
    check_keys(chosen, VARIANT_KEYS, "a variant")
    return chosen


def params_of(
    document: Mapping,
    chosen: Mapping | None,
    overrides: dict[str, Any],
    work: Work,
    problems: list[Diagnostic] | None = None,
) -> Names:
    """Values of the params; those set from outside override the variant, which overrides the description.

    With a list of `problems`, the diagnostics of wrong values are added to it, instead of being raised.
    """
    own, varied = mapping_of(document, "params"), mapping_of(chosen, "params") if chosen else {}
    given = [(name, value.span) for name, value in varied.items()]
    set_ = {name: setting(name, value) for name, value in params_had(overrides, own).items()}
    given += [(name, value.span) for name, value in set_.items()]
    unknown = [unknown_param(Phrase("the description"), name, span, own) for name, span in given if name not in own]
    if unknown:
        raise InputError(unknown)
    values = names_without_input({}, work)
    failed: list[Diagnostic] = []
    for name in own:
        value = set_.get(name, varied.get(name, own[name]))
        try:
            values[name] = read(value, values, param=name)
        except InputError as error:
            failed += error.diagnostics
            values.fail(name)
            if len(failed) >= MOST_DIAGNOSTICS:
                raise InputError(failed, is_cut=True) from None
    if problems is not None:
        problems += failed
    elif failed:
        raise InputError(failed)
    return values


def inputs_of(
    document: Mapping, chosen: Mapping | None, names: Names, override: Shape | None, problems: list[Diagnostic]
) -> tuple[dict[str, Shape], dict[str, Span]]:
    """Shapes of the network's inputs by name, and their places.

    The diagnostics of wrong shapes are added to `problems`, and such a shape is empty. That there is no input is not
    told where a key is unknown, which may be meant.

    Errors:  wrong-kind, several-inputs
    """
    several = document.values.get("inputs")
    if several is not None:
        if not isinstance(several, Mapping) or not several.keys or "input" in document.values:
            raise InputError.of(
                "wrong-kind",
                "expected here: input shapes by name",
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
            if override:
                return {"input": override}, {"input": input_span(override)}
            if not any(name not in KEYS for name in document.keys):
                help = Phrase("add `input: [3, 224, 224]` (channels first, without the batch)")
                missing = Fault("missing-option", "the description has no `input`", help=help)
                problems.append(missing.at(document.span))
            return {"input": ()}, {}
        written = {"input": value}
    if override:
        return dict.fromkeys(written, override), dict.fromkeys(written, input_span(override))
    shapes: dict[str, Shape] = {}
    for name, value in written.items():
        try:
            shapes[name] = _shape(name, value, names)
        except InputError as error:
            problems += error.diagnostics
            shapes[name] = ()
    return shapes, {name: value.span for name, value in written.items()}


def outputs_of(document: Mapping, assembly: Assembly, names: Names) -> tuple[str, ...] | None:
    """The wires named under `outputs`, with every `{expression}` filled in; None without `outputs`.

    Errors:  wrong-kind, unknown-layer-name
    """
    value = document.values.get("outputs")
    if value is None:
        return None
    items = value.items if isinstance(value, Sequence) else (value,)

    def wire(item: Value) -> str:
        if not isinstance(item, Scalar) or not isinstance(item.value, (str, int)):
            raise wrong_kind(item, "the name of a layer", "write `outputs: [name]`")
        try:
            return assembly.wire(fill_in(item, names))
        except Fault as fault:
            raise InputError([fault.at(item.span)]) from None

    return tuple(dict.fromkeys(apply_to_all(wire, items or (value,))))  # two computed names may be the same


def metadata_of(document: Mapping, chosen: Mapping | None) -> Metadata:
    """The metadata of the network; those of the variant come first.

    Errors:  wrong-kind, unknown-key
    """

    def text(name: str) -> str:
        return (chosen and text_of(chosen, name)) or text_of(document, name) or ""

    def value(name: str) -> Value | None:
        return (chosen.values.get(name) if chosen else None) or document.values.get(name)

    return Metadata(
        *collect(
            lambda: text("title"),
            lambda: _year(value("year")),
            lambda: text("paper"),
            lambda: _accuracy(value("accuracy")),
            lambda: text("notes"),
        )
    )


def _year(value: Value | None) -> int | None:
    if value is None:
        return None
    if isinstance(value, Scalar) and type(value.value) is int:
        return value.value
    raise wrong_kind(value, "a year", "write a whole number, as `2016`")


def check_keys(mapping: Mapping, known: tuple[str, ...], what: str, problems: list[Diagnostic] | None = None) -> None:
    """Require that all keys are known; with a list of `problems`, the diagnostics are added to it.

    Errors:  unknown-key
    """
    faults = [
        InputError.of(
            "unknown-key",
            "{what} has no `{name}`",
            mapping.entry_span(name),
            help=_meant_input(mapping.values[name])
            if name in INPUT_WORDS and "input" in known
            else _meant_key(name, known),
            what=Phrase(what),
            name=name,
            known=Listed(known, ","),
        ).diagnostics[0]
        for name in mapping.keys
        if name not in known
    ]
    if problems is not None:
        problems += faults
    elif faults:
        raise InputError(faults)


INPUT_WORDS = ("input_shape", "input_size", "batch_input_shape", "in_shape", "shape", "input_dim", "image_size")
"""Other names of the input's shape; those of Keras have the channels last."""


def _meant_input(value: Value) -> str:
    """The remedy for a shape under another name, channels first and without the batch."""
    sizes = meant_shape(value, ()) or sizes_of(value.items if isinstance(value, Sequence) else ())
    shape = channels_first(sizes) or [3, 224, 224]
    return Phrase("write `input: {shape}`: channels first, without the batch", shape=shape)


def _meant_key(name: str, known: tuple[str, ...]) -> str:
    meant = MEANT.get(name.lower())
    return Phrase("write `{name}`", name=meant) if meant in known else did_you_mean(name, known, "it has {known}")


def text_of(mapping: Mapping, name: str) -> str | None:
    """A text, or None if it is left out.

    Errors:  wrong-kind, bad-expression
    """
    value = mapping.values.get(name)
    if value is None:
        return None
    if not isinstance(value, Scalar):
        raise wrong_kind(value, "text", "write it in quotes")
    if value.repair:
        raise cut_text(value)
    return value.text


def _shape(name: str, value: Value, names: Names) -> Shape:
    """An input shape: a list, an expression, or sizes as on the command line, `3x224x224`."""
    text = value.text if isinstance(value, Scalar) else ""
    sizes = sizes_in(text)
    meant = meant_shape(value, names)
    shape = () if meant else tuple(sizes) if sizes and "*" not in text else read(value, names)
    if not is_shape(shape):
        meant = meant or sizes or ([shape] if type(shape) is int else [])
        fits = is_shape(meant)
        raise InputError.of(
            "bad-shape",
            "an input shape is a list of whole numbers from 1 to {largest:,}, channels first and without the batch",
            value.span,
            help="write `{name}: {example}`",
            largest=LARGEST,
            name=name,
            example=meant if fits else [3, 224, 224],
        )
    made: Shape = shape
    return made


def _accuracy(value: Value | None) -> Accuracy:
    if value is None:
        return Accuracy()
    if not isinstance(value, Mapping):
        raise wrong_kind(value, "top1, top5 and source", "write `{{top1: 71.6, source: where it was published}}`")
    top1, top5, score, measure, source, _ = collect(
        lambda: _percentage(value.values.get("top1")),
        lambda: _percentage(value.values.get("top5")),
        lambda: _percentage(value.values.get("score")),
        lambda: text_of(value, "measure") or "",
        lambda: text_of(value, "source") or "",
        lambda: check_keys(value, ACCURACY_KEYS, "accuracy"),
    )
    return Accuracy(top1, top5, source, score, measure)


def _percentage(entry: Value | None) -> float | None:
    if entry is None:
        return None
    number = entry.value if isinstance(entry, Scalar) else None
    if isinstance(number, bool) or not isinstance(number, (int, float)) or not abs(number) < LARGEST_FLOAT:
        raise wrong_kind(entry, "a percentage", "write a number, as `71.6`")
    return float(number)


def mapping_of(mapping: Mapping, name: str) -> dict[str, Value]:
    """The entries of a mapping; none if it is left out."""
    value = mapping.values.get(name)
    if value is None or (isinstance(value, Scalar) and value.value is None):
        return {}
    if not isinstance(value, Mapping):
        raise wrong_kind(value, "names with values", "write `{{name: value}}`")
    return value.values
