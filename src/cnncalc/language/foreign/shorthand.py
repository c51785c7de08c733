"""Layers in the shorthand of papers and blackboards: `conv3-64`, `3x3 conv, 64, /2`, `FC-4096`, `x + identity`."""

from __future__ import annotations

import re

from cnncalc.language.foreign.calls import Call

_CONV = re.compile(r"conv(?P<k>\d{1,2})[- ](?P<c>\d{1,6})", re.IGNORECASE)
_SIZED = re.compile(
    r"(?:(?P<k>\d{1,2}) ?[x×] ?(?P<l>\d{1,2}) conv|conv (?P<k2>\d{1,2}) ?[x×] ?(?P<l2>\d{1,2})),? (?P<c>\d{1,6})"
    r"(?:,? ?/ ?(?P<s>\d))?",
    re.IGNORECASE,
)
_DENSE = re.compile(r"fc[- ](?P<n>\d{1,6})", re.IGNORECASE)
_SUM = re.compile(r"(?:\w+ ?= ?)?(?P<one>[A-Za-z_]\w*) ?(?P<sign>[+*-])(?P<onto>=?) ?(?P<other>[A-Za-z_]\w*)")

MERGES = {"+": "add", "*": "multiply", "-": "subtract"}

CURRENT = ("x", "out", "y", "h")
"""What programs call the values on their way."""


def shorthand(text: str) -> Call | None:
    """The call that a shorthand stands for; None if it is none.

    Example:
        conv3-64  ->  conv2d(out_channels=64, kernel_size=3)
    """
    if found := _CONV.fullmatch(text):
        return Call("conv2d", (), {"out_channels": int(found["c"]), "kernel_size": int(found["k"])})
    if found := _SIZED.fullmatch(text):
        size = int(found["k"] or found["k2"]), int(found["l"] or found["l2"])
        stride = {"stride": int(found["s"])} if found["s"] else {}
        kernel = size[0] if size[0] == size[1] else size
        return Call("conv2d", (), {"out_channels": int(found["c"]), "kernel_size": kernel, **stride})
    if found := _DENSE.fullmatch(text):
        return Call("linear", (), {"out_features": int(found["n"])})
    if found := _SUM.fullmatch(text):
        one = "previous" if found["onto"] or found["one"] in CURRENT else found["one"]
        return Call(MERGES[found["sign"]], (), {"from": (one, found["other"])})
    return None
