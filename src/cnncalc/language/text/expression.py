"""Expressions in descriptions: an allowed subset of Python's, exact and bounded, evaluated without `eval`.

Division gives an exact fraction instead of a float, so that a result that is not whole is never rounded.
"""

from __future__ import annotations

import ast
import warnings
from collections import ChainMap
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from cnncalc.core.errors import Fault
from cnncalc.core.suggest import did_you_mean
from cnncalc.core.translation import Listed
from cnncalc.language.text.functions import (
    ARITHMETIC,
    COMPARISONS,
    FUNCTIONS,
    as_list,
    as_number,
    bounded_list,
    bounded_number,
    extent,
    integer_if_whole,
)
from cnncalc.language.work import Work

Bindings = Mapping[str, Any]
Evaluator = Callable[[Bindings, Work], Any]

LONGEST = 500
"""Characters of one expression."""

MOST_ROUNDS = 64
"""Items that a comprehension iterates over."""


def evaluate(text: str, names: Bindings, work: Work) -> Any:
    """The value of an expression: an int, an exact fraction, a truth value, a string or a tuple.

    Errors:  bad-expression, unknown-name, division-by-zero, number-too-large, list-too-large, Exhausted
    """
    try:
        if text not in _COMPILED:
            work.spend(_PARSING * len(text))
            if len(_COMPILED) == _MOST_COMPILED:
                _COMPILED.clear()
            _COMPILED[text] = _compile(text)
        evaluator, parts = _COMPILED[text]
        work.spend(parts)
        return evaluator(names, work)
    except RecursionError:
        raise Fault("bad-expression", "this expression is nested too deeply", help="split it up with params") from None


_COMPILED: dict[str, tuple[Evaluator, int]] = {}
_MOST_COMPILED = 4096
_PARSING = 2  # steps charged for parsing one character
_FRACTION = 10  # steps charged for an operation whose result is a fraction


def _compile(text: str) -> tuple[Evaluator, int]:
    """The evaluator of an expression, and the number of its parts."""
    if len(text) > LONGEST:
        raise Fault(
            "bad-expression",
            "an expression may have {most} characters, not {n:,}",
            help="split it up with params",
            most=LONGEST,
            n=len(text),
        )
    try:
        with warnings.catch_warnings(action="ignore"):  # Python warns of `1if x else 2`
            tree = ast.parse(text.strip(), mode="eval")
        return _translate(tree.body), _parts(tree.body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise Fault(
            "bad-expression",
            "`{text}` is not an expression",
            help="write numbers, params, index names, + - * / // % **, comparisons, `a if c else b`, "
            "`[f(x) for x in list]`, and {functions}",
            text=text,
            functions=Listed(FUNCTIONS, ","),
        ) from None


def _parts(*nodes: ast.AST) -> int:
    return sum(isinstance(part, ast.expr) for node in nodes for part in ast.walk(node))


def _translate(node: ast.expr) -> Evaluator:
    match node:
        case ast.Constant(value=bool() | int() | str() as value):
            return lambda names, work: value
        case ast.Constant(value=float()):
            exact = integer_if_whole(Fraction(ast.unparse(node)))
            return lambda names, work: exact
        case ast.Name(id=name):
            return lambda names, work: _look_up(name, names)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in ARITHMETIC:
            return _binary(ARITHMETIC[type(op)], _translate(left), _translate(right))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = _translate(operand)
            return lambda names, work: -as_number(inner(names, work))
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _translate(operand)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = _translate(operand)
            return lambda names, work: not inner(names, work)
        case ast.BoolOp(op=op, values=values):
            return _logic(isinstance(op, ast.And), [_translate(v) for v in values])
        case ast.Compare(left=left, ops=ops, comparators=others) if all(type(op) in COMPARISONS for op in ops):
            return _comparison([_translate(v) for v in (left, *others)], [COMPARISONS[type(op)] for op in ops])
        case ast.IfExp(test=test, body=body, orelse=orelse):
            condition, yes, no = _translate(test), _translate(body), _translate(orelse)
            return lambda names, work: yes(names, work) if condition(names, work) else no(names, work)
        case ast.List(elts=items) | ast.Tuple(elts=items):
            parts = [_translate(item) for item in items]
            return lambda names, work: bounded_list([part(names, work) for part in parts], work)
        case ast.ListComp(
            elt=item, generators=[ast.comprehension(target=ast.Name(id=name), iter=source, ifs=tests)]
        ) if not any(
            isinstance(part, ast.ListComp) for child in ast.iter_child_nodes(node) for part in ast.walk(child)
        ):
            parts = [_translate(test) for test in tests]
            return _comprehension(name, _translate(item), _translate(source), parts, _parts(item, *tests))
        case ast.Subscript(value=container, slice=ast.Slice(lower=lower, upper=upper, step=None)):
            bounds = [None if bound is None else _translate(bound) for bound in (lower, upper)]
            return _slice(_translate(container), bounds)
        case ast.Subscript(value=container, slice=index):
            return _subscript(_translate(container), _translate(index))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            if name not in FUNCTIONS:
                raise Fault(
                    "unknown-name",
                    "there is no function `{name}`",
                    help=did_you_mean(name, FUNCTIONS, "the functions are {functions}"),
                    name=name,
                    functions=Listed(FUNCTIONS, ","),
                )
            return _call(name, [_translate(argument) for argument in arguments])
    raise Fault(
        "bad-expression",
        "`{text}` is not allowed in an expression",
        help="write arithmetic on numbers, params and index names; functions are {functions}",
        text=ast.unparse(node)[:80],
        functions=Listed(FUNCTIONS, ","),
    )


def _look_up(name: str, names: Bindings) -> Any:
    try:
        return names[name]
    except KeyError:
        raise Fault(
            "unknown-name",
            "`{name}` is not defined here",
            help=did_you_mean(name, names, "params, block params and the index of a repeat can be used"),
            name=name,
        ) from None


def _binary(compute: Callable[[Any, Any], Any], left: Evaluator, right: Evaluator) -> Evaluator:
    def result(names: Bindings, work: Work) -> Any:
        try:
            number = bounded_number(
                integer_if_whole(compute(as_number(left(names, work)), as_number(right(names, work))))
            )
        except ZeroDivisionError:
            raise Fault("division-by-zero", "this divides by zero", help="make the divisor at least 1") from None
        if type(number) is not int:
            work.spend(_FRACTION)
        return number

    return result


def _logic(conjunction: bool, parts: list[Evaluator]) -> Evaluator:
    def result(names: Bindings, work: Work) -> Any:
        value: Any = None
        for part in parts:
            value = part(names, work)
            if bool(value) is not conjunction:
                break
        return value

    return result


def _comparison(parts: list[Evaluator], compare: list[Callable[[Any, Any], bool]]) -> Evaluator:
    def result(names: Bindings, work: Work) -> bool:
        values = [part(names, work) for part in parts]
        work.spend(sum([extent(value)[0] for value in values if isinstance(value, tuple)]))
        try:
            return all(test(a, b) for test, a, b in zip(compare, values, values[1:], strict=False))
        except TypeError:
            raise Fault(
                "bad-expression", "{values} cannot be compared", help="compare like with like", values=values
            ) from None

    return result


def _subscript(container: Evaluator, index: Evaluator) -> Evaluator:
    def result(names: Bindings, work: Work) -> Any:
        values, at = container(names, work), index(names, work)
        if not isinstance(values, tuple) or isinstance(at, bool) or not isinstance(at, int):
            raise Fault(
                "bad-expression", "only a list can be indexed, and only by a whole number", help="write name[0]"
            )
        if not -len(values) <= at < len(values):
            raise Fault(
                "bad-expression", "index {at} is outside a list of {n}", help="the first is [0]", at=at, n=len(values)
            )
        return values[at]

    return result


def _slice(container: Evaluator, bounds: list[Evaluator | None]) -> Evaluator:
    def result(names: Bindings, work: Work) -> Any:
        ends = [None if bound is None else bound(names, work) for bound in bounds]
        if any(isinstance(end, bool) or not isinstance(end, int | None) for end in ends):
            raise Fault("bad-expression", "a part of a list goes from one whole number to another", help="name[0:2]")
        part = as_list(container(names, work))[slice(*ends)]
        work.spend(len(part))
        return part

    return result


def _comprehension(name: str, item: Evaluator, source: Evaluator, tests: list[Evaluator], each: int) -> Evaluator:
    def result(names: Bindings, work: Work) -> Any:
        values = as_list(source(names, work))
        if len(values) > MOST_ROUNDS:
            raise Fault(
                "list-too-large",
                "`for` goes through {most} items at most, not {n:,}",
                help="use a shorter list",
                most=MOST_ROUNDS,
                n=len(values),
            )
        work.spend(each * len(values))
        own: dict[str, Any] = {}
        scope = ChainMap(own, names)  # type: ignore[arg-type]  # names is only read
        items = []
        for own[name] in values:
            if all(test(scope, work) for test in tests):
                items.append(item(scope, work))
        return bounded_list(items, work)

    return result


def _call(name: str, arguments: list[Evaluator]) -> Evaluator:
    function = FUNCTIONS[name]

    def result(names: Bindings, work: Work) -> Any:
        values = [argument(names, work) for argument in arguments]
        work.spend(sum([len(value) for value in values if isinstance(value, tuple)]))
        try:
            value = function(*values)
            if not isinstance(value, tuple):
                return bounded_number(integer_if_whole(value))
            work.spend(len(value))
            return value
        except (TypeError, ValueError, AttributeError):
            raise Fault(
                "bad-expression", "{name} cannot take {values}", help="give it numbers", name=name, values=values
            ) from None
        except ZeroDivisionError:
            raise Fault("division-by-zero", "this divides by zero", help="make the divisor at least 1") from None

    return result
