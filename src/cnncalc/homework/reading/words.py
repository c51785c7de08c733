"""The words of claims in both languages, by what they mean in a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from cnncalc.analysis.positions import KINDS, TYPES
from cnncalc.analysis.quantities import SYNONYMS
from cnncalc.homework.questions import askable_quantities
from cnncalc.layers.catalogue import ADDRESSES

LAYERS = "layers"
"""The quantity of a claim that counts layers."""

_MORE_SYNONYMS = {
    **dict.fromkeys(("weights", "权重", "权重数", "权重参数"), "params"),
    **dict.fromkeys(("parameter count", "param count", "parameters count", "参数规模"), "params"),
    **dict.fromkeys(("computation", "compute", "computations", "operations", "computational cost"), "flops"),
    **dict.fromkeys(("floating point operations", "运算量", "运算次数", "运算", "计算"), "flops"),
    **dict.fromkeys(("multiply accumulates", "multiply adds", "multiplications", "乘法次数", "乘加运算"), "macs"),
    **dict.fromkeys(("activation memory", "output memory", "显存", "激活", "激活值", "激活显存", "输出内存"), "memory"),
    **dict.fromkeys(("显存占用", "显存占用量", "内存占用", "激活值内存", "激活值显存"), "memory"),
    **dict.fromkeys(("receptive fields", "field of view", "感受域"), "receptive_field"),
    **dict.fromkeys(("output channels", "feature maps"), "channels"),
    **dict.fromkeys(("output shapes", "outputs"), "output"),
    **dict.fromkeys(("spatial size", "spatial resolution", "resolution", "分辨率"), "size"),
    **dict.fromkeys(("parameter memory", "参数显存", "权重内存"), "param_memory"),
}
"""Words for quantities that are used in sentences alone."""


_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")

_SENSES = {
    "MORE": {">": "more larger greater bigger higher 多 大 高", "<": "less fewer smaller lower 少 小 低"},
    "MOST": {
        "most": "most largest greatest biggest highest maximum max 最多 最大 最高",
        "least": "least fewest smallest lowest minimum min 最少 最小 最低",
    },
    "IS": {
        "=": "is are was were equals equal is_equal_to are_equal_to comes_to amounts_to stays "
        "是 为 等于 相等于 等同于 就是 共有 只有 达到 达 高达 共 共为 一共是 总共是"
    },
    "DO": {"": "is are do does did 是不是 是否"},
    "NOT": {"not": "not never 不 不是 并不是 并非 并不 没有 并没有 没 不如"},
    "BEYOND": {
        ">": "exceeds exceed more_than larger_than greater_than bigger_than higher_than over above upwards_of "
        "大于 多于 高于 超过 超出 多过",
        "<": "less_than fewer_than smaller_than lower_than under below short_of 小于 少于 低于 不到 不足",
        ">=": "at_least no_less_than no_fewer_than not_less_than 大于等于 大于或等于 不小于 不少于 不低于 至少 至少有 "
        "至少为 至少是",
        "<=": "at_most no_more_than not_more_than up_to 小于等于 小于或等于 不大于 不多于 不高于 不超过 至多 最多有 "
        "至多有 至多为 至多是",
        "≠": "differs_from differ_from different_from 不等于 不同于",
    },
    "AFTER": {">=": "以上", "<=": "以下", ">": "多", "": "左右 上下"},
    "ABOUT": {
        "about": "about approximately approx roughly around nearly almost circa some ~ ≈ "
        "约 大约 大概 约为 大约为 约是 大约是 大概是 约有 大约有 大概有 约等于 近似为 将近 接近 近"
    },
    "HAVE": {
        "": "has have having needs need takes take uses use contains contain holds hold requires require costs cost "
        "stores store consumes consume performs perform consists_of is_made_up_of "
        "有 具有 含有 包含 拥有 需要 占用 消耗 使用 用 需 要 占"
    },
    "SHARES": {
        "": "accounts_for account_for makes_up make_up represents represent has have contains contain holds hold uses "
        "use needs need takes take requires require 占 占了 占据 占据了 占到 占有 占去 贡献 贡献了 包含 "
        "包含了 集中了 有"
    },
    "WHOLE": {
        "": "network net model total overall 网络 整个网络 全网络 全网 模型 整个模型 总 整网 总体 该网络 这个网络 "
        "整个网络总 网络总 模型总 总量 总数 总和"
    },
    "ALL": {"": "the all any every each a an both 所有 所有的 全部 全部的 每个 每一个 任何 任何一个 任意"},
    "SAME": {
        "=": "same equal identical 一样 相同 相等 一样多 一样大 一样高 一致 同样 同样多 同样大",
        "≠": "different 不同 不一样 不相等 不相同 不一样多 不一样大",
    },
    "FACTOR": {
        "2": "twice double two_times 两倍 二倍",
        "3": "triple three_times 三倍",
        **{
            str(number): f"{english}_times {chinese}倍"
            for number, english, chinese in zip(range(4, 11), _NUMBERS[3:], "四五六七八九十", strict=True)
        },
        "1/2": "half one_half 一半 半数 二分之一",
        "1/3": "a_third one_third 三分之一",
        "2/3": "two_thirds 三分之二",
        "1/4": "a_quarter one_quarter a_fourth one_fourth 四分之一",
        "3/4": "three_quarters three_fourths 四分之三",
    },
    "MAJORITY": {"1/2": "most_of the_majority_of the_bulk_of 大部分 绝大部分 大多数 绝大多数 多数 大半"},
    "EVERYTHING": {"all": "all everything the_whole_input the_entire_input 全部 整个输入 整张图 整幅图 整个图像"},
    "NONE": {
        "0": "no zero 没有 没有任何 无 无任何 不含 不含任何 不包含 不带 不需要 没 零个 不增加 不会增加 不引入 不会引入"
    },
    "COUNT": {
        **{
            str(number): f"{english} {chinese}"
            for number, english, chinese in zip(range(3, 11), _NUMBERS[2:], "三四五六七八九十", strict=True)
        },
        "1": "one 一",
        "2": "two 两 二",
    },
}
"""Words by sense and meaning; `_` stands for a blank."""

_IGNORED = "by_far exactly actually only just also precisely together alone 都 也 则 仅 只 恰好 正好 刚好 其中 了 而言"
"""Words that change nothing."""


@cache
def phrases(others: frozenset[str]) -> dict[str, dict[str, str]]:
    """Every phrase in lower case, with its meaning in each sense that it has; `others` have none."""
    found: dict[str, dict[str, str]] = {word: {} for word in others}
    for phrase, sense, meaning in _meanings():
        found.setdefault(phrase, {}).setdefault(sense, meaning)
    return found


def _meanings() -> Iterator[tuple[str, str, str]]:
    for sense, meanings in _SENSES.items():
        for meaning, words in meanings.items():
            yield from ((word.replace("_", " "), sense, meaning) for word in words.split())
    yield from ((word.replace("_", " "), "IGNORED", "") for word in _IGNORED.split())
    yield from ((word, "QUANTITY", quantity) for word, quantity in _quantity_words().items())
    for kind in (*KINDS, *TYPES, *(re.sub("[123]d$", "", name) for name in ADDRESSES), *ADDRESSES):
        endings = ("", "s", " layer", " layers") if kind.isascii() else ("", "层")
        named = (fold(f"{kind}{ending}") for ending in endings)
        yield from ((word, "KIND", kind) for word in named if word not in _quantity_words())  # `parameters` are numbers


@cache
def _quantity_words() -> dict[str, str]:
    """The quantities by every word for them."""
    known = {name: name for name in askable_quantities()} | SYNONYMS | _MORE_SYNONYMS
    return {fold(word): quantity for word, quantity in known.items()}


def quantity_of(word: str) -> str:
    """The quantity that a word stands for; empty where it stands for none."""
    return _quantity_words().get(fold(word), "")


def fold(word: str) -> str:
    """A word in lower case, with blanks for what joins its parts."""
    return re.sub("[ _-]+", " ", word.strip().lower())


def is_whole(name: str) -> bool:
    """Whether a name stands for the whole network."""
    return "WHOLE" in phrases(frozenset()).get(fold(name), {})
