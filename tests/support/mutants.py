"""Bugs, planted one at a time: every small change of a function's source that might be a slip of the pen."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from functools import cache
from importlib import import_module
from itertools import count
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, NamedTuple

from cnncalc.core.counts import Op

OBJECTIONS = frozenset(
    {
        "require",
        "check_groups",
        "_require_window",
        "_check_connections",
        "_check_output_padding",
        "_require_spread",
        "grid",
    }
    | {"check_sequences", "check_grid", "_check_map", "_check_heads", "_check_agreement"}
)
"""Calls that only object to an input; `test_layers` has a case for every one."""

KINDS = [op.name for op in Op]


class Mutant(NamedTuple):
    """A function with one change: what stood there, what stands there now."""

    function: str
    line: int
    change: str
    tree: ast.FunctionDef

    def __str__(self) -> str:
        return f"{self.function}:{self.line}: {self.change}"


@cache
def _module(name: str) -> ast.Module:
    path = import_module(name).__file__
    assert path is not None
    return ast.parse(Path(path).read_text(encoding="utf-8"))


def functions(module: str) -> dict[str, ast.FunctionDef]:
    """The functions and methods of a module by their address: `cnncalc.layers.conv:Convolution.ops`."""
    found = {}
    for node in _module(module).body:
        if isinstance(node, ast.FunctionDef):
            found[f"{module}:{node.name}"] = node
        elif isinstance(node, ast.ClassDef):
            found |= {
                f"{module}:{node.name}.{inner.name}": inner for inner in node.body if isinstance(inner, ast.FunctionDef)
            }
    return found


def _home(address: str) -> tuple[Any, str]:
    """The module or class that holds a function, and the function's name in it."""
    module, _, path = address.partition(":")
    *outer, name = path.split(".")
    home: Any = import_module(module)
    for part in outer:
        home = getattr(home, part)
    return home, name


def code_of(address: str) -> CodeType:
    """The code of a function, by which a profile knows it."""
    home, name = _home(address)
    found = vars(home)[name]
    found = getattr(found, "fget", None) or getattr(found, "__func__", None) or found
    found = getattr(found, "__wrapped__", found)
    assert isinstance(found, FunctionType)
    return found.__code__


# Planting


@contextmanager
def planted(mutant: Mutant) -> Iterator[None]:
    """The mutant in the place of the function, in every module that holds it."""
    with replaced(mutant.function, _compiled(mutant)):
        yield


def _compiled(mutant: Mutant) -> Any:
    home, name = _home(mutant.function)
    original = vars(home)[name]
    module = sys.modules[mutant.function.partition(":")[0]]
    tree = ast.Module([mutant.tree], [])
    made: dict[str, Any] = {}
    exec(compile(ast.fix_missing_locations(tree), f"<{mutant}>", "exec"), module.__dict__, made)
    assert type(made[name]) is type(original)
    return made[name]


@contextmanager
def replaced(address: str, value: Any) -> Iterator[None]:
    """Another value under an address `module:name` or `module:Class.name`, and wherever it was imported to."""
    home, name = _home(address)
    original = vars(home)[name]
    homes = [home]
    if not isinstance(home, type):
        homes = [
            module
            for path, module in list(sys.modules.items())
            if path.startswith("cnncalc") and vars(module).get(name) is original
        ]
    for each in homes:
        setattr(each, name, value)
    try:
        yield
    finally:
        for each in homes:
            setattr(each, name, original)


# Finding places for a bug

Above = tuple[ast.AST, ...]
"""What a place stands in, from the statement down."""


ARITHMETIC = (ast.Attribute, ast.Expr, ast.AugAssign, ast.Name)
"""What a kernel's arithmetic consists of: which operation, filed as what, with which option, or forgotten."""


def mutants(address: str, tree: ast.FunctionDef, of: tuple[type[ast.AST], ...] = (ast.AST,)) -> list[Mutant]:
    """Every mutant of a function, in the order of its source. Equal changes at several places are numbered."""
    body = _without_objections(tree)
    found: list[Mutant] = []
    numbers: dict[str, Iterator[int]] = {}
    places = [(path, node) for statement in body for path, node in _walked(statement)]
    for path, node in places:
        for changed in _changes(node, path) if isinstance(node, of) else ():
            text = _change(node, changed, path)
            number = next(numbers.setdefault(text, count(1)))
            change = text if number == 1 else f"{text} #{number}"
            found.append(Mutant(address, node.lineno, change, _with(tree, node, changed)))
    return found


def _change(node: ast.AST, changed: ast.AST, path: Above) -> str:
    """A change in words; one that is too short to be told by itself, with what it stands in."""
    if isinstance(node, ast.If) and isinstance(changed, ast.If):
        return f"if {_short(_spelled(node.test))} -> if {_short(_spelled(changed.test))}"
    if isinstance(node, ast.Constant | ast.Name) and path and isinstance(path[-1], ast.expr):
        node, changed = path[-1], deepcopy(path[-1], {id(node): changed})
    return f"{_short(_spelled(node))} -> {_short(_spelled(changed))}"


def _spelled(node: ast.AST) -> str:
    return " ".join(ast.unparse(node).split())


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:28]} … {text[-10:]}"


def _walked(node: ast.AST, path: Above = ()) -> Iterator[tuple[tuple[ast.AST, ...], Any]]:
    """Expressions and statements with what they stand in; annotations and objections left out."""
    if isinstance(node, ast.stmt) and _objects(node):
        return
    if isinstance(node, ast.expr | ast.stmt):
        yield path, node
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "ctx", "decorator_list") or (
            name == "func" and isinstance(value, ast.Name)
        ):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _walked(child, (*path, node))


def _with(tree: ast.FunctionDef, old: ast.AST, new: ast.AST) -> ast.FunctionDef:
    """A copy of the function with one node changed."""
    memo = {id(old): new}  # deepcopy takes it for the copy of the old one
    copy = deepcopy(tree, memo)
    for node in ast.walk(copy):
        if isinstance(node, ast.FunctionDef):
            node.returns = None
            for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
                argument.annotation = None
            for rest in (node.args.vararg, node.args.kwarg):
                if rest is not None:
                    rest.annotation = None
    return copy


def _called(node: ast.AST | None) -> str:
    """The name of the function that is called."""
    if not isinstance(node, ast.Call):
        return ""
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def _objects(node: ast.stmt) -> bool:
    """Whether a statement does nothing but object."""
    match node:
        case ast.Raise():
            return True
        case ast.Expr(value=value):
            return _called(value) in (*OBJECTIONS, "axis_of") or isinstance(value, ast.Constant)  # or a docstring
        case ast.If(body=body, orelse=[]) | ast.For(body=body, orelse=[]):
            return any(map(_objects, body)) and all(isinstance(each, ast.Assign) or _objects(each) for each in body)
    return False


def _without_objections(tree: ast.FunctionDef) -> list[ast.stmt]:
    """The statements of a function that its result depends on."""
    body = [node for node in tree.body if not _objects(node)]
    while True:
        read = {
            name.id
            for statement in body
            for _, name in _walked(statement)
            if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Load)
        }
        kept = [
            node
            for node in body
            if not isinstance(node, ast.Assign)
            or any(
                (isinstance(name, ast.Name) and name.id in read) or isinstance(name, ast.Subscript | ast.Attribute)
                for target in node.targets
                for name in ast.walk(target)
            )
        ]
        if len(kept) == len(body):
            return body
        body = kept


# The changes


def _changes(node: Any, path: Above) -> Iterator[ast.AST]:
    for change in _CHANGES.get(type(node), ()):
        if isinstance(node, ast.expr) and isinstance(getattr(node, "ctx", None), ast.Store):
            continue
        if any(isinstance(outer, ast.While) for outer in path) and not isinstance(node, ast.Compare | ast.BoolOp):
            continue  # a loop that never ends
        yield from change(node, path)


def _expression(text: str, **parts: ast.AST) -> ast.expr:
    """An expression in which some names stand for expressions."""
    tree = ast.parse(text, mode="eval").body

    class Fill(ast.NodeTransformer):
        def visit_Name(self, name: ast.Name) -> Any:
            return deepcopy(parts[name.id]) if name.id in parts else name

    filled: ast.expr = Fill().visit(tree)
    return filled


def _binary(node: ast.BinOp, _: Above) -> Iterator[ast.AST]:
    left, right = node.left, node.right
    match node.op:
        case ast.FloorDiv():
            yield _expression("-(-a // b)", a=left, b=right)
            yield left
        case ast.Add():
            yield ast.BinOp(left, ast.Sub(), right)
            yield left
            yield right
        case ast.Sub():
            yield ast.BinOp(left, ast.Add(), right)
            yield left
        case ast.Mult():
            yield ast.BinOp(left, ast.Add(), right)
            yield left
            yield right
        case ast.Mod():
            yield left
        case ast.Div():
            yield ast.BinOp(left, ast.Mult(), right)


def _unary(node: ast.UnaryOp, _: Above) -> Iterator[ast.AST]:
    if isinstance(node.op, ast.USub | ast.Not) and not isinstance(node.operand, ast.Constant):
        yield node.operand


def _constant(node: ast.Constant, path: Above) -> Iterator[ast.AST]:
    parent = path[-1] if path else None
    if isinstance(parent, ast.JoinedStr) or (isinstance(parent, ast.keyword) and parent.arg == "strict"):
        return
    if isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node.value, int):
        yield ast.Constant(node.value + 1)
        if not (isinstance(parent, ast.Subscript) and node.value == 0):  # the last instead of the first: no slip
            yield ast.UnaryOp(ast.USub(), ast.Constant(1)) if node.value == 0 else ast.Constant(node.value - 1)
    elif isinstance(node.value, str) and _called(parent) in ("WeightSpec", "weight", "statistic"):
        yield ast.Constant(f"{node.value}_")


def _choice(node: ast.IfExp, _: Above) -> Iterator[ast.AST]:
    yield node.body
    yield node.orelse


_FLIPPED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
}


def _comparison(node: ast.Compare, _: Above) -> Iterator[ast.AST]:
    for number, op in enumerate(node.ops):
        yield ast.Compare(
            node.left, [*node.ops[:number], _FLIPPED[type(op)](), *node.ops[number + 1 :]], node.comparators
        )


def _connective(node: ast.BoolOp, _: Above) -> Iterator[ast.AST]:
    yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    for number in range(len(node.values)):
        rest = [*node.values[:number], *node.values[number + 1 :]]
        yield rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)


_OTHER_FUNCTIONS: dict[str, Sequence[str]] = {
    "prod": ("sum(a)", "prod(tuple(a)[1:])", "prod(tuple(a)[:-1])"),
    "sum": ("max(a)",),
    "at_least_zero": ("a",),
    "reversed": ("a",),
    "gcd": ("min(a, b)", "1"),
    "lcm": ("a * b", "a"),
    "ceil_div": ("a // b",),
    "min": ("max(a)",),
    "max": ("min(a)",),
    "tuple": ("tuple(a)[::-1]",),
}
_ORDERED = frozenset(
    {
        "sliding_window",
        "transposed_window",
        "adaptive_windows",
        "interpolation_window",
        "window_count",
        "window_count_ceil",
        "rule",
        "ceil_div",
    }
    | {
        "_periodic_field",
        "_neighbours",
        "_values_read",
        "_scaled_size",
        "reduction_ops",
        "_standardisation_ops",
        "choose",
    }
)
"""Functions of numbers that might be handed over in the wrong order."""


def _call(node: ast.Call, _: Above) -> Iterator[ast.AST]:
    name = _called(node)
    if isinstance(node.func, ast.Name) and len(node.args) in (1, 2) and not node.keywords:
        parts = dict(zip("ab", node.args, strict=False))
        for other in _OTHER_FUNCTIONS.get(name, ()):
            if name == "tuple" and _ignores_target(node.args[0]):
                continue
            if name in ("min", "max") and len(node.args) == 2:
                other = other.replace("(a)", "(a, b)")
            yield _expression(other, **parts)
    if name in _ORDERED:
        for first in range(len(node.args) - 1):
            args = list(node.args)
            args[first], args[first + 1] = args[first + 1], args[first]
            if ast.dump(node.args[first]) != ast.dump(node.args[first + 1]):
                yield ast.Call(node.func, args, node.keywords)
    for number, keyword in enumerate(node.keywords):
        if keyword.arg == "trainable":
            yield ast.Call(node.func, node.args, [*node.keywords[:number], *node.keywords[number + 1 :]])


def _filed_elsewhere(name: str) -> str:
    return KINDS[(KINDS.index(name) + 1) % len(KINDS)]


def _table(node: ast.Dict, _: Above) -> Iterator[ast.AST]:
    for number in range(len(node.keys)):
        yield ast.Dict(
            [*node.keys[:number], *node.keys[number + 1 :]], [*node.values[:number], *node.values[number + 1 :]]
        )
        doubled = _expression("2 * (a)", a=node.values[number])
        yield ast.Dict(node.keys, [*node.values[:number], doubled, *node.values[number + 1 :]])


def _tuple(node: ast.Tuple, path: Above) -> Iterator[ast.AST]:
    if len(node.elts) < 2 or (path and isinstance(path[-1], ast.Subscript)):
        return
    if not any(_called(element) == "WeightSpec" for element in node.elts):
        for first in range(len(node.elts) - 1):
            elements = list(node.elts)
            elements[first], elements[first + 1] = elements[first + 1], elements[first]
            if _spelled(elements[first]) != _spelled(elements[first + 1]):
                yield ast.Tuple(elements, ast.Load())
    for number in range(len(node.elts)):
        yield ast.Tuple([*node.elts[:number], *node.elts[number + 1 :]], ast.Load())


def _starred(node: ast.Starred, _: Above) -> Iterator[ast.AST]:
    yield ast.Starred(_expression("tuple(a)[::-1]", a=node.value), ast.Load())


_ONES = "tuple(1 for _ in a)"
_NEUTRAL: dict[str, Sequence[str]] = {
    "kernel_size": ("a[::-1]", _ONES),
    "stride": ("a if a is None else a[::-1]", "a if a is None else tuple(1 for _ in a)"),
    "dilation": ("a[::-1]", _ONES),
    "padding": ("a if isinstance(a, str) else a[::-1]", "a if isinstance(a, str) else tuple((0, 0) for _ in a)"),
    "output_padding": ("a[::-1]", "tuple(0 for _ in a)"),
    "output_size": ("a[::-1]",),
    "groups": ("1",),
    "num_groups": ("1",),
    "spatial": ("a[::-1]",),
    "shape": ("a[::-1]",),
    "upscale_factor": ("1",),
    "margin": ("a and a[::-1]",),
    "scale_factor": ("a and a[::-1]",),
    "levels": ("a[:1]",),
    "normalized_shape": ("a[:1]",),
    "connections": ("None",),
}
_OTHER_ATTRIBUTES = {
    "numel": "channels",
    "channels": "numel",
    "maximum": "minimum",
    "add": "subtract",
    "power": "multiply",
}
_OTHER_ATTRIBUTES |= {"multiply": "divide", "divide": "multiply", "subtract": "add"}


def _attribute(node: ast.Attribute, path: Above) -> Iterator[ast.AST]:
    if isinstance(node.value, ast.Name) and node.value.id == "Op":
        yield ast.Attribute(node.value, _filed_elsewhere(node.attr), ast.Load())
    parent = path[-1] if path else None
    if isinstance(parent, ast.Call) and parent.func is node:
        return
    if isinstance(parent, ast.Compare | ast.BoolOp | ast.IfExp) and node.attr not in ("shape", "numel"):
        return  # whether there is such an option, and not its value
    for other in _NEUTRAL.get(node.attr, ()):
        if _called(parent) == "len" or (other.endswith("[::-1]") and _without_order(path)):
            continue
        yield _expression(other, a=node)
    if node.attr in _OTHER_ATTRIBUTES:
        yield ast.Attribute(node.value, _OTHER_ATTRIBUTES[node.attr], ast.Load())


def _without_order(path: Above) -> bool:
    """Whether it takes in whatever order its operands come."""
    parent = path[-1] if path else None
    if isinstance(parent, ast.comprehension):
        made = path[-2]
        whole = path[-3] if len(path) > 2 else None
        return _ignores_target(made) or _called(whole) in ("prod", "sum")
    return _called(parent) in ("prod", "sum", "len", "set", "max", "min")


def _ignores_target(node: ast.AST) -> bool:
    """Whether every element of a comprehension is the same."""
    if not isinstance(node, ast.GeneratorExp | ast.ListComp):
        return False
    targets = {name.id for each in node.generators for name in ast.walk(each.target) if isinstance(name, ast.Name)}
    return not any(isinstance(name, ast.Name) and name.id in targets for name in ast.walk(node.elt))


_OTHER_NAMES = {"y": "x", "stride": "1", "dilation": "1", "before": "after", "ADD": "MULTIPLY", "MULTIPLY": "ADD"}
_OTHER_NAMES |= {"DIVIDE": "ADD", "COMPARE": "ADD", "ROOT": "ADD", "after": "before"}


def _name(node: ast.Name, path: Above) -> Iterator[ast.AST]:
    if node.id in _OTHER_NAMES and not (path and isinstance(path[-1], ast.keyword)):
        yield _expression(_OTHER_NAMES[node.id])


def _condition(node: ast.If, _: Above) -> Iterator[ast.AST]:
    for always in (True, False):
        yield ast.If(ast.Constant(always), node.body, node.orelse)


def _added(node: ast.AugAssign, _: Above) -> Iterator[ast.AST]:
    yield ast.Pass()


def _done(node: ast.Expr, _: Above) -> Iterator[ast.AST]:
    """A statement left out."""
    if isinstance(node.value, ast.Call):
        yield ast.Pass()


_CHANGES: dict[type[ast.AST], Sequence[Callable[[Any, Above], Iterator[ast.AST]]]] = {
    ast.BinOp: (_binary,),
    ast.UnaryOp: (_unary,),
    ast.Constant: (_constant,),
    ast.IfExp: (_choice,),
    ast.Compare: (_comparison,),
    ast.BoolOp: (_connective,),
    ast.Call: (_call,),
    ast.Dict: (_table,),
    ast.Tuple: (_tuple,),
    ast.Starred: (_starred,),
    ast.Attribute: (_attribute,),
    ast.Name: (_name,),
    ast.If: (_condition,),
    ast.AugAssign: (_added,),
    ast.Expr: (_done,),
}
