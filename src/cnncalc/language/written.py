"""Options of a layer as they were written: their values, and what to write instead of those that have none."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from collections.abc import Mapping as Map
from typing import Any

from cnncalc.core.errors import MOST_DIAGNOSTICS, Diagnostic, Fault, InputError
from cnncalc.core.tensor import Shape
from cnncalc.core.translation import Listed, Phrase
from cnncalc.language.expectation import expectation, value_text
from cnncalc.language.options import example, fitting_option, positional_options, shapes_by_name, texts, words
from cnncalc.language.text.document import Mapping, Scalar, Sequence, Value
from cnncalc.language.text.values import Names, read
from cnncalc.layers.base import Layer
from cnncalc.layers.catalogue import ADDRESSES, resolve

Failed = dict[str, tuple[Diagnostic, ...]]


def evaluated(
    layer_type: type[Layer], written: Iterable[tuple[str, Value]], names: Names
) -> tuple[dict[str, Any], Failed]:
    """The values of options by name, and the diagnostics of those that have none.

    An option that the layer does not have keeps its text: what it would be worth does not matter.
    """
    literals, fields = words(layer_type), layer_type.model_fields
    text, shapes = texts(layer_type), shapes_by_name(layer_type)
    options: dict[str, Any] = {}
    failed: Failed = {}
    padding: Scalar | None = None
    for name, value in written:
        if name not in fields:
            options[name] = value.text if isinstance(value, Scalar) else flow_text(value)
            continue
        try:
            if name in text and isinstance(value, Scalar):
                options[name] = value.text if isinstance(value.value, str) else value.value
            elif name in shapes:
                options[name] = _shapes(value, names) if isinstance(value, Mapping) else flow_text(value)
            else:
                options[name] = read(value, names, literals.get(name, frozenset()))
        except InputError as error:
            failed[name] = error.diagnostics
            if len(failed) >= MOST_DIAGNOSTICS:
                break
            if name == "padding" and isinstance(value, Scalar):
                padding = value
    if padding is not None and (rows := _rows_of_word(padding.text, layer_type, options)):
        failed["padding"] = (_word_for_rows(padding, layer_type, rows),)
    return options, failed


def _shapes(written: Mapping, names: Names) -> tuple[tuple[str, Any], ...]:
    """Names with the values of their shapes."""
    return tuple([(name.text, read(shape, names)) for name, shape in written.entries()])


PADDING_WORDS: dict[str, Callable[[int], tuple[int, int]]] = {
    "causal": lambda reach: (reach, 0),
    "full": lambda reach: (reach, reach),
    "half": lambda reach: (reach // 2, reach // 2),
}
"""Words of Keras, SciPy and Theano for padding -> rows before and after, of a window that reaches so many rows on."""


def _rows_of_word(word: str, layer_type: type[Layer], options: Map[str, Any]) -> str | None:
    """The padding that a word means with this kernel and dilation; None if it cannot be told."""
    if word not in PADDING_WORDS:
        return None
    from cnncalc.layers.windowed import Filtering

    axes = layer_type.axes
    if not issubclass(layer_type, Filtering) or axes is None:
        return None
    kernel, dilation = (_per_axis(options.get(name, 1), axes) for name in ("kernel_size", "dilation"))
    if "kernel_size" not in options or kernel is None or dilation is None:
        return None
    pairs = [PADDING_WORDS[word](d * (k - 1)) for k, d in zip(kernel, dilation, strict=True)]
    return value_text(tuple(pairs))


def _per_axis(given: Any, axes: int) -> tuple[int, ...] | None:
    each = given if isinstance(given, tuple) else (given,)
    if len(each) not in (1, axes) or not all(type(n) is int and n > 0 for n in each):
        return None
    return each if len(each) == axes else each * axes


def _word_for_rows(written: Scalar, layer_type: type[Layer], rows: str) -> Diagnostic:
    return Fault(
        "wrong-option",
        "{name} must be {expected}, not {value}",
        option="padding",
        help="with this kernel that is `{name}: {rows}`",
        name="padding",
        expected=expectation(layer_type, "padding"),
        value=value_text(written.text),
        rows=rows,
    ).at(written.span)


def flow_text(value: Value) -> str:
    """A value in flow style."""
    if isinstance(value, Sequence):
        return f"[{', '.join(map(flow_text, value.items))}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key.text}: {flow_text(entry)}' for key, entry in value.entries())}}}"
    return f'"{value.text}"' if value.quoted else value.text


def about_bare_value(error: InputError, kind: str) -> InputError:
    """The error of a bare value, whose remedies are written like the value itself: `dropout: 0.5`, not `p: 0.5`."""
    return InputError(
        one._replace(help=_remedy_of_bare_value(one, kind))
        if one.code in ("wrong-option", "wrong-option-length")
        else one
        for one in error.diagnostics
    )


def _remedy_of_bare_value(one: Diagnostic, kind: str) -> str:
    own = one.help.facts if isinstance(one.help, Phrase) else {}
    template = one.help.template if isinstance(one.help, Phrase) else one.help
    return Phrase(template, **{**one.facts, **own, "name": kind, "option": kind})


def bare_value_refused(kind: str, value: Scalar | Sequence, names: Names) -> InputError:
    """The error for a bare value that gives no option of its type, with the entry to write."""
    if kind not in ADDRESSES:
        times, body = ("2", flow_text(value)) if isinstance(value, Sequence) else (flow_text(value), "[...]")
        return _several_required(kind, ("times", "layers"), {"times": times, "layers": body}, value)
    layer_type = resolve(kind)
    required = positional_options(layer_type)
    parts = value.items if isinstance(value, Sequence) else (value,)
    single = parts[0] if len(parts) == 1 and layer_type.bare_option() else None
    if isinstance(single, Scalar) and not holds_assignments(single) and len(_numbers(single)) <= 1:
        return _refused(kind, value, Phrase("write `{type}: {value}`", type=kind, value=single.text))
    if meant := _meant_by_numbers(kind, layer_type, parts, names):
        return _refused(kind, value, meant)
    if isinstance(value, Scalar) and re.search("[,=]", value.text) and not _numbers(value):
        from cnncalc.language.foreign.hints import for_options

        if written := for_options(kind, value.text):
            refused = _refused(kind, value, written.help).diagnostics
            return InputError(one._replace(example=written.example, notes=written.notes) for one in refused)
    if required:
        given = [word for part in parts for word in _numbers(part) or [flow_text(part)]]
        if len(given) > len(required):  # as torch takes them, with sizes that follow from the input here
            theirs = dict(zip(layer_type.torch_order, given, strict=False))
            given = [theirs.get(name, "...") for name in required]
        given += [value_text(example(layer_type, name)) for name in required[len(given) :]]
        return _several_required(kind, required, dict(zip(required, given, strict=True)), value)
    option = fitting_option(layer_type, value.value) if isinstance(value, Scalar) else None
    layers = _names_of_layers(value) if layer_type.least_inputs > 1 else []
    if layers:
        read_names = flow_text(value) if len(layers) > 1 else f"[previous, {layers[0]}]"
        remedy = Phrase("write `{type}: {{from: {names}}}`", type=kind, names=read_names)
    elif option is not None:
        remedy = Phrase("write `{type}: {{{option}: {text}}}`", type=kind, option=option, text=flow_text(value))
    elif layer_type.model_fields:
        options = Listed(layer_type.model_fields, ",")
        remedy = Phrase("leave the value out, or name its option ({options})", options=options)
    else:
        remedy = Phrase("write `- {type}`: it takes no options", type=kind)
    return _refused(kind, value, remedy)


def _refused(kind: str, value: Value, remedy: str) -> InputError:
    return InputError.of(
        "not-a-layer", "the options of `{type}` must be names with values", value.span, help=remedy, type=kind
    )


def _meant_by_numbers(kind: str, layer_type: type[Layer], parts: Iterable[Value], names: Names) -> str | None:
    """The remedy for numbers in the order in which torch takes them; None if they are none, or make no layer."""
    values = [number for part in parts for number in [*map(int, _numbers(part))] or [_plain_number(part)]]
    if None in values:
        return None
    from cnncalc.language.positional import meant_by_values

    def entry(options: Map[str, Any]) -> str:
        written = ", ".join(f"{name}: {value_text(value)}" for name, value in options.items())
        return f"{kind}: {{{written}}}" if options else f"- {kind}"

    return meant_by_values(layer_type, values, {}, flowing_shape(names), entry)


def _plain_number(value: Value) -> Any:
    """A number, truth value or list of numbers as it is written; None of anything else."""
    if isinstance(value, Sequence):
        items = tuple(map(_plain_number, value.items))
        return None if None in items else items
    return value.value if isinstance(value, Scalar) and isinstance(value.value, (int, float)) else None


def flowing_shape(names: Names) -> Shape | None:
    """The shape that flows in; None where it is not known."""
    try:
        return (names["in_channels"], *names["in_size"])
    except (Fault, InputError):
        return None


def _numbers(value: Value) -> list[str]:
    """The numbers of a text that holds nothing else, as `16 3`; none of any other value."""
    words = value.text.replace(",", " ").split() if isinstance(value, Scalar) else []
    return words if all(word.isdecimal() for word in words) else []


def holds_assignments(value: Value) -> bool:
    """Whether a text has options with equals signs, as `out_channels=16 kernel_size=3`."""
    return isinstance(value, Scalar) and re.search(r"\w\s*=(?!=)", value.text) is not None


def _names_of_layers(value: Scalar | Sequence) -> list[str]:
    """The names that a bare value gives, if it is such names."""
    parts = value.items if isinstance(value, Sequence) else [value]
    is_name = [
        isinstance(part, Scalar) and isinstance(part.value, str) and _NAME.fullmatch(part.text) for part in parts
    ]
    return [part.text for part in parts if isinstance(part, Scalar)] if all(is_name) else []


_NAME = re.compile(r"[A-Za-z_][\w.+-]*")


def _several_required(kind: str, required: Iterable[str], given: Map[str, str], value: Value) -> InputError:
    return InputError.of(
        "not-a-layer",
        "`{type}` needs {required}, so its options are given by name",
        value.span,
        help="write `{type}: {{{options}}}`",
        type=kind,
        required=Listed(f"`{name}`" for name in required),
        options=", ".join(f"{name}: {text}" for name, text in given.items()),
    )
