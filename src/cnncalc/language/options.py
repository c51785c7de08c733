"""Layers built from options, with diagnostics that name the wrong option and the expected value."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Literal, NamedTuple, get_args, get_origin

from pydantic import ConfigDict, TypeAdapter, ValidationError

from cnncalc.core.errors import Fault, InputError, Span
from cnncalc.core.graph import Places
from cnncalc.core.suggest import did_you_mean
from cnncalc.core.translation import Listed, Phrase
from cnncalc.layers.base import Layer
from cnncalc.layers.catalogue import ADDRESSES, resolve, type_name

FOREIGN_OPTIONS = {
    "filters": "out_channels",
    "num_output": "out_channels",
    "num_filters": "out_channels",
    "channels": "out_channels",
    "units": "out_features",
    "kernel": "kernel_size",
    "kernels": "kernel_size",
    "pool_size": "kernel_size",
    "filter_size": "kernel_size",
    "strides": "stride",
    "pad": "padding",
    "pads": "padding",
    "dilation_rate": "dilation",
    "dilations": "dilation",
    "group": "groups",
    "use_bias": "bias",
    "bias_term": "bias",
    "rate": "p",
    "epsilon": "eps",
    "axis": "dim",
    "local_size": "size",
}
"""Spelling in Keras, Caffe or ONNX -> spelling in torch."""

INFERRED_OPTIONS = ("in_channels", "in_features", "num_features", "num_channels", "input_shape")
"""Options of torch or Keras that follow from the input here."""

FOREIGN_TYPES = {
    "dense": "linear",
    "fc": "linear",
    "fully_connected": "linear",
    "inner_product": "linear",
    "conv": "conv2d",
    "convolution": "conv2d",
    "deconv": "conv_transpose2d",
    "deconvolution": "conv_transpose2d",
    "pool": "max_pool2d",
    "pooling": "max_pool2d",
    "maxpool": "max_pool2d",
    "maxpool2d": "max_pool2d",
    "avgpool": "avg_pool2d",
    "average_pool2d": "avg_pool2d",
    "averagepooling2d": "avg_pool2d",
    "globalaveragepooling2d": "global_avg_pool2d",
    "gap": "global_avg_pool2d",
    "bn": "batch_norm2d",
    "batchnorm": "batch_norm2d",
    "batch_norm": "batch_norm2d",
    "batchnormalization": "batch_norm2d",
    "lrn": "local_response_norm",
    "swish": "silu",
    "concatenate": "concat",
    "cat": "concat",
    "eltwise": "add",
    "zeropadding2d": "pad",
    "upsampling2d": "upsample",
}
"""Name of a layer in Keras, Caffe or everyday use -> its type here."""


def layer_class(name: str, span: Span | None, others: tuple[str, ...] = ()) -> type[Layer]:
    """The class of a layer type; `others` are further names for suggestions.

    Errors:  unknown-layer
    """
    if name in ADDRESSES:
        return resolve(name)
    foreign = FOREIGN_TYPES.get(name.lower())
    remedy = (
        Phrase("write `{name}`", name=foreign)
        if foreign
        else did_you_mean(name, (*ADDRESSES, *others), "`cnncalc layers` lists them all")
    )
    raise InputError.of("unknown-layer", "there is no layer `{name}`", span, help=remedy, name=name)


def build(name: str, given: Mapping[str, Any], places: Places, span: Span | None) -> Layer:
    """Build the layer with these options; equal options give the same object.

    Errors:  unknown-layer, unknown-option, missing-option, wrong-option, not-whole, wrong-option-length
    """
    layer_type = layer_class(name, span)
    try:
        return _cached_layer(layer_type, tuple(given.items()))
    except _Rejected as rejected:
        raise InputError([fault.at(_place(fault, places, span)) for fault in rejected.faults]) from None


def _place(fault: Fault, places: Places, span: Span | None) -> Span | None:
    return places.get(fault.option, span) if fault.option else span


class _Rejected(Exception):
    """Invalid options of a layer, with all faults."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults


def _cached_layer(layer_type: type[Layer], items: tuple[tuple[str, Any], ...]) -> Layer:
    # True == 1, and their hashes are equal, so the types are part of the key.
    key = (layer_type, items, tuple(type(value) for _, value in items))
    try:
        return _layers[key]
    except (KeyError, TypeError):  # what has no hash is no option, and will be told so
        pass
    layer = _new_layer(layer_type, dict(items))
    # 3 and [3, 3], or options in another order, give the same layer, too.
    layer = _layers[key] = _layers.setdefault((layer_type, tuple(layer.options().items())), layer)
    return layer


_layers: dict[Any, Layer] = {}


def _new_layer(layer_type: type[Layer], options: dict[str, Any]) -> Layer:
    faults = [_unknown_option(layer_type, name) for name in options if name not in layer_type.model_fields]
    if faults:
        raise _Rejected(faults)
    try:
        return layer_type(**{name: _strict_value(layer_type, name, value) for name, value in options.items()})
    except Fault as fault:
        raise _Rejected([fault]) from None
    except ValidationError as error:
        names = dict.fromkeys(str(problem["loc"][0]) for problem in error.errors() if problem["loc"])
        raise _Rejected([_wrong_option(layer_type, name, options) for name in names]) from None


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
            value=value,
        )
    return value


def _as_float(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(_as_float, value))
    if isinstance(value, Fraction) or (isinstance(value, int) and not isinstance(value, bool)):
        return float(value) if isinstance(value, Fraction) or abs(value) < 2**53 else value
    return value


class _Kinds(NamedTuple):
    """Words and float options in the annotations of a layer class."""

    words: Mapping[str, frozenset[str]]
    real: frozenset[str]


_KINDS: dict[type[Layer], _Kinds] = {}


def _kinds(layer_type: type[Layer]) -> _Kinds:
    kinds = _KINDS.get(layer_type)
    if kinds is None:
        leaves = {name: _leaves(field.annotation) for name, field in layer_type.model_fields.items()}
        kinds = _KINDS[layer_type] = _Kinds(
            {name: frozenset(leaf for leaf in ends if isinstance(leaf, str)) for name, ends in leaves.items()},
            frozenset(name for name, ends in leaves.items() if float in ends),
        )
    return kinds


def words(layer_type: type[Layer]) -> Mapping[str, frozenset[str]]:
    """The words that each option accepts, as `same` or `bilinear`; any other text is an expression."""
    return _kinds(layer_type).words


def _leaves(annotation: Any) -> list[Any]:
    """The innermost types and literal values of an annotation."""
    if get_origin(annotation) is Literal:
        return list(get_args(annotation))
    inner = [part for part in get_args(annotation) if part is not Ellipsis]
    return [leaf for part in inner for leaf in _leaves(part)] if inner else [annotation]


def _unknown_option(layer_type: type[Layer], name: str) -> Fault:
    fields = layer_type.model_fields
    foreign = FOREIGN_OPTIONS.get(name)
    if name in INFERRED_OPTIONS:
        remedy: str = Phrase("leave it out: it follows from the input")
    elif foreign in fields:
        remedy = Phrase("write `{name}`", name=foreign)
    else:
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
    )


def _wrong_option(layer_type: type[Layer], name: str, options: dict[str, Any]) -> Fault:
    if name not in options:
        return Fault(
            "missing-option",
            "{layer} needs `{name}`: {expected}",
            help="write `{layer}: {{{name}: ...}}`",
            layer=type_name(layer_type),
            name=name,
            expected=expectation(layer_type, name),
        )
    value = options[name]
    remedy: str = Phrase("write `{name}: {example}`")
    if isinstance(value, str):
        remedy = did_you_mean(value, words(layer_type).get(name, ()), remedy)
    return Fault(
        "wrong-option",
        "{name} must be {expected}, not {value}",
        option=name,
        help=remedy,
        name=name,
        expected=expectation(layer_type, name),
        value=_value_text(value),
        example=_example(layer_type, name),
    )


def _example(layer_type: type[Layer], name: str) -> str:
    """A valid value of the option: its default, or a small one."""
    field = layer_type.model_fields[name]
    if not field.is_required() and field.default is not None:
        default = field.default
        return _value_text(default[0] if isinstance(default, tuple) and len(default) == 1 else default)
    for example in (3, (3,), ((0, 1),)):
        try:
            TypeAdapter(field.rebuild_annotation(), config=ConfigDict(strict=True)).validate_python(example)
        except ValidationError:
            continue
        return _value_text(example)
    return "..."


def _value_text(value: Any) -> str:
    """A value in the notation of descriptions, at most a line long."""
    if isinstance(value, tuple):
        text = f"[{', '.join(map(_value_text, value[:8]))}{', ...' if len(value) > 8 else ''}]"
    elif value is None or isinstance(value, bool):
        text = {None: "null", True: "true", False: "false"}[value]
    elif isinstance(value, int):
        text = f"{value:,}" if abs(value) < 10**15 else Phrase("a number of {n} bits", n=value.bit_length())
    else:
        text = f"`{value}`" if isinstance(value, str) else str(value)
    return text if len(text) <= 80 else text[:77] + "..."


def expectation(layer_type: type[Layer], name: str) -> str:
    """The expected values of an option, in words."""
    return _schema_text(layer_type.model_json_schema()["properties"][name])


def _schema_text(schema: dict[str, Any]) -> str:
    if "description" in schema:
        return Phrase(str(schema["description"]))
    if "anyOf" in schema:
        parts = list(dict.fromkeys(map(_schema_text, schema["anyOf"])))
        return _alternatives(parts)
    if "enum" in schema or "const" in schema:
        return Listed((f"`{word}`" for word in schema.get("enum", [schema.get("const")])), Phrase("or"))
    kind = schema.get("type")
    if kind == "array":
        items = _schema_text(schema["items"]) if isinstance(schema.get("items"), dict) else None
        if items is None:
            return Phrase("a list of numbers")
        most = schema.get("maxItems")
        if most is None:
            return Phrase("a list, each {items}", items=items)
        return Phrase("a list of up to {most}, each {items}", most=most, items=items)
    if kind in ("integer", "number"):
        return _number_text(schema)
    if kind == "boolean":
        return Phrase("true or false")
    if isinstance(kind, list):
        return Listed((_schema_text({"type": one}) for one in kind), Phrase("or"))
    return "null" if kind == "null" else Phrase("text")


def _number_text(schema: dict[str, Any]) -> str:
    noun = Phrase("a whole number") if schema["type"] == "integer" else Phrase("a number")
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is not None and most is not None:
        return Phrase("{number} from {least:,} to {most:,}", number=noun, least=least, most=most)
    if least is not None:
        return Phrase("{number} from {least:,}", number=noun, least=least)
    if "exclusiveMinimum" in schema:
        return Phrase("{number} above {bound}", number=noun, bound=schema["exclusiveMinimum"])
    return noun


def _alternatives(parts: list[str]) -> str:
    if len(parts) == 1:
        return parts[0]
    return Phrase("{these}, or {last}", these=_alternatives(parts[:-1]), last=parts[-1])
