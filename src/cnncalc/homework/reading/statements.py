"""Claims as people write them: `fc6 has the most parameters`, `conv1_2 的计算量大于 conv1_1`, `fc6.params > 1k`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from cnncalc.homework.reading.grammar import Tree
from cnncalc.homework.reading.rules import grammars
from cnncalc.homework.reading.tokens import LONGEST, normalise, tokens_of
from cnncalc.homework.reading.words import is_whole, quantity_of
from cnncalc.language.naming import WHOLE

LAYERS = "layers"
"""The quantity of a side that counts layers."""

YES = ("true", "yes", "right", "y", "对", "是", "正确", "✓")
NO = ("false", "no", "wrong", "n", "错", "否", "不是", "错误", "✗")
"""Words for a claim that does not hold."""

_WITH_VERDICT = re.compile(rf"(.*\S)\s*[=:＝：]\s*({'|'.join((*YES, *NO))})\s*[.。]?\s*", re.IGNORECASE | re.DOTALL)


class Side(NamedTuple):
    """A side of a comparison: a layer and its quantity, each empty if it is not given, or a number or shape."""

    layer: str
    quantity: str
    literal: str = ""


class Extreme(NamedTuple):
    """The claim that a layer has the most of a quantity, or the least; an empty layer is a question for it."""

    layer: str
    quantity: str
    least: bool = False
    denied: bool = False
    among: str = ""  # the kind of layers that are compared, if not all are


class Relation(NamedTuple):
    """The claim that one number is larger than another, smaller, or equal; the right one times a factor, if any."""

    left: Side
    sign: str
    right: Side
    denied: bool = False
    factor: str = ""  # 2, 6.1, 1/2, 74%
    about: bool = False
    inside: str = ""  # where layers are counted

    @property
    def quantity(self) -> str:
        """The quantity that is compared; empty where the claim does not say it."""
        return self.left.quantity or self.right.quantity


def statement(text: str) -> Extreme | Relation | None:
    """The claim of a sentence; None where it is none."""
    plain = normalise(text)
    return None if re.fullmatch(r"[A-Za-z0-9_.-]*", plain) else _statement(plain)


@lru_cache(maxsize=4_096)  # a class makes the same claims
def _statement(plain: str) -> Extreme | Relation | None:
    for grammar in grammars(plain):
        tokens = tokens_of(plain, grammar.words)
        for kind in ("share", "extreme", "nothing", "count", "relation"):
            tree = grammar.read(kind, tokens, plain)
            if tree is not None:
                return _extreme(tree) if kind == "extreme" else _relation(kind, tree)
    return None


def split_verdict(text: str) -> tuple[str, str | None]:
    """A claim, and the yes or no after it, if there is one: `fc6.params > fc7.params: yes`."""
    found = _WITH_VERDICT.fullmatch(text[:LONGEST])
    return (found[1], found[2]) if found and statement(found[1]) is not None else (text, None)


@lru_cache(maxsize=4_096)
def side(text: str) -> Side:
    """The layer and the quantity in a text: `fc6.params`, `fc6 的参数量`, `the parameters of fc6`, `fc6`."""
    plain = normalise(text)
    name, dot, last = plain.rpartition(".")
    quantity = quantity_of(last)
    if quantity:
        return Side(_layer_or_total(name.strip()) if dot else WHOLE, quantity)
    for grammar in grammars(plain):
        tree = grammar.read("value", tokens_of(plain, grammar.words), plain)
        if tree is not None:
            return _side(tree)
    return Side(plain, "")


def _side(tree: Tree) -> Side:
    literal = tree.part("literal")
    if literal.text:
        return Side("", "", literal.meaning or literal.text)
    return Side(_layer_or_total(tree.part("name").text), tree.part("quantity").meaning)


def _layer_or_total(name: str) -> str:
    """`total` for a name of the whole network, otherwise the name."""
    return WHOLE if not name or is_whole(name) else name.strip('`"“”「」')


def _extreme(tree: Tree) -> Extreme:
    layer = tree.part("layer")
    least = (tree.part("extreme").meaning or tree.part("order").meaning) in ("least", "<")
    return Extreme(
        (layer.part("name").text or layer.text),
        tree.part("quantity").meaning,
        least,
        "not" in tree.parts,
        tree.part("among").text,
    )


def _relation(kind: str, tree: Tree) -> Relation:
    left, right = _side(tree.part("left")), _side(tree.part("right"))
    quantity = tree.part("quantity").meaning or ("output" if "shape" in tree.parts else "")
    factor = tree.part("factor")
    beyond = [tree.part(label).meaning for label in ("beyond", "after", "order", "same", "sign")]
    sign = next(filter(None, beyond), "=")
    sign += "=" if "or_equal" in tree.parts else ""
    if kind == "count":
        left = Side(left.layer if "left" in tree.parts else WHOLE, LAYERS)
    elif kind == "share":
        right = Side(WHOLE, quantity or left.quantity)
        sign = ">" if "majority" in tree.parts else sign
    elif kind == "nothing":
        right = Side("", "", "0")
    left = left._replace(quantity=left.quantity or quantity or right.quantity) if not left.literal else left
    right = right._replace(quantity=right.quantity or left.quantity) if not right.literal else right
    return Relation(
        left,
        sign,
        right,
        "not" in tree.parts,
        factor.meaning or factor.text or ("1/2" if "majority" in tree.parts else ""),
        "about" in tree.parts,
        tree.part("inside").part("name").text,
    )
