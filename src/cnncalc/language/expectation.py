"""The values that an option takes, in words."""

from __future__ import annotations

from typing import Any

from cnncalc.core.translation import Listed, Phrase
from cnncalc.layers.base import Layer


def value_text(value: Any) -> str:
    """A value in the notation of descriptions, at most a line long."""
    if isinstance(value, tuple):
        text = f"[{', '.join(map(value_text, value[:8]))}{', ...' if len(value) > 8 else ''}]"
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
