"""The JSON Schema of descriptions, by which editors complete and check them.

It is built from the same option models that check descriptions, so the two always agree.
"""

from __future__ import annotations

from inspect import getdoc
from typing import Any

from cnncalc.core.arithmetic import LARGEST
from cnncalc.core.translation import _
from cnncalc.language.bounds import LARGEST_FLOAT, MOST_AXES
from cnncalc.language.reference.catalogue import documented
from cnncalc.layers.base import Layer
from cnncalc.layers.catalogue import ADDRESSES, resolve

Schema = dict[str, Any]

EXPRESSION: Schema = {"type": "string", "description": "an expression, e.g. `width * 2`"}
_PLAIN = ["string", "number", "boolean"]
_TEXT: Schema = {"type": [*_PLAIN, "null"]}
_NAME: Schema = {"type": _PLAIN, "description": "a name; {expressions} in braces are filled in"}
_NAMES: Schema = {"anyOf": [{"type": _PLAIN}, {"type": "array", "items": _TEXT, "minItems": 1}]}
_WIRE: Schema = {"type": ["string", "integer", "boolean"]}
_DESCRIPTIONS: Schema = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
_LAYERS: Schema = {"$ref": "#/$defs/layers"}
_NUMBERS: Schema = {"$ref": "#/$defs/numbers"}
_PATHS: Schema = {"type": "array", "items": _LAYERS, "minItems": 1}
_VALUE: Schema = {"$ref": "#/$defs/value"}
_CONDITION: Schema = _VALUE
_SWITCH: Schema = {"anyOf": [{"type": "boolean"}, EXPRESSION]}
_COUNT: Schema = {"anyOf": [{"type": "integer", "minimum": 0}, EXPRESSION]}
_POSITIVE: Schema = {"type": "integer", "minimum": 1, "maximum": LARGEST}
_SHAPE: Schema = {
    "anyOf": [
        {"type": "array", "items": {"anyOf": [_POSITIVE, EXPRESSION]}, "minItems": 1, "maxItems": MOST_AXES},
        {"type": "string", "description": "sizes, as `3x224x224`, or an expression"},
    ]
}
_LIST: Schema = {"anyOf": [{"type": "array", "items": _VALUE}, EXPRESSION]}
_SIZES: Schema = {"anyOf": [{"type": "array", "items": {"anyOf": [_POSITIVE, EXPRESSION]}}, EXPRESSION]}
_BARE = {
    "sequential": _LAYERS,
    "residual": _LAYERS,
    "branches": _PATHS,
    "block": {"type": _PLAIN},
    "split": _SIZES,
}
"""Groups whose most important key may stand alone."""

_INLINE: Schema = {**_CONDITION, "description": "whether its layers stand at this level, without a name of their own"}
_PARAMS: Schema = {
    "type": ["object", "null"],
    "description": "params and their defaults",
    "additionalProperties": _VALUE,
}

_ANY_LAYER: Schema = {
    "name": _NAME,
    "from": {**_NAMES, "description": "the layers read, by name; `previous` is the one before"},
    "when": {**_CONDITION, "description": "whether the layer is there"},
    "share": {**_NAME, "description": "an earlier layer or group whose weights are read again"},
    "alias": {**_NAME, "description": "what a paper or a lecture calls it: `conv1_1`"},
}

_PLAIN_LAYER: Schema = {
    **_ANY_LAYER,
    "functional": {**_SWITCH, "description": "whether the author's torch code calls a function instead of a module"},
}

_FIGURE: Schema = {"type": "number", "exclusiveMinimum": -LARGEST_FLOAT, "exclusiveMaximum": LARGEST_FLOAT}

_METADATA: Schema = {
    "title": _TEXT,
    "year": {"type": "integer"},
    "paper": _TEXT,
    "notes": _TEXT,
    "accuracy": {
        "type": "object",
        "properties": {
            "top1": _FIGURE,
            "top5": _FIGURE,
            "score": {**_FIGURE, "description": "another published figure"},
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
            _with_summaries(
                {
                    "name": _TEXT,
                    **_METADATA,
                    "input": _SHAPE,
                    "inputs": {"type": "object", "additionalProperties": _SHAPE, "minProperties": 1},
                    "params": _PARAMS,
                    "import": {
                        "description": "descriptions whose blocks can be used, as `resnet50.trunk`",
                        "anyOf": [_DESCRIPTIONS, {"type": "object", "additionalProperties": {"type": "string"}}],
                    },
                    "blocks": {
                        "type": "object",
                        "additionalProperties": _object({"params": _PARAMS, "layers": _LAYERS}, "layers"),
                    },
                    "layers": _LAYERS,
                    "outputs": {"anyOf": [_WIRE, {"type": "array", "items": _WIRE, "minItems": 1}]},
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
                }
            ),
            "layers",
        ),
        "anyOf": [{"required": ["input"]}, {"required": ["inputs"]}, _input_in_variants()],
        "not": {"required": ["input", "inputs"]},
        "$defs": {
            "layers": {"type": "array", "items": {"$ref": "#/$defs/layer"}},
            "layer": {"anyOf": [_plain_names(), _entries()]},
            "value": {
                "description": "a number, an expression, text or a list of these",
                "type": [*_PLAIN, "null", "array"],
                "items": _VALUE,
            },
            "numbers": {"anyOf": [{"type": "number"}, EXPRESSION, {"type": "array", "items": _NUMBERS, "minItems": 1}]},
        },
    }


def _with_summaries(keys: Schema) -> Schema:
    """The keys of a file, each with what it is as a `description`."""
    return {key: {**schema, "description": f"{documented(key).summary}"} for key, schema in keys.items()}


def _with_meanings(name: str, schema: Schema) -> Schema:
    """The schema of a group of layers, with what it and its keys are as `description`s."""
    group = documented(name)
    keys = {
        key: {**part, "description": f"{group.keys[key]}"} if key in group.keys else part
        for key, part in schema["properties"].items()
    }
    return {**schema, "description": f"{group.summary}", "properties": keys}


def _input_in_variants() -> Schema:
    """Variants each with an input of its own, of which the file then needs none."""
    own = {"type": "object", "required": ["input"]}
    return {"required": ["variants"], "properties": {"variants": {"additionalProperties": own}}}


def _plain_names() -> Schema:
    """Layers written as a bare name: those without required options."""
    return {"enum": [name for name in ADDRESSES if not _needs_options(resolve(name))]}


def _needs_options(layer: type[Layer]) -> bool:
    return bool(layer.either) or any(field.is_required() for field in layer.model_fields.values())


def _with_value(option: str) -> Schema:
    return {"required": [option], "properties": {option: {"not": {"type": "null"}}}}


def _entries() -> Schema:
    """Layers and macros written as a name with options."""
    entries = {name: _layer(resolve(name)) for name in ADDRESSES}
    entries |= {name: _with_meanings(name, schema) for name, schema in _macros().items()}
    entries |= {name: {"anyOf": [entries[name], bare]} for name, bare in _BARE.items()}
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
    body = _object({**_PLAIN_LAYER, **options}, *own.get("required", ()))
    body["type"] = "object" if _needs_options(layer) else ["object", "null"]
    if layer.either:
        body["oneOf"] = [_with_value(option) for option in layer.either]
    bare = layer.bare_option()
    written = {"anyOf": [body, {**options[bare], "not": {"type": "null"}}]} if bare else body
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
    if isinstance(loose.get("additionalProperties"), dict):
        loose["additionalProperties"] = {"anyOf": [_with_expressions(loose["additionalProperties"]), EXPRESSION]}
    if "anyOf" in loose:
        loose["anyOf"] = [_with_expressions(part) for part in loose["anyOf"]]
    return loose


def _default(schema: Schema) -> Schema:
    return {"default": schema["default"]} if "default" in schema else {}


def _macros() -> dict[str, Schema]:
    return {
        "sequential": _object({**_ANY_LAYER, "layers": _LAYERS}, "layers"),
        "repeat": {
            **_object(
                {**_ANY_LAYER, "times": _COUNT, "each": _LIST, "as": _NAMES, "index": _NAME, "layers": _LAYERS},
                "layers",
            ),
            "oneOf": [{"required": ["times"]}, {"required": ["each"]}],
        },
        "block": {
            "type": "object",
            "properties": {**_ANY_LAYER, "type": _NAME, "inline": _INLINE},
            "additionalProperties": _VALUE,
            "required": ["type"],
            "if": {"properties": {"inline": {"const": True}}, "required": ["inline"]},
            "then": {"not": {"anyOf": [{"required": [key]} for key in ("name", "alias", "share")]}},
        },
        "residual": {
            **_object(
                {
                    **_ANY_LAYER,
                    "body": _LAYERS,
                    "shortcut": _LAYERS,
                    "skip": _CONDITION,
                    "merge": _merge(),
                    "inplace": _SWITCH,
                },
                "body",
            ),
            "dependentSchemas": {"inplace": _merged_other_than("multiply", "concat")},
        },
        "branches": {
            **_object(
                {
                    **_ANY_LAYER,
                    "paths": {
                        "anyOf": [_PATHS, {"type": "object", "additionalProperties": _LAYERS, "minProperties": 1}]
                    },
                    "merge": _merge(),
                    "dim": {"anyOf": [{"type": "integer"}, EXPRESSION]},
                    "inplace": _SWITCH,
                },
                "paths",
            ),
            "dependentSchemas": {
                "dim": _merged_other_than("add", "multiply"),
                "inplace": {"required": ["merge"], **_merged_other_than("multiply", "concat")},
            },
        },
        "split": _object({**_ANY_LAYER, "sizes": _SIZES, "dim": {"anyOf": [{"type": "integer"}, EXPRESSION]}}, "sizes"),
    }


def _merged_other_than(*kinds: str) -> Schema:
    """What an option needs that these kinds of merge do not have."""
    return {"properties": {"merge": {"not": {"enum": list(kinds)}}}}


def _merge() -> Schema:
    return {"anyOf": [{"enum": ["add", "concat", "multiply"]}, {"type": "string", "pattern": r"\{.+\}"}]}


def _object(properties: Schema, *required: str) -> Schema:
    schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**schema, "required": list(required)} if required else schema
