"""The JSON Schema of descriptions, by which editors complete and check them.

It is built from the same option models that check descriptions, so the two always agree.
"""

from __future__ import annotations

from inspect import getdoc
from typing import Any

from cnncalc.core.translation import _
from cnncalc.layers.base import Layer
from cnncalc.layers.catalogue import ADDRESSES, resolve

Schema = dict[str, Any]

EXPRESSION: Schema = {"type": "string", "description": "an expression, e.g. `width * 2`"}
_NAME: Schema = {"type": "string", "description": "a name; {expressions} in braces are filled in"}
_NAMES: Schema = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
_LAYERS: Schema = {"$ref": "#/$defs/layers"}
_NUMBERS: Schema = {"$ref": "#/$defs/numbers"}
_VALUE: Schema = {"description": "a number, an expression, text or a list of these"}
_CONDITION: Schema = {"anyOf": [{"type": "boolean"}, EXPRESSION]}
_COUNT: Schema = {"anyOf": [{"type": "integer", "minimum": 0}, EXPRESSION]}
_SHAPE: Schema = {
    "anyOf": [
        {"type": "array", "items": {"anyOf": [{"type": "integer", "minimum": 1}, EXPRESSION]}, "minItems": 1},
        {"type": "string", "description": "sizes, as `3x224x224`, or an expression"},
    ]
}
_INLINE: Schema = {**_CONDITION, "description": "whether its layers stand at this level, without a name of their own"}
_TEXT: Schema = {"type": "string"}
_PARAMS: Schema = {"type": ["object", "null"], "description": "params and their defaults"}

_ANY_LAYER: Schema = {
    "name": _NAME,
    "from": {**_NAMES, "description": "the layers read, by name; `previous` is the one before"},
    "when": {**_CONDITION, "description": "whether the layer is there"},
    "share": {**_NAME, "description": "an earlier layer or group whose weights are read again"},
    "alias": {**_NAME, "description": "what a paper or a lecture calls it: `conv1_1`"},
}

_METADATA: Schema = {
    "title": _TEXT,
    "year": {"type": "integer"},
    "paper": _TEXT,
    "notes": _TEXT,
    "accuracy": {
        "type": "object",
        "properties": {
            "top1": {"type": "number"},
            "top5": {"type": "number"},
            "score": {"type": "number", "description": "another published figure"},
            "measure": {**_TEXT, "description": "what `score` is: `COCO box AP`"},
            "source": _TEXT,
        },
        "additionalProperties": False,
    },
}


def document_schema() -> Schema:
    """The schema of a description, in JSON Schema draft 2020-12."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "cnncalc network description",
        **_object(
            {
                "name": _TEXT,
                **_METADATA,
                "input": _SHAPE,
                "inputs": {"type": "object", "additionalProperties": _SHAPE, "minProperties": 1},
                "params": _PARAMS,
                "import": {
                    "description": "descriptions whose blocks can be used, as `resnet50.trunk`",
                    "anyOf": [_NAMES, {"type": "object", "additionalProperties": _TEXT}],
                },
                "blocks": {
                    "type": "object",
                    "additionalProperties": _object({"params": _PARAMS, "layers": _LAYERS}, "layers"),
                },
                "layers": _LAYERS,
                "outputs": _NAMES,
                "values": {
                    "type": ["object", "null"],
                    "description": "numbers of inputs and weights, to run with: `input`, or `path.weight`",
                    "additionalProperties": _NUMBERS,
                },
                "variants": {
                    "type": "object",
                    "minProperties": 1,
                    "additionalProperties": {
                        "anyOf": [{"type": "null"}, _object({**_METADATA, "input": _SHAPE, "params": _PARAMS})]
                    },
                },
            },
            "layers",
        ),
        "$defs": {
            "layers": {"type": "array", "items": {"$ref": "#/$defs/layer"}},
            "layer": {"anyOf": [_plain_names(), _entries()]},
            "numbers": {"anyOf": [{"type": "number"}, EXPRESSION, {"type": "array", "items": _NUMBERS, "minItems": 1}]},
        },
    }


def _plain_names() -> Schema:
    """Layers written as a bare name: those without required options."""
    names = [
        name for name in ADDRESSES if not any(field.is_required() for field in resolve(name).model_fields.values())
    ]
    return {"enum": names}


def _entries() -> Schema:
    """Layers and macros written as a name with options."""
    entries = {name: _layer(resolve(name)) for name in ADDRESSES} | _macros()
    return {
        "type": "object",
        "properties": entries,
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }


def _layer(layer: type[Layer]) -> Schema:
    own = layer.model_json_schema()
    options = {
        name: {**_description(layer, name), **_or_expression(schema)}
        for name, schema in own.get("properties", {}).items()
    }
    body = _object({**_ANY_LAYER, **options}, *own.get("required", ()))
    body["type"] = "object" if own.get("required") else ["object", "null"]
    bare = layer.bare_option()
    written = {"anyOf": [body, options[bare]]} if bare else body
    return {"description": _(" ".join((getdoc(layer) or "").partition("\n\n")[0].split())), **written}


def _description(layer: type[Layer], option: str) -> Schema:
    """The meaning of an option as a `description`, in the language in use."""
    return {"description": f"{layer.meaning(option)}"}


def _or_expression(schema: Schema) -> Schema:
    """The schema of an option, with expressions allowed in the place of its values."""
    if schema.get("type") == "boolean":
        return {"anyOf": [{"type": "boolean"}, EXPRESSION], **_default(schema)}
    written = {key: value for key, value in schema.items() if key not in ("title", "default")}
    return {"anyOf": [_with_expressions(written), EXPRESSION], **_default(schema)}


def _with_expressions(schema: Schema) -> Schema:
    """The schema with expressions allowed as items of its lists."""
    loose = dict(schema)
    if isinstance(loose.get("items"), dict):
        loose["items"] = {"anyOf": [_with_expressions(loose["items"]), EXPRESSION]}
    if "anyOf" in loose:
        loose["anyOf"] = [_with_expressions(part) for part in loose["anyOf"]]
    return loose


def _default(schema: Schema) -> Schema:
    return {"default": schema["default"]} if "default" in schema else {}


def _macros() -> dict[str, Schema]:
    path_lists = {"type": "array", "items": _LAYERS, "minItems": 1}
    axis: Schema = {"anyOf": [{"type": "integer"}, EXPRESSION]}
    sequential = _object({**_ANY_LAYER, "layers": _LAYERS}, "layers")
    block = {
        "type": "object",
        "properties": {**_ANY_LAYER, "type": _TEXT, "inline": _INLINE},
        "required": ["type"],
    }
    residual = _object(
        {
            **_ANY_LAYER,
            "body": _LAYERS,
            "shortcut": _LAYERS,
            "skip": _CONDITION,
            "merge": _merge(),
            "inplace": _CONDITION,
        },
        "body",
    )
    branches = _object(
        {
            **_ANY_LAYER,
            "paths": {"anyOf": [path_lists, {"type": "object", "additionalProperties": _LAYERS, "minProperties": 1}]},
            "merge": _merge(),
            "dim": axis,
            "inplace": _CONDITION,
        },
        "paths",
    )
    split = _object({**_ANY_LAYER, "sizes": _VALUE, "dim": axis}, "sizes")
    return {
        "sequential": {"description": "layers numbered in order", "anyOf": [sequential, _LAYERS]},
        "repeat": _object(
            {**_ANY_LAYER, "times": _COUNT, "each": _VALUE, "as": _NAMES, "index": _TEXT, "layers": _LAYERS}, "layers"
        ),
        "block": {"description": "a block, with its params", "anyOf": [block, _TEXT]},
        "residual": {"anyOf": [residual, _LAYERS]},
        "branches": {"anyOf": [branches, path_lists]},
        "split": {"anyOf": [split, {"type": ["array", "string"]}]},
    }


def _merge() -> Schema:
    return {"anyOf": [{"enum": ["add", "concat", "multiply"]}, {"type": "string", "pattern": r"\{.+\}"}]}


def _object(properties: Schema, *required: str) -> Schema:
    schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**schema, "required": list(required)} if required else schema
