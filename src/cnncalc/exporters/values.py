"""Values of a run as JSON: one line for every row of numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cnncalc.exporters.escaping import json_text


def values_json(name: str, outputs: Mapping[str, Any]) -> str:
    """Every output by its path: its shape, and its values as nested lists."""
    parts = [
        f'    {json_text(path)}: {{\n      "shape": {json.dumps(list(array.shape))},\n'
        f'      "values": {_nested(_decimal(array), "      ")}\n    }}'
        for path, array in outputs.items()
    ]
    inside = ",\n".join(parts)
    return f'{{\n  "name": {json_text(name)},\n  "outputs": {{\n{inside}\n  }}\n}}\n'


def _decimal(array: Any) -> Any:
    """Nested lists of the shortest decimals that mean the same float32: 0.1, and not 0.10000000149011612."""
    return array.astype(str).astype(float).tolist()


def _nested(values: Any, indent: str) -> str:
    if not isinstance(values, list) or not values or not isinstance(values[0], list):
        return _row(values)
    inside = f",\n{indent}  ".join(_nested(part, indent + "  ") for part in values)
    return f"[\n{indent}  {inside}\n{indent}]"


def _row(values: Any) -> str:
    """A row of numbers; JSON has none for what is infinite or not a number."""
    try:
        return json.dumps(values, allow_nan=False)
    except ValueError:
        return json.dumps([value if abs(value) < float("inf") else None for value in values])
