"""Sentences cut into tokens: the longest that is known at each place, and names for what is not known."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from cnncalc.analysis.positions import ORDINAL, ORDINAL_IN_CHINESE
from cnncalc.homework.reading.grammar import Token
from cnncalc.homework.reading.words import fold, phrases, quantity_of

LONGEST = 400
"""Most characters of a claim that are read."""

_LONGEST_PHRASE = 40

Phrases = Mapping[str, Mapping[str, str]]
"""The senses of phrases."""

_FULL_WIDTH = {
    **{0xFEE0 + number: chr(number) for number in range(0x21, 0x7F)},
    **dict.fromkeys(map(ord, "\u3000\u00a0"), " "),
    **dict.fromkeys(map(ord, "\u200b\ufeff"), ""),
    ord("’"): "'",
    ord("、"): ",",
}
"""Full-width characters, and their ordinary forms."""

_SIGNS = {
    **{sign: sign for sign in "<>="},
    ":": "=",
    **dict.fromkeys((">=", "≥", "≧", "=>"), ">="),
    **dict.fromkeys(("<=", "≤", "≦", "=<"), "<="),
    **dict.fromkeys(("==", "==="), "="),
    **dict.fromkeys(("!=", "≠", "<>"), "≠"),
}
"""Signs as they are typed, and their normal form."""

_COUNTED = "flops?|macs?|maccs?|madds?|ops|params?|parameters"
_UNIT = (
    rf"[kmgt]i?(?=(?:{_COUNTED})\b)|(?:[kmgt]i?)?b(?![a-z\d])|[kmgt]i?(?![a-z\d])|(?:thousand|million|mio|billion|bn|trillion)\b"
    r"|(?:kilo|mega|giga|tera|kibi|mebi|gibi)?bytes?\b|px\b|pixels?\b"
    "|(?:万亿|千亿|百亿|十亿|千万|百万|亿|万|千(?!字))?(?:[千兆吉]?字节|像素)?"
)
_DIGITS = r"\d{1,3}(?:,\d{3})+(?!\d)|\d{1,3}(?: \d{3})+(?!\d)|\d{1,3}(?:'\d{3})+|\d+(?:_\d+)*|(?=\.\d)"
_POWER = r"e[-+]?\d+| ?[x×*·] ?10 ?(?:\^|\*\*) ?\(?[-+]?\d+\)?| ?[x×*·] ?10[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+"
_PATTERNS = tuple(
    (sense, re.compile(pattern, re.IGNORECASE))
    for sense, pattern in {
        "NUMBER": rf"[\[(] ?\d+(?: ?[x×*,] ?\d+)* ?,? ?[\])]|\d+(?: ?[x×*] ?\d+)+"
        rf"|[-+−]?(?:{_DIGITS})(?:\.\d+)?(?:{_POWER})?(?:/\d+)?(?: ?(?:{_UNIT}))?",
        "WORD": r"""[`"“「][^`"”」]+[`"”」]|[a-z0-9_](?:[a-z0-9_@/+-]|\.(?=[a-z0-9_]))*""",
        "POSITION": rf"(?:{ORDINAL}|{ORDINAL_IN_CHINESE}) ?",
        "FACTOR": r"\d+(?:\.\d+)? ?(?:%|percent\b|per cent\b|times\b|-?fold\b|[x×](?= (?:as|the|that|those)\b)|倍)"
        r"|百分之 ?\d+(?:\.\d+)?|\d+/\d+(?= of\b| ?的)",
        "SIGN": r"[<>=!]=+|=[<>]|<>|[<>=≤≥≧≦≠:]",
        "TIMES": r"[*×·]",
        "DOT": r"\.",
        "OWN": r"'s\b|'(?= )",
    }.items()
)

_WORD = dict(_PATTERNS)["WORD"]


def normalise(text: str) -> str:
    """The text with ordinary characters and single blanks, without what a sentence may end in."""
    plain = " ".join(text[:LONGEST].translate(_FULL_WIDTH).split())
    plain = re.sub(r"(?<=[a-z])n't\b", " not", plain, flags=re.IGNORECASE)
    plain = re.sub(
        r"[一二三四五六七八九](?=[百千]?[万亿])", lambda found: str("一二三四五六七八九".index(found[0]) + 1), plain
    )
    plain = re.sub(r"^(most|least|largest|smallest)_", r"\1 ", plain, flags=re.IGNORECASE)
    return re.sub(r"[吗呢吧]?[?!.。;\s]*$", "", plain.replace("是不是", "是否"))


def tokens_of(text: str, words: frozenset[str]) -> list[Token]:
    """The tokens of a text with ordinary characters; `words` are those that a grammar names itself."""
    return [token for token in _tokens(text, phrases(words)) if "IGNORED" not in token.senses]


def _tokens(text: str, known: Phrases) -> Iterator[Token]:
    place = unknown = 0
    while place <= len(text):
        found = _known_tokens(text, place, known) if place < len(text) else []
        if (found or place == len(text) or text[place] in " ,()") and unknown < place:
            yield Token(text[unknown:place], unknown, place, {"WORD": text[unknown:place]})
        yield from found
        if found or (place < len(text) and text[place] in " ,()"):
            unknown = found[-1].end if found else place + 1
        place = found[-1].end if found else place + 1


def _known_tokens(text: str, place: int, known: Phrases) -> list[Token]:
    """The longest token that begins at a place, or the parts of `layer.quantity`; none inside of an unknown word."""
    best = _phrase(text, place, known)
    for sense, pattern in _PATTERNS:
        match = pattern.match(text, place)
        if match is None or match.end() <= (best.end if best else place):
            continue
        meaning = match[0].rstrip() if sense == "NUMBER" else match[0]
        end = place + len(meaning)
        if sense == "POSITION":
            of = _phrase(text, end, known)
            if of is not None and "KIND" in of.senses:
                end = of.end
            else:
                word = _WORD.match(text, end)
                if word is None or (of is not None and of.end >= word.end()):
                    continue
                end = word.end()
        elif sense == "SIGN":
            meaning = _SIGNS.get(match[0], "")
        best = Token(text[place:end], place, end, {sense: meaning})
    if best is None:
        return []
    name, dot, last = best.text.rpartition(".")
    if "WORD" in best.senses and name and quantity_of(last):
        middle = best.start + len(name)
        return [
            Token(name, best.start, middle, {"WORD": name}),
            Token(dot, middle, middle + 1, {"DOT": dot}),
            Token(last, middle + 1, best.end, {"QUANTITY": quantity_of(last)}),
        ]
    numbered = re.compile(r" ?#?\d{1,6}(?!\w|%|\.\d)").match(text, best.end)
    if "KIND" in best.senses and best.text.lower().endswith(("layer", "层")) and numbered:
        end = numbered.end()
        return [Token(text[place:end], place, end, {"POSITION": text[place:end]})]
    return [best]


def _phrase(text: str, place: int, known: Phrases) -> Token | None:
    """The longest phrase that begins at a place and ends with a word."""
    if text[place] == " ":
        return None
    for end in range(min(len(text), place + _LONGEST_PHRASE), place, -1):
        said = text[place:end]
        senses = known.get(fold(said)) if said[-1] not in " _-" else None
        if senses is not None and not (said[-1].isascii() and re.match(r"[A-Za-z0-9_]", text[end:])):
            return Token(said, place, end, senses)
    return None
