"""Every layer type of the catalogue as a method; editors read its types beside, in `layer_methods.pyi`."""

from __future__ import annotations

import re
from functools import cache
from inspect import Parameter, Signature, getdoc
from types import FunctionType, MethodType
from typing import Any

from cnncalc.language.options import expectation, shapes_by_name
from cnncalc.language.positional import unnamed
from cnncalc.layers.catalogue import ADDRESSES, resolve

PLACED = ("name", "from_", "share", "alias", "functional")
"""What every layer may be told besides its options."""


class LayerMethods:
    """Methods that append a layer to a network, and give its path."""


class _Method:
    """One of them, made when it is asked for: with it comes the class of the layer."""

    def __init__(self, type: str) -> None:
        self.type = type

    def __get__(self, network: Any, owner: type | None = None) -> Any:
        method = _method(self.type)
        return method if network is None else MethodType(method, network)


@cache
def _method(type: str) -> FunctionType:
    def append(self: Any, /, *values: Any, **options: Any) -> str:
        return self.add_layer(type, *values, **options)

    append.__name__ = type
    append.__qualname__ = f"Network.{type}"
    append.__doc__ = documentation(type)
    append.__signature__ = signature(type)
    return append


def signature(type: str) -> Signature:
    """How a method is called: options that need no name first."""
    layer = resolve(type)
    fields, free = layer.model_fields, unnamed(layer)
    mappings = shapes_by_name(layer)
    options = [*free, *(name for name in fields if name not in free)]
    return Signature(
        [
            Parameter("self", Parameter.POSITIONAL_ONLY),
            *(
                Parameter(
                    name,
                    Parameter.POSITIONAL_OR_KEYWORD if name in free else Parameter.KEYWORD_ONLY,
                    default=Parameter.empty
                    if fields[name].is_required()
                    else {}
                    if name in mappings
                    else _plain(fields[name].default),
                )
                for name in options
            ),
            *(Parameter(name, Parameter.KEYWORD_ONLY, default=None) for name in PLACED),
        ]
    )


def _plain(default: Any) -> Any:
    """A default as people write it: 1 for one number that stands for every axis."""
    return default[0] if isinstance(default, tuple) and len(default) == 1 else default


def documentation(type: str) -> str:
    """What a layer is, and what its options mean."""
    layer = resolve(type)
    about = [f"    {name}: {layer.meaning(name) or expectation(layer, name)}" for name in layer.model_fields]
    described = re.split("^(?:Errors|Source|Example):", getdoc(layer) or "", maxsplit=1, flags=re.MULTILINE)[0].rstrip()
    return "\n".join([described, *(["", "Options:", *about] if about else [])])


for _type in ADDRESSES:
    setattr(LayerMethods, _type, _Method(_type))
