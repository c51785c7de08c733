"""Options of a layer as they were written: their values, and what to write instead of those that have none."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from collections.abc import Mapping as Map
from typing import Any

from cnncalc.core.errors import MOST_DIAGNOSTICS, Diagnostic, Fault, InputError
from cnncalc.core.translation import Listed, Phrase
from cnncalc.language.expectation import expectation, value_text
from cnncalc.language.options import example, fitting_option, positional_options, words
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
    options: dict[str, Any] = {}
    failed: Failed = {}
    padding: Scalar | None = None
    for name, value in written:
        if name not in fields:
            options[name] = value.text if isinstance(value, Scalar) else flow_text(value)
            continue
        try:
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


def bare_value_refused(kind: str, value: Scalar | Sequence) -> InputError:
    """The error for a bare value of a type that requires several options or none, with the entry to write."""
    if kind not in ADDRESSES:
        times, layers = ("2", flow_text(value)) if isinstance(value, Sequence) else (flow_text(value), "[...]")
        return _several_required(kind, ("times", "layers"), {"times": times, "layers": layers}, value)
    layer_type = resolve(kind)
    required = positional_options(layer_type)
    if isinstance(value, Scalar) and re.search("[,=]", value.text) and not _numbers(value):
        from cnncalc.language.foreign.hints import for_options

        if written := for_options(kind, value.text):
            message = "the options of `{type}` must be names with values"
            fault = Fault("not-a-layer", message, help=written.help, type=kind)
            return InputError([fault.at(value.span, written.notes)._replace(example=written.example)])
    if required:
        parts = value.items if isinstance(value, Sequence) else (value,)
        given = [word for part in parts for word in _numbers(part) or [flow_text(part)]]
        if len(given) > len(required):  # as torch takes them, with sizes that follow from the input here
            theirs = dict(zip(layer_type.torch_order, given, strict=False))
            given = [theirs.get(name, "...") for name in required]
        given += [value_text(example(layer_type, name)) for name in required[len(given) :]]
        return _several_required(kind, required, dict(zip(required, given, strict=True)), value)
    option = fitting_option(layer_type, value.value) if isinstance(value, Scalar) else None
    names = _names_of_layers(value) if layer_type.least_inputs > 1 else []
    if names:
        read_names = flow_text(value) if len(names) > 1 else f"[previous, {names[0]}]"
        remedy = Phrase("write `{type}: {{from: {names}}}`", type=kind, names=read_names)
    elif option is not None:
        remedy = Phrase("write `{type}: {{{option}: {text}}}`", type=kind, option=option, text=flow_text(value))
    elif layer_type.model_fields:
        options = Listed(layer_type.model_fields, ",")
        remedy = Phrase("leave the value out, or name its option ({options})", options=options)
    else:
        remedy = Phrase("write `- {type}`: it takes no options", type=kind)
    return InputError.of(
        "not-a-layer", "the options of `{type}` must be names with values", value.span, help=remedy, type=kind
    )


def _numbers(value: Value) -> list[str]:
    """The numbers of a text that holds nothing else, as `16 3`; none of any other value."""
    words = value.text.replace(",", " ").split() if isinstance(value, Scalar) else []
    return words if all(word.isdecimal() for word in words) else []


def holds_assignments(value: Value) -> bool:
    """Whether a text has options with equals signs, as `out_channels=16 kernel_size=3`."""
    return isinstance(value, Scalar) and re.search(r"\w\s*=(?!=)", value.text) is not None


def braces_refused(kind: str, options: Mapping, values: list[Scalar]) -> InputError:
    """The error for values in braces without names, as `dropout: {0.5}`, with the entry to write."""
    text = ", ".join(value.text for value in values)
    if len(values) == 1 and resolve(kind).bare_option() is not None:
        return InputError.of(
            "not-a-layer",
            "between braces stand names with values",
            options.span,
            help="write `{type}: {value}`",
            type=kind,
            value=text,
        )
    return bare_value_refused(kind, Sequence(tuple(values), options.span))


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
