"""Claims as people write them: `fc6 has the most parameters`, `conv1_2 的计算量大于 conv1_1`, `fc6.params > 1k`.

A language is a table of words and a list of sentence templates. In a template, `{...}` stands for a name, a number or
one of the words, `[...]` is optional, and `a|b` is a choice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from cnncalc.analysis.quantities import SYNONYMS
from cnncalc.homework.questions import askable_quantities
from cnncalc.language.naming import WHOLE

LONGEST = 400
"""Most characters of a claim that are read."""

YES = ("true", "yes", "right", "y", "对", "是", "正确", "✓")
NO = ("false", "no", "wrong", "n", "错", "否", "不是", "错误", "✗")
"""Words for a claim that does not hold."""

_WITH_VERDICT = re.compile(rf"(.*\S)\s*[=:＝：]\s*({'|'.join((*YES, *NO))})\s*[.。]?\s*", re.IGNORECASE | re.DOTALL)


class Extreme(NamedTuple):
    """The claim that a layer has the most of a quantity, or the least; an empty layer is a question for it."""

    layer: str
    quantity: str
    least: bool = False
    denied: bool = False


class Relation(NamedTuple):
    """The claim that one number is larger than another, smaller, or equal; `quantity` applies to both."""

    left: str
    sign: str
    right: str
    quantity: str = ""
    denied: bool = False


class Side(NamedTuple):
    """A layer and its quantity, each empty if it is not given."""

    layer: str
    quantity: str


class _Language(NamedTuple):
    """Words, and sentence templates that use them; `blank` is the pattern between two parts of a sentence."""

    blank: str
    words: Mapping[str, str]
    denials: Mapping[str, str]  # negated words, and the same words without the negation
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

_MEANINGS = {
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
"""The meaning of words by their names."""

_SIGNS = {
    **{sign: sign for sign in "<>="},
    ":": "=",
    **dict.fromkeys((">=", "≥", "≧", "=>"), ">="),
    **dict.fromkeys(("<=", "≤", "≦", "=<"), "<="),
    **dict.fromkeys(("==", "==="), "="),
    **dict.fromkeys(("!=", "≠", "<>"), "≠"),
}
"""Signs as they are typed, and their normal form."""

_MORE_SYNONYMS = {
    **dict.fromkeys(("weights", "权重", "权重数", "参数总数", "参数总量"), "params"),
    **dict.fromkeys(("computation", "compute", "operations", "运算量", "运算次数"), "flops"),
    **dict.fromkeys(("multiply_accumulates", "multiplications", "乘法次数"), "macs"),
    **dict.fromkeys(("output_memory", "显存", "激活", "激活值", "激活显存", "输出内存"), "memory"),
    **dict.fromkeys(("receptive_fields", "感受域"), "receptive_field"),
}
"""Words for quantities that are used in sentences alone."""


@cache
def _quantity_words(askable: tuple[str, ...]) -> dict[str, str]:
    """The quantities by every word for them."""
    return {**{name: name for name in askable}, **SYNONYMS, **_MORE_SYNONYMS}


_FULL_WIDTH = {
    **{0xFEE0 + number: chr(number) for number in range(0x21, 0x7F)},
    **dict.fromkeys(map(ord, "\u3000\u00a0"), " "),
    **dict.fromkeys(map(ord, "\u200b\ufeff"), ""),
    ord("’"): "'",
}
"""Full-width characters, and their ordinary forms."""

_SIGN = re.compile(r"[<>=!]=+|=[<>]|<>|[<>=≤≥≧≦≠]|:(?=\s|$)|(?<=[^\x00-\x7f]):")
_NAME = re.compile(r"[A-Za-z0-9_.-]* ")
_END = re.compile(r"(?:吗|呢)?[?!.。;]*$")


def statement(text: str) -> Extreme | Relation | None:
    """The claim of a sentence; None where it is none."""
    plain = _normalise(text)
    if _NAME.fullmatch(plain):
        return None
    for kind in ("extremes", "comparisons"):
        for name, language in _LANGUAGES.items():
            said, denied = _without_denial(plain, language)
            found = next(
                filter(None, (pattern.fullmatch(said) for pattern in _patterns(name, kind, askable_quantities()))), None
            )
            if found is not None:
                return _Match(found, language).claim(kind, denied)
    return None


def split_verdict(text: str) -> tuple[str, str | None]:
    """A claim, and the yes or no after it, if there is one: `fc6.params > fc7.params: yes`."""
    found = _WITH_VERDICT.fullmatch(text[:LONGEST])
    return (found[1], found[2]) if found and statement(found[1]) is not None else (text, None)


def side(text: str) -> Side:
    """The layer and the quantity in a text: `fc6.params`, `fc6 的参数量`, `the parameters of fc6`, `fc6`."""
    plain = _normalise(text)
    name, dot, last = plain.strip().rpartition(".")
    known = askable_quantities()
    quantity = _quantity_words(known).get(_fold(last))
    if quantity:
        return Side(_layer_or_total(name.strip()) if dot else WHOLE, quantity)
    for language in _LANGUAGES:
        for pattern in _patterns(language, "sides", known):
            match = pattern.fullmatch(plain)
            if match is not None:
                found = _Match(match, _LANGUAGES[language])
                return Side(_layer_or_total(found.text("layer")), found.quantity)
    return Side(plain.strip(), "")


class _Match(NamedTuple):
    """A sentence that matched a template."""

    match: re.Match[str]
    language: _Language

    def text(self, place: str) -> str:
        """The text of a placeholder, as it was written."""
        return (self.match.groupdict().get(place) or "").replace(" : ", ":").strip()

    def meaning(self, place: str) -> str:
        """The meaning of the word in a placeholder."""
        said = self.text(place)
        words = self.language.words
        spoken = (meaning for name, meaning in _MEANINGS.items() if _fold(said) in words[name].split())
        return _SIGNS.get(said) or next(spoken, "")

    @property
    def quantity(self) -> str:
        """The quantity in the sentence; empty where there is none."""
        return _quantity_words(askable_quantities()).get(_fold(self.text("quantity")), "")

    def claim(self, kind: str, denied: bool) -> Extreme | Relation:
        """The claim of the sentence."""
        if kind == "extremes":
            return Extreme(self.text("layer"), self.quantity, self.meaning("extreme") == "least", denied)
        sign = self.meaning("sign") or self.meaning("order") or "="
        sign += "=" if self.text("or_equal_to") else ""
        return Relation(self.text("left"), sign, self.text("right") or self.text("value"), self.quantity, denied)


def _normalise(text: str) -> str:
    """The text with ordinary characters, single blanks, blanks around comparison signs, and a blank at its end."""
    ordinary = text[:LONGEST].translate(_FULL_WIDTH)
    ordinary = ordinary.replace("是不是", "是").replace("是否", "是")  # a question, not a denial
    words = _END.sub("", " ".join(_SIGN.sub(r" \g<0> ", ordinary).split())).split()
    if words and words[0].partition("_")[0].lower() in _EXTREMES:  # most_params
        words[0] = words[0].replace("_", " ")
    return "".join(f"{word} " for word in words)


_EXTREMES = {*_ENGLISH.words["most"].split(), *_ENGLISH.words["least"].split()}


def _without_denial(plain: str, language: _Language) -> tuple[str, bool]:
    """A sentence without its `not`, and whether there was one."""
    for denial, without in language.denials.items():
        before, found, after = plain.partition(denial)
        if found:
            return f"{before}{without}{after}", True
    return plain, False


def _layer_or_total(name: str) -> str:
    """`total` for a name of the whole network, otherwise the name."""
    names = " ".join(language.words["whole"] for language in _LANGUAGES.values())
    return WHOLE if not name or _fold(name) in names.split() else name


def _fold(word: str) -> str:
    return word.strip().lower().replace(" ", "_").replace("-", "_")


# Templates as patterns


@cache
def _patterns(language: str, kind: str, askable: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    """The templates of one kind as patterns for a text that ends in a blank."""
    spoken = _LANGUAGES[language]
    sentences: Sequence[str] = getattr(spoken, kind)
    words = _quantity_words(askable)
    return tuple(re.compile("".join(_part_patterns(sentence, spoken, words)), re.IGNORECASE) for sentence in sentences)


def _part_patterns(sentence: str, language: _Language, quantities: Iterable[str]) -> Iterator[str]:
    for part in sentence.split():
        inner = part.removeprefix("[").removesuffix("]")
        choice = "|".join(_word_pattern(word, language, quantities) for word in inner.split("|"))
        yield f"(?:(?:{choice}){language.blank})" + ("?" if inner != part else "")


def _word_pattern(word: str, language: _Language, quantities: Iterable[str]) -> str:
    """A word of a template as a pattern."""
    place = re.match(r"{(\w+)}", word)
    if place is None:
        return _phrase_pattern(word)
    name, rest = place[1], _phrase_pattern(word[place.end() :])
    match name:
        case "layer" | "left" | "right":
            return f"(?P<{name}>[^<>=≤≥≧≦≠]+?){rest}"
        case "value":
            return r"(?P<value>[~≈]?[\d.][^ ]*(?: [kKMGT])?)"
        case "quantity":
            return f"(?P<quantity>{_choice_pattern(quantities)})"
        case "extreme":
            return f"(?P<extreme>{_choice_pattern(_words(language, 'most', 'least'))})"
        case "order":
            return f"(?P<order>{_choice_pattern(_words(language, 'more', 'less'))})"
        case "sign":
            return f"(?P<sign>{'|'.join(map(re.escape, _SIGNS))}|{_choice_pattern(_words(language, *_SIGN_WORDS))})"
    return _choice_pattern(_words(language, name)) if name in language.words else f"(?P<{name}>{_phrase_pattern(name)})"


_SIGN_WORDS = ("above", "below", "at_least", "at_most", "equal", "unequal")


def _words(language: _Language, *names: str) -> list[str]:
    return [word for name in names for word in language.words[name].split()]


def _choice_pattern(words: Iterable[str]) -> str:
    """A pattern for one of several words, the longest first; none matches inside a longer word."""
    ordered = sorted(words, key=len, reverse=True)
    return "|".join(
        f"{_BEFORE}{_phrase_pattern(word)}{_AFTER}" if word.isascii() else _phrase_pattern(word) for word in ordered
    )


_BEFORE, _AFTER = "(?<![A-Za-z0-9_])", "(?![A-Za-z0-9_])"
"""Word boundaries that also hold between Chinese characters."""


def _phrase_pattern(word: str) -> str:
    """A pattern for words that are typed with an underscore, a blank or a hyphen between them."""
    return "[ _-]".join(map(re.escape, word.split("_")))
