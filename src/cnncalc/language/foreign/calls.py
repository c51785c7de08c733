"""Constructor lines of other frameworks, read without being run, and values in the notation of descriptions."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

LONGEST = 4_000
"""Characters of a line that is read."""

DEEPEST = 12
"""Levels of brackets and calls in a line that is read."""


class Call(NamedTuple):
    """A call as it is written: its name, values, the name that it is assigned to, and what its result is called with.

    A value is a number, true or false, None, a tuple, a call, or text: a word or an expression.
    """

    name: str
    args: tuple[Any, ...] = ()
    keywords: Mapping[str, Any] = {}
    assigned: str = ""
    inputs: tuple[Any, ...] = ()


def call_in(text: str) -> Call | None:
    """The call that a line consists of, perhaps assigned to a name; None if it is anything else."""
    written = text.strip().rstrip(",;")
    if len(written) > LONGEST or "(" not in written or _depth(written) > DEEPEST:
        return None
    try:
        tree = ast.parse(written)
        return _statement(tree.body[0]) if len(tree.body) == 1 else None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _depth(text: str) -> int:
    """Brackets that are open at most, and signs in a row, which nest as well."""
    deepest = depth = 0
    for sign in text:
        depth += (sign in "([{") - (sign in ")]}")
        deepest = max(deepest, depth)
    runs = (len(run) for run in re.findall(r"(?:[-+~]\s*|\bnot\s+|\blambda\b[^:]*:\s*){2,}", text))
    return max(deepest, *runs, 0)


def _statement(node: ast.stmt) -> Call | None:
    assigned = ""
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target = node.targets[0]
        if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "self":
            assigned = target.attr
    elif not isinstance(node, (ast.Expr, ast.Return)):
        return None
    call = value_of(node.value) if node.value is not None else None
    if isinstance(call, tuple) and call and all(isinstance(one, Call) for one in call) and not isinstance(call, Call):
        return Call("nn.Sequential", call)  # several on one line
    return call._replace(assigned=assigned) if isinstance(call, Call) else None


def value_of(node: ast.expr) -> Any:
    """The value of an expression of Python; of what is no plain value, the text."""
    match node:
        case ast.Constant(value=str() | int() | float() | None as value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            return -number
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return tuple(map(value_of, parts))
        case ast.Call(func=ast.Call() as function, args=inputs):  # layers.Conv2D(32, 3)(x)
            inner = value_of(function)
            return inner._replace(inputs=tuple(map(value_of, inputs)))
        case ast.Call(func=ast.Attribute(attr="add"), args=[ast.Call() as layer]):  # model.add(layer)
            return value_of(layer)
        case ast.Call(func=function, args=args, keywords=keywords):
            given = {keyword.arg: value_of(keyword.value) for keyword in keywords if keyword.arg}
            return Call(ast.unparse(function), tuple(map(value_of, args)), given)
    return ast.unparse(node)


_PLAIN = re.compile(r"[A-Za-z0-9_(][\w .+\-*/()%]*")


def notation(value: Any) -> str:
    """A value as it is written in a description."""
    if isinstance(value, tuple) and not isinstance(value, Call):
        return f"[{', '.join(map(notation, value))}]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, Call):
        return "..."
    text = str(value)
    return (
        text
        if not isinstance(value, str) or _PLAIN.fullmatch(text) or text == "..."
        else "'" + text.replace("'", "''") + "'"
    )


class Entry(NamedTuple):
    """An entry of a list of layers: a type, and options by name."""

    type: str
    options: dict[str, Any]

    def __str__(self) -> str:
        options = ", ".join(f"{name}: {notation(value)}" for name, value in self.options.items())
        return f"- {self.type}: {{{options}}}" if options else f"- {self.type}"

    def typed(self) -> str:
        """The entry as it is typed after `cnncalc layer`."""
        options = (f"{name}={notation(value).replace(', ', ',')}" for name, value in self.options.items())
        return " ".join([self.type, *options])
