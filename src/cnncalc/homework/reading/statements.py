"""Claims as people write them: `fc6 has the most parameters`, `conv1_2 的计算量大于 conv1_1`, `fc6.params > 1k`.

A language is a table of words and a list of sentences. A sentence is written as somebody would say it: `{...}` stands
for a name, a number or one of the words, `[...]` may be left out, and of `a|b` one is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from cnncalc.homework.questions import askable
from cnncalc.homework.targets import SYNONYMS
from cnncalc.language.assembly import WHOLE

LONGEST = 400
"""Characters of a claim that are read."""

YES = ("true", "yes", "right", "y", "对", "是", "正确", "✓")
NO = ("false", "no", "wrong", "n", "错", "否", "不是", "错误", "✗")
"""What may be said of a claim."""

_ANSWERED = re.compile(rf"(.*\S)\s*[=:＝：]\s*({'|'.join((*YES, *NO))})\s*[.。]?\s*", re.IGNORECASE | re.DOTALL)


class Extreme(NamedTuple):
    """That a layer has the most of a quantity, or the least; an empty layer is asked for."""

    layer: str
    quantity: str
    least: bool = False
    denied: bool = False


class Comparison(NamedTuple):
    """That one thing is larger than another, smaller, or as large; `quantity` is said of both."""

    left: str
    sign: str
    right: str
    quantity: str = ""
    denied: bool = False


class Side(NamedTuple):
    """A layer and its quantity, each empty where it is not said."""

    layer: str
    quantity: str


class _Language(NamedTuple):
    """Words, and sentences that are made of them; `blank` is what stands between two of their parts."""

    blank: str
    words: Mapping[str, str]
    denials: Mapping[str, str]  # as they are said, and the same sentence without them
    extremes: Sequence[str]
    comparisons: Sequence[str]
    sides: Sequence[str]


_ENGLISH = _Language(
    blank=" ",
    words={
        "more": "more larger greater bigger higher",
        "less": "less fewer smaller lower",
        "most": "most largest greatest biggest highest maximum max",
        "least": "least fewest smallest lowest minimum min",
        "have": "has have having needs need takes take uses use contains contain with",
        "whole": "the_network the_whole_network the_net network whole_network net the_model model",
        "equal": "equals equal is_equal_to are_equal_to is_as_large_as is_the_same_as is are",
        "unequal": "differs_from differ_from is_different_from",
        "above": "exceeds exceed is_above",
        "below": "is_below",
        "at_least": "is_at_least are_at_least",
        "at_most": "is_at_most are_at_most",
    },
    denials={
        "does not have": "has",
        "doesn't have": "has",
        "does not need": "needs",
        "doesn't need": "needs",
        "is not": "is",
        "isn't": "is",
        "are not": "are",
        "aren't": "are",
    },
    extremes=(
        "[the] {extreme} [number_of] {quantity} [:|is|=|layer|layer_is]",
        "[is|does] [the] layer {have} [the] {extreme} [number_of] {quantity} is|:|= {layer}",
        "[is] {layer} [is] [the] layer|one {have}|that_has|which_has [the] {extreme} [number_of] {quantity}",
        "[the] {extreme} [number_of] {quantity} is_in|is_at|is_that_of|is|:|= {layer}",
        "[the] [number_of] {quantity} of {layer} is|are [the] {extreme}",
        "[is|does] {layer} [{have}|is|:] [the] {extreme} [number_of] {quantity} [of_all|of_all_layers|in_the_network]",
    ),
    comparisons=(
        "[is|does|do] {left} {have} [a|the] {order} [number_of] {quantity} than {right}",
        "{left} {order} {quantity} than {right}",
        "[does|do] {left} {have} as many|much [number_of] {quantity} as {right}",
        "[does|do] {left} {have} the_same|an_equal|equal [number_of] {quantity} as {right}",
        "[do] {left} and {right} have the_same|an_equal|equal [number_of] {quantity}",
        "{left} has|needs|takes {value} {quantity}",
        "[is|are] {left} [is|are] {order} than [{or_equal_to}] {right}",
        "{left} {sign} {right}",
    ),
    sides=(
        "[the] [number_of] {quantity} of|in|at {layer}",
        "{layer}'s [number_of] {quantity}",
        "that|those of {layer}",
        "{layer} {quantity}",
    ),
)

_CHINESE = _Language(
    blank=" ?",
    words={
        "more": "多 大 高",
        "less": "少 小 低",
        "most": "最多 最大 最高",
        "least": "最少 最小 最低",
        "have": "有 需要 占用 占 消耗 使用 用",
        "whole": "网络 整个网络 全网络 全网 模型 整个模型 总",
        "equal": "等于 相等于 等同于 为 是",
        "unequal": "不等于",
        "above": "大于 多于 高于 超过",
        "below": "小于 少于 低于",
        "at_least": "大于等于 大于或等于 不小于 不少于 不低于 至少为 至少是",
        "at_most": "小于等于 小于或等于 不大于 不多于 不高于 不超过 至多为 至多是",
    },
    denials={"并不是": "是", "不是": "是", "并不比": "比", "不比": "比"},
    extremes=(
        "{quantity} [是] {extreme} [的] [层] [是] [:|=]",
        "{extreme} [的] {quantity} [的层] [:|=]",
        "{quantity} [是] {extreme} 的 [那] [一] [层] 是|为|:|= {layer}",
        "{quantity} {extreme} :|= {layer}",
        "{extreme} [的] {quantity} 是|为|在|:|= {layer}",
        "{layer} 是 [网络中|所有层中] {quantity} {extreme} 的 [那] [一] [层]",
        "{layer} [的|是] [{have}] [的] {quantity} [是] {extreme} [的]",
        "{layer} {have} {extreme} [的] {quantity}",
    ),
    comparisons=(
        "{left} [是] 比 {right} {have} 更|较 {order} [的] {quantity}",
        "{left} [是] 比 {right} [更|要] {order} [很多|得多|一些|一点|些]",
        "{left} 和|与|跟|同 {right} 一样多|一样大|一样高|一样|相等|相同",
        "{left} 有 {value} 个 {quantity}",
        "{left} [是] {sign} {right}",
    ),
    sides=(
        "{whole} [的] {quantity}",
        "{layer} [的] [{have}] [的] {quantity}",
        "{layer} 的",
    ),
)

_LANGUAGES = {"en": _ENGLISH, "zh": _CHINESE}

_MEANT = {
    "most": "most",
    "least": "least",
    "more": ">",
    "less": "<",
    "above": ">",
    "below": "<",
    "at_least": ">=",
    "at_most": "<=",
    "equal": "=",
    "unequal": "≠",
}
"""What the words of these names mean."""

_SIGNS = {
    **{sign: sign for sign in "<>="},
    ":": "=",
    **dict.fromkeys((">=", "≥", "≧", "=>"), ">="),
    **dict.fromkeys(("<=", "≤", "≦", "=<"), "<="),
    **dict.fromkeys(("==", "==="), "="),
    **dict.fromkeys(("!=", "≠", "<>"), "≠"),
}
"""Signs as they are typed, and as they are meant."""

_FURTHER = {
    **dict.fromkeys(("weights", "权重", "权重数", "参数总数", "参数总量"), "params"),
    **dict.fromkeys(("computation", "compute", "operations", "运算量", "运算次数"), "flops"),
    **dict.fromkeys(("multiply_accumulates", "multiplications", "乘法次数"), "macs"),
    **dict.fromkeys(("output_memory", "显存", "激活", "激活值", "激活显存", "输出内存"), "memory"),
    **dict.fromkeys(("receptive_fields", "感受域"), "receptive_field"),
}
"""Words for quantities that are said in sentences only."""


@cache
def _quantity_words(askable: tuple[str, ...]) -> dict[str, str]:
    """Every word for a quantity, and the quantity."""
    return {**{name: name for name in askable}, **SYNONYMS, **_FURTHER}


_FULL_WIDTH = {
    **{0xFEE0 + number: chr(number) for number in range(0x21, 0x7F)},
    **dict.fromkeys(map(ord, "\u3000\u00a0"), " "),
    **dict.fromkeys(map(ord, "\u200b\ufeff"), ""),
    ord("’"): "'",
}
"""Signs as they are set between Chinese characters, and the ordinary ones."""

_SIGN = re.compile(r"[<>=!]=+|=[<>]|<>|[<>=≤≥≧≦≠]|:(?=\s|$)|(?<=[^\x00-\x7f]):")
_NAME = re.compile(r"[A-Za-z0-9_.-]* ")
_END = re.compile(r"(?:吗|呢)?[?!.。;]*$")


def statement(text: str) -> Extreme | Comparison | None:
    """What a sentence claims; None where it is no claim."""
    plain = _plain(text)
    if _NAME.fullmatch(plain):
        return None
    for kind in ("extremes", "comparisons"):
        for name, language in _LANGUAGES.items():
            said, denied = _undenied(plain, language)
            found = next(filter(None, (pattern.fullmatch(said) for pattern in _patterns(name, kind, askable()))), None)
            if found is not None:
                return _Found(found, language).made(kind, denied)
    return None


def answered(text: str) -> tuple[str, str | None]:
    """A claim, and the yes or no that is written behind it, if one is: `fc6.params > fc7.params: yes`."""
    found = _ANSWERED.fullmatch(text[:LONGEST])
    return (found[1], found[2]) if found and statement(found[1]) is not None else (text, None)


def side(text: str) -> Side:
    """The layer and the quantity that are meant: `fc6.params`, `fc6 的参数量`, `the parameters of fc6`, `fc6`."""
    plain = _plain(text)
    name, dot, last = plain.strip().rpartition(".")
    known = askable()
    quantity = _quantity_words(known).get(_folded(last))
    if quantity:
        return Side(_whole(name.strip()) if dot else WHOLE, quantity)
    for language in _LANGUAGES:
        for pattern in _patterns(language, "sides", known):
            match = pattern.fullmatch(plain)
            if match is not None:
                found = _Found(match, _LANGUAGES[language])
                return Side(_whole(found.text("layer")), found.quantity)
    return Side(plain.strip(), "")


class _Found(NamedTuple):
    """A sentence that was recognised."""

    match: re.Match[str]
    language: _Language

    def text(self, place: str) -> str:
        """What stands in a place, as it was written."""
        return (self.match.groupdict().get(place) or "").replace(" : ", ":").strip()

    def meant(self, place: str) -> str:
        """What the word in a place means."""
        said = self.text(place)
        words = self.language.words
        spoken = (meaning for name, meaning in _MEANT.items() if _folded(said) in words[name].split())
        return _SIGNS.get(said) or next(spoken, "")

    @property
    def quantity(self) -> str:
        """The quantity that is said, if one is."""
        return _quantity_words(askable()).get(_folded(self.text("quantity")), "")

    def made(self, kind: str, denied: bool) -> Extreme | Comparison:
        """What is claimed."""
        if kind == "extremes":
            return Extreme(self.text("layer"), self.quantity, self.meant("extreme") == "least", denied)
        sign = self.meant("sign") or self.meant("order") or "="
        sign += "=" if self.text("or_equal_to") else ""
        return Comparison(self.text("left"), sign, self.text("right") or self.text("value"), self.quantity, denied)


def _plain(text: str) -> str:
    """The text with ordinary signs and single blanks, signs of comparison set apart, and a blank at its end."""
    ordinary = text[:LONGEST].translate(_FULL_WIDTH)
    ordinary = ordinary.replace("是不是", "是").replace("是否", "是")  # asked, and not denied
    words = _END.sub("", " ".join(_SIGN.sub(r" \g<0> ", ordinary).split())).split()
    if words and words[0].partition("_")[0].lower() in _EXTREMES:  # most_params
        words[0] = words[0].replace("_", " ")
    return "".join(f"{word} " for word in words)


_EXTREMES = {*_ENGLISH.words["most"].split(), *_ENGLISH.words["least"].split()}


def _undenied(plain: str, language: _Language) -> tuple[str, bool]:
    """A sentence without its `not`, and whether there was one."""
    for denial, without in language.denials.items():
        before, found, behind = plain.partition(denial)
        if found:
            return f"{before}{without}{behind}", True
    return plain, False


def _whole(name: str) -> str:
    """`total` for what means the network as a whole."""
    names = " ".join(language.words["whole"] for language in _LANGUAGES.values())
    return WHOLE if not name or _folded(name) in names.split() else name


def _folded(word: str) -> str:
    return word.strip().lower().replace(" ", "_").replace("-", "_")


# Sentences as patterns


@cache
def _patterns(language: str, kind: str, askable: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    """The sentences of one kind as patterns of a text that ends in a blank."""
    spoken = _LANGUAGES[language]
    sentences: Sequence[str] = getattr(spoken, kind)
    words = _quantity_words(askable)
    return tuple(re.compile("".join(_parts(sentence, spoken, words)), re.IGNORECASE) for sentence in sentences)


def _parts(sentence: str, language: _Language, quantities: Iterable[str]) -> Iterator[str]:
    for part in sentence.split():
        inner = part.removeprefix("[").removesuffix("]")
        choice = "|".join(_spelled(word, language, quantities) for word in inner.split("|"))
        yield f"(?:(?:{choice}){language.blank})" + ("?" if inner != part else "")


def _spelled(word: str, language: _Language, quantities: Iterable[str]) -> str:
    """A word of a sentence as a pattern."""
    place = re.match(r"{(\w+)}", word)
    if place is None:
        return _blanks(word)
    name, rest = place[1], _blanks(word[place.end() :])
    match name:
        case "layer" | "left" | "right":
            return f"(?P<{name}>[^<>=≤≥≧≦≠]+?){rest}"
        case "value":
            return r"(?P<value>[~≈]?[\d.][^ ]*(?: [kKMGT])?)"
        case "quantity":
            return f"(?P<quantity>{_choice(quantities)})"
        case "extreme":
            return f"(?P<extreme>{_choice(_words(language, 'most', 'least'))})"
        case "order":
            return f"(?P<order>{_choice(_words(language, 'more', 'less'))})"
        case "sign":
            return f"(?P<sign>{'|'.join(map(re.escape, _SIGNS))}|{_choice(_words(language, *_SPOKEN))})"
    return _choice(_words(language, name)) if name in language.words else f"(?P<{name}>{_blanks(name)})"


_SPOKEN = ("above", "below", "at_least", "at_most", "equal", "unequal")


def _words(language: _Language, *names: str) -> list[str]:
    return [word for name in names for word in language.words[name].split()]


def _choice(words: Iterable[str]) -> str:
    """One of several words, longer ones before those that begin them; no part of a longer word."""
    ordered = sorted(words, key=len, reverse=True)
    return "|".join(f"{_BEFORE}{_blanks(word)}{_BEHIND}" if word.isascii() else _blanks(word) for word in ordered)


_BEFORE, _BEHIND = "(?<![A-Za-z0-9_])", "(?![A-Za-z0-9_])"
"""Where a word begins and ends, also between Chinese characters."""


def _blanks(word: str) -> str:
    """A word as it is typed: what is written with an underscore here has a blank or a hyphen as well."""
    return "[ _-]".join(map(re.escape, word.split("_")))
