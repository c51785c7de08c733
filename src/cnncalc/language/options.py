"""Layers built from options, with diagnostics that name the wrong option and the expected value."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from itertools import islice
from typing import Any, Literal, NamedTuple, get_args, get_origin

from pydantic import ConfigDict, TypeAdapter, ValidationError

from cnncalc.core.errors import MOST_DIAGNOSTICS, Diagnostic, Fault, InputError, Span
from cnncalc.core.graph import Places
from cnncalc.core.suggest import closest_name, did_you_mean
from cnncalc.core.translation import Listed, Phrase
from cnncalc.language.expectation import expectation, value_text
from cnncalc.layers.base import Layer
from cnncalc.layers.catalogue import ADDRESSES, resolve, type_name
from cnncalc.layers.option_types import Shapes

WRITE_OPTION = Phrase("write `{layer}: {{{name}: ...}}`")
WRITE_VALUE = Phrase("write `{name}: {example}`")
"""Remedies in the notation of descriptions, which the command line and calls from Python replace."""

NO_LAYER = Phrase("there is no layer `{name}`")

NOTHING_FAILED: Mapping[str, Sequence[Diagnostic]] = {}


def layer_class(name: str, span: Span | None, others: tuple[str, ...] = (), command: str = "") -> type[Layer]:
    """The class of a layer type; `others` are further names for suggestions, `command` what is typed before a name.

    Errors:  unknown-layer
    """
    if name in ADDRESSES:
        return resolve(name)
    from cnncalc.language.foreign.hints import for_type

    remedy = for_type(name, command, others)
    raise InputError.of("unknown-layer", NO_LAYER, span, help=remedy, name=name)


def build(
    name: str,
    given: Mapping[str, Any],
    places: Places,
    span: Span | None,
    failed: Mapping[str, Sequence[Diagnostic]] = NOTHING_FAILED,
) -> Layer:
    """Build the layer with these options; equal options give the same object.

    `failed` are diagnostics of options without a value, which come together with those of the others.

    Errors:  unknown-layer, unknown-option, missing-option, wrong-option, not-whole, wrong-option-length
    """
    layer_type = layer_class(name, span)
    try:
        if not failed:
            return _cached_layer(layer_type, tuple(given.items()))
        _new_layer(layer_type, dict(given), failed)
        faults = []
    except _Rejected as rejected:
        faults = rejected.faults
    found = [one for diagnostics in failed.values() for one in diagnostics]
    found += [fault.at(_place(fault, places, span)) for fault in faults]
    raise InputError(sorted(found, key=_position))


def _position(diagnostic: Diagnostic) -> tuple[int, int]:
    return (diagnostic.span.line, diagnostic.span.column) if diagnostic.span else (0, 0)


def _place(fault: Fault, places: Places, span: Span | None) -> Span | None:
    return places.get(fault.option, span) if fault.option else span


class _Rejected(Exception):
    """Invalid options of a layer, with all faults."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults


def _cached_layer(layer_type: type[Layer], items: tuple[tuple[str, Any], ...]) -> Layer:
    # True == 1, and their hashes are equal, so the types are part of the key.
    key = (layer_type, items, tuple(_types(value) for _, value in items))
    try:
        return _layers[key]
    except (KeyError, TypeError):  # what has no hash is no option, and will be told so
        pass
    layer = _new_layer(layer_type, dict(items))
    # 3 and [3, 3], or options in another order, give the same layer, too.
    layer = _layers[key] = _layers.setdefault((layer_type, tuple(layer.options().items())), layer)
    return layer


def _types(value: Any) -> Any:
    """The type of a value, and of every item of a list."""
    return tuple(map(_types, value)) if isinstance(value, tuple) else type(value)


_layers: dict[Any, Layer] = {}


def _new_layer(layer_type: type[Layer], given: dict[str, Any], failed: Collection[str] = ()) -> Layer:
    """A layer with these options, among which some may be missing because they have `failed`.

    Errors:  _Rejected with all faults
    """
    fields = layer_type.model_fields
    unknown = {name: value for name, value in given.items() if name not in fields}
    faults = [_unknown_option(layer_type, name, unknown[name]) for name in islice(unknown, MOST_DIAGNOSTICS)]
    options: dict[str, Any] = {}
    for name in (name for name in given if name not in unknown):
        try:
            options[name] = _strict_value(layer_type, name, given[name])
        except Fault as fault:
            faults.append(fault)
    layer, wrong = _checked_layer(layer_type, options)
    reported = {*failed, *given.keys() - options.keys(), *(fault.facts.get("meant") for fault in faults)}
    faults += [fault for fault in wrong if fault.facts["option"] or fault.facts["name"] not in reported]
    if layer is None or faults:
        raise _Rejected(faults)
    return layer


def _strict_value(layer_type: type[Layer], name: str, value: Any) -> Any:
    """A value for pydantic's strict mode: a float if the option takes floats, else a whole number."""
    if name in _kinds(layer_type).real:
        return _as_float(value)
    if isinstance(value, Fraction):
        raise Fault(
            "not-whole",
            "{option} must be whole, and this is {value}",
            option=name,
            label="{value}",
            help="round it: `floor(...)`, `round(...)` or `make_divisible(..., 8)`",
            value=_decimal(value),
        )
    return value


def _decimal(value: Fraction) -> str:
    """A fraction as it was probably written: 5/2 as 2.5, and 1/3 as it is."""
    short = f"{float(value):g}"
    return short if Fraction(short) == value else str(value)


def _as_float(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(_as_float, value))
    if isinstance(value, Fraction) or (isinstance(value, int) and not isinstance(value, bool)):
        return float(value) if isinstance(value, Fraction) or abs(value) < 2**53 else value
    return value


class _Kinds(NamedTuple):
    """Words in the annotations of a layer class; options that take floats, any text, and shapes by name."""

    words: Mapping[str, frozenset[str]]
    real: frozenset[str]
    text: frozenset[str]
    shapes: frozenset[str]


_KINDS: dict[type[Layer], _Kinds] = {}


def _kinds(layer_type: type[Layer]) -> _Kinds:
    kinds = _KINDS.get(layer_type)
    if kinds is None:
        leaves = {name: _leaves(field.annotation) for name, field in layer_type.model_fields.items()}
        kinds = _KINDS[layer_type] = _Kinds(
            {name: frozenset(leaf for leaf in ends if isinstance(leaf, str)) for name, ends in leaves.items()},
            frozenset(name for name, ends in leaves.items() if float in ends),
            frozenset(name for name, field in layer_type.model_fields.items() if field.annotation is str),
            frozenset(name for name, field in layer_type.model_fields.items() if field.annotation == Shapes),
        )
    return kinds


def words(layer_type: type[Layer]) -> Mapping[str, frozenset[str]]:
    """The words that each option accepts, as `same` or `bilinear`; any other text is an expression."""
    return _kinds(layer_type).words


def texts(layer_type: type[Layer]) -> frozenset[str]:
    """The options that take any text, which is no expression."""
    return _kinds(layer_type).text


def shapes_by_name(layer_type: type[Layer]) -> frozenset[str]:
    """The options that are written as a mapping of names to shapes."""
    return _kinds(layer_type).shapes


def _leaves(annotation: Any) -> list[Any]:
    """The innermost types and literal values of an annotation."""
    if get_origin(annotation) is Literal:
        return list(get_args(annotation))
    inner = [part for part in get_args(annotation) if part is not Ellipsis]
    return [leaf for part in inner for leaf in _leaves(part)] if inner else [annotation]


def _unknown_option(layer_type: type[Layer], name: str, value: Any) -> Fault:
    from cnncalc.language.foreign.hints import for_option, meant_option

    fields, layer = layer_type.model_fields, type_name(layer_type)
    meant = meant_option(name, fields, layer)
    if name in ACTIVATION_OPTIONS:
        remedy: str | None = activation_remedy(value)
    else:
        remedy = for_option(name, fields, layer)
    if remedy is None:
        meant = closest_name(name, fields)
        remedy = did_you_mean(
            name,
            fields,
            Phrase("its options are {all}", all=Listed(fields, ",")) if fields else Phrase("it takes no options"),
        )
    return Fault(
        "unknown-option",
        "{layer} has no option `{name}`",
        option=name,
        help=remedy,
        name=name,
        layer=type_name(layer_type),
        meant=meant,
    )


ACTIVATION_OPTIONS = ("activation", "activation_fn", "activation_layer", "act", "act_layer", "nonlinearity")
"""Options of other frameworks that name an activation, which is a layer of its own here."""


def activation_remedy(value: Any) -> Phrase:
    """The layer to write instead of an option that names an activation, as `relu`, `nn.ReLU()` or `linear`."""
    word = str(value or "").partition("(")[0].rpartition(".")[2].strip("\"' ").lower().replace("_", "")
    if word in ("", "none", "null", "linear", "identity"):
        return Phrase("leave it out: without an activation layer below, there is none")
    from cnncalc.language.foreign.hints import meant_type

    kind = next((name for name in ADDRESSES if name.replace("_", "") == word), None) or meant_type(word)
    if kind is None:
        return Phrase("leave it out, and write the activation below it, as a layer: `- relu`")
    return Phrase("leave it out, and write `- {kind}` below it", kind=kind)


def _checked_layer(layer_type: type[Layer], options: dict[str, Any]) -> tuple[Layer | None, list[Fault]]:
    """The layer with these options, or all that is wrong with them.

    A right value takes the place of each wrong one, so that one fault does not hide the next.
    """
    faults: list[Fault] = []
    replaced: dict[str, Any] = {}
    while True:
        try:
            layer = layer_type(**{**options, **replaced})
            return (None if faults else layer), faults
        except Fault as fault:
            found = {str(fault.option): fault}
            right = {name: options[name][:1] for name in found}
        except ValidationError as error:
            names = dict.fromkeys(str(problem["loc"][0]) for problem in error.errors() if problem["loc"])
            found = {name: _wrong_option(layer_type, name, options) for name in names}
            right = {name: example(layer_type, name) for name in names}
        faults += [fault for name, fault in found.items() if name not in replaced]
        if not right or any(value is None or name in replaced for name, value in right.items()):
            return None, faults
        replaced |= right


def _wrong_option(layer_type: type[Layer], name: str, options: dict[str, Any]) -> Fault:
    if name not in options:
        return Fault(
            "missing-option",
            "{layer} needs `{name}`: {expected}",
            help=WRITE_OPTION,
            layer=type_name(layer_type),
            name=name,
            expected=expectation(layer_type, name),
        )
    value = options[name]
    remedy: str = WRITE_VALUE
    if isinstance(value, str):
        remedy = did_you_mean(value, words(layer_type).get(name, ()), remedy)
    return Fault(
        "wrong-option",
        "{name} must be {expected}, not {value}",
        option=name,
        help=remedy,
        name=name,
        expected=expectation(layer_type, name),
        value=value_text(value),
        example=example_of(layer_type, name),
    )


def example_of(layer_type: type[Layer], name: str) -> str:
    """A valid value of the option, as text."""
    right = example(layer_type, name)
    return "..." if right is None else value_text(right)


def example(layer_type: type[Layer], name: str) -> Any:
    """A valid value of the option: its default, or a small one; None if neither is at hand."""
    field = layer_type.model_fields[name]
    if not field.is_required() and field.default is not None:
        default = field.default
        return default[0] if isinstance(default, tuple) and len(default) == 1 else default
    for value in (3, (3,), ((0, 1),)):
        try:
            TypeAdapter(field.rebuild_annotation(), config=ConfigDict(strict=True)).validate_python(value)
        except ValidationError:
            continue
        return value
    return None


def takes_list(layer_type: type[Layer], name: str) -> bool:
    """Whether a value of the option may be a list."""
    return _has_lists(layer_type.model_fields[name].annotation)


def _has_lists(annotation: Any) -> bool:
    return get_origin(annotation) is tuple or any(map(_has_lists, get_args(annotation)))


def fitting_option(layer_type: type[Layer], value: Any) -> str | None:
    """The one option of a layer without required ones that takes such a value; None if there are more, or none."""
    real = _kinds(layer_type).real
    fitting = [
        name
        for name in layer_type.model_fields
        if _checked_layer(layer_type, {name: _as_float(value) if name in real else value})[0]
    ]
    is_telling = isinstance(value, (str, float)) or not real.intersection(fitting)  # 64 is no eps
    return fitting[0] if len(fitting) == 1 and is_telling else None


def positional_options(layer_type: type[Layer]) -> list[str]:
    """The required options, in the order in which torch takes them."""
    required = [name for name, field in layer_type.model_fields.items() if field.is_required()]
    order = layer_type.torch_order
    return sorted(required, key=lambda name: order.index(name) if name in order else len(order))
