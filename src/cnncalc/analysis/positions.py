"""Layers by their kind and their position: `3rd conv2d`, `the last pooling layer`, `第二个全连接层`, `卷积层3`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from cnncalc.analysis.report import LayerReport
from cnncalc.core.kinds import Kind

LONGEST_NAME = 400
"""Most characters of a name that are read."""

KINDS: dict[str, Kind] = {
    **dict.fromkeys(("conv", "convolution", "convolutional", "卷积"), Kind.CONVOLUTION),
    **dict.fromkeys(("pool", "pooling", "subsampling", "池化", "汇聚", "下采样"), Kind.POOLING),
    **dict.fromkeys(("fc", "dense", "fully connected", "fully-connected", "linear", "全连接", "线性"), Kind.LINEAR),
    **dict.fromkeys(("activation", "激活"), Kind.ACTIVATION),
    **dict.fromkeys(("norm", "normalization", "normalisation", "归一化", "规范化"), Kind.NORM),
}
"""Words for kinds of layers that are not the name of a layer type."""

TYPES = {
    **dict.fromkeys(("max pooling", "max-pooling", "最大池化", "最大汇聚"), "max_pool"),
    **dict.fromkeys(("average pooling", "avg pooling", "平均池化", "平均汇聚"), "avg_pool"),
    **dict.fromkeys(("global average pooling", "全局平均池化", "全局平均汇聚"), "global_avg_pool"),
    **dict.fromkeys(("batch normalization", "bn", "批归一化", "批量归一化", "批规范化", "批标准化"), "batch_norm"),
    **dict.fromkeys(("layer normalization", "层归一化"), "layer_norm"),
    **dict.fromkeys(("transposed convolution", "deconvolution", "转置卷积", "反卷积"), "conv_transpose"),
    **dict.fromkeys(("flattening", "展平"), "flatten"),
}
"""Words for layer types; the dimensions are left out."""

_WORDS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_FROM_THE_END = {"last": -1, "final": -1, "penultimate": -2, "second to last": -2, "second-to-last": -2,
                "second last": -2, "last but one": -2, "third to last": -3, "third-to-last": -3}  # fmt: skip
_NUMERALS = "一二三四五六七八九"
_LAYER = re.compile(r"(?: ?(?:layers?|层))$")

ORDINAL = rf"(?:\d{{1,6}}(?:st|nd|rd|th)|{'|'.join((*_FROM_THE_END, *_WORDS))})"
"""A position in English."""

ORDINAL_IN_CHINESE = rf"(?:倒数)?第 ?(?:\d{{1,6}}|[{_NUMERALS}十]{{1,3}}) ?[个層层]|最后(?:面的)?一?[个層层]"
"""A position in Chinese."""

_POSITION = re.compile(
    rf"(?:the )?(?P<english>{ORDINAL}) (?P<kind>[a-z][\w -]*)|(?P<chinese>{ORDINAL_IN_CHINESE}) ?(?P<of>[\w -]+)"
    rf"|(?P<before>(?:[a-z][a-z -]* layer|[^\W\d_a-z]+层)) ?#?(?P<number>\d{{1,6}})"
)


class Position(NamedTuple):
    """The number of a layer among those of a kind; negative from the end."""

    number: int
    kind: str


def position(name: str) -> Position | None:
    """The position in `3rd conv2d`, if a name is one."""
    found = _POSITION.fullmatch(" ".join(name[:LONGEST_NAME].lower().split()))
    if found is None:
        return None
    if found["before"]:
        return Position(int(found["number"]), found["before"])
    if found["english"]:
        said = found["english"]
        from_end = _FROM_THE_END.get(said)
        digits = re.match(r"\d+", said)
        number = from_end or (int(digits[0]) if digits else _WORDS.index(said) + 1)
        return Position(number, found["kind"].strip())
    return Position(_chinese_number(found["chinese"]), found["of"].strip())


def _chinese_number(said: str) -> int:
    """The number in `第十二个`; negative in `倒数第二个` and `最后一个`."""
    if said.startswith("最后"):
        return -1
    digits = re.search(r"\d+", said)
    if digits:
        number = int(digits[0])
    else:
        tens, ten, ones = "".join(sign for sign in said if sign in f"{_NUMERALS}十").rpartition("十")
        number = _numeral(ones, 0) + (10 * _numeral(tens, 1) if ten else 0)
    return -number if said.startswith("倒数") else number


def _numeral(sign: str, otherwise: int) -> int:
    return _NUMERALS.index(sign[0]) + 1 if sign else otherwise


def of_kind(rows: Iterable[LayerReport], kind: str) -> list[LayerReport]:
    """The layers of a kind or a type, in order; `kind` may be in the plural."""
    word = _LAYER.sub("", " ".join(kind.lower().split())).strip()
    for said in (word, word.removesuffix("s")):
        wanted = KINDS.get(said)
        named = TYPES.get(said, said).replace(" ", "_").replace("-", "_")
        found = [
            row
            for row in rows
            if (row.kind is wanted if wanted else re.sub("[123]d$", "", row.type) == named or row.type == named)
        ]
        if found:
            return found
    return []
