"""Numbers and shapes as people write them: 1,792 · 1.79k · 138M · 15.5 GFLOPs · 528 MiB · 7x7x512 · [512, 7, 7]."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum
from fractions import Fraction
from unicodedata import normalize

from cnncalc.analysis.quantities import QUANTITIES
from cnncalc.core.errors import InputError, Span
from cnncalc.homework.questions import FIELDS, Answer, Extents

LONGEST_ANSWER = 120
"""Characters of an answer."""

LARGEST_POWER = 30
"""Power of ten that an answer may be written with."""

MOST_AXES = 6

_OF_SHAPES = {**dict.fromkeys((*FIELDS, "size"), "pixels"), "channels": "channels"}


SHAPES = ("output", "size")
"""Quantities that are answered with a shape, or with one extent of a square."""

ALL = ("all", "everything", "whole", "the whole input", "全部", "整个输入", "整张图")
"""Answers for the receptive field of a unit that sees the whole input."""

NONE = (
    *("none", "no", "nothing", "nil", "n/a", "na", "-", "–", "—", "no params", "no parameters", "no weights"),
    *("无", "没有", "没", "无参数", "没有参数"),
)
"""Answers that stand for 0, for the quantities in `NONE_OF`."""

NONE_OF = ("params", "param_memory", "buffers", "macs", "flops")
"""Quantities that may be 0 for a layer."""

_PREFIXES = {
    0: "",
    3: "k thousand 千",
    4: "万",
    6: "m million mio mn 百万",
    7: "千万",
    8: "亿",
    9: "g b billion bn 十亿",
    10: "百亿",
    11: "千亿",
    12: "t trillion 万亿",
    15: "p",
}
_POWERS = {prefix: power for power, prefixes in _PREFIXES.items() for prefix in prefixes.split() or [""]}
_BINARY = {"ki": 10, "mi": 20, "gi": 30, "ti": 40, "pi": 50}
_LONG_PREFIXES = {"kilo": "k", "mega": "m", "giga": "g", "tera": "t", "kibi": "ki", "mebi": "mi", "gibi": "gi",
                  "千": "k", "兆": "m", "吉": "g"}  # fmt: skip
_BYTES = re.compile(
    rf"(?P<prefix>[kmgtp]i?|{'|'.join(_LONG_PREFIXES)})?(?:b|bytes?|个?字节|(?P<bits>bits?|个?比特|个?位))"
)
_WORDS = {
    "weights": "params? parameters? weights? values? 个 个参数 参数",
    "operations": "macs? maccs? flops? madds? mult-?adds? multiply-adds? ops? operations? 次 次乘加 次运算",
    "pixels": "px pixels? rows? columns? positions? 像素 个像素",
    "channels": "channels? filters? kernels? maps? 通道 个通道 个",
}
_OF_WORD = {kind: re.compile("|".join(words.split())) for kind, words in _WORDS.items()}

_NUMBER = re.compile(
    r"[~≈]? ?(?P<sign>[-+]?)"
    r"(?P<whole>\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+|\d{1,3}(?:'\d{3})+|\d+(?:_\d+)*|(?=\.\d))(?P<decimals>\.\d*)?"
    r"(?:e(?P<e>[-+]?\d+)| ?[x×*·] ?10 ?(?:\^|\*\*) ?\(?(?P<ten>[-+]?\d+)\)?)?"
    r"(?:/(?P<below>\d+))?"
    r" ?(?P<unit>[^\W\d_]\D*)?"
)
_EXTENT = r"\d+(?:\.\d+)?"
_SHAPE = re.compile(rf"{_EXTENT}(?: ?[x×*,] ?{_EXTENT})+")
_PIXELS = re.compile(rf"(?<=[\d)\]]) ?(?:{_OF_WORD['pixels'].pattern})")
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")


def counted_thing(quantity: str) -> str:
    """What a quantity counts, which decides on the units that may follow its number; empty for a shape."""
    known = QUANTITIES.get(quantity)
    return known.unit if known else _OF_SHAPES.get(quantity, "")


class Comma(Enum):
    """What a comma in a number means to whoever wrote it."""

    GROUPS = "groups"  # 138,357,544
    DECIMAL = "decimal"  # 15,5
    OPEN = "open"


_POINT_IS_DECIMAL = re.compile(r"\d\.\d{1,2}(?!\d)|\d\.\d{4,}|,\d{3}\.\d|\d,\d{3},\d{3}(?!\d)")
_COMMA_IS_DECIMAL = re.compile(
    r"\d,\d{1,2}(?!\d)(?! ?(?:e[-+]?\d|[x×*·] ?10))|\d,\d{4,}|\.\d{3},\d|\d\.\d{3}\.\d{3}(?!\d)"
)
_ONE_COMMA = re.compile(r"([^\d,.]*\d+),(\d+)(?=\D|$)([^,.]*)")
_HAS_POWER = re.compile(r"\d ?(?:e[-+]?\d|[x×*·] ?10)")


def meaning_of_comma(answers: Iterable[str]) -> Comma:
    """What a comma means in the numbers of one sheet: open where none of them tells, or they contradict."""
    plain = [_normalise(text) for text in answers]
    decimal = any(map(_COMMA_IS_DECIMAL.search, plain))
    groups = any(map(_POINT_IS_DECIMAL.search, plain))
    return Comma.OPEN if decimal is groups else Comma.DECIMAL if decimal else Comma.GROUPS


def read_answer(text: str, quantity: str, span: Span | None = None, comma: Comma = Comma.OPEN) -> Answer:
    """An answer, read as a value of the quantity; `comma` is what one means in the other numbers of its sheet.

    Errors:  bad-answer, wrong-unit
    """
    plain = _with_point(_normalise(text), text, quantity, span, comma)
    if quantity in NONE_OF and plain in NONE:
        return Answer(_without_specks(text), Fraction(0), span=span)
    if not plain or plain in ("?", "-", "null", "~"):
        return Answer("", (), span=span)
    if len(text) > LONGEST_ANSWER:
        raise _bad_answer("bad-answer", text[:40] + "…", quantity, span)
    if quantity in SHAPES:
        plain = _PIXELS.sub("", plain)
    shaped = _shape(plain, quantity in SHAPES or quantity in ("receptive_field", "jump", "start"))
    if shaped is not None:
        if quantity not in SHAPES and (counted_thing(quantity) != "pixels"):
            raise _bad_answer("bad-answer", text, quantity, span)
        return Answer(text, *shaped, span=span)
    if quantity == "receptive_field" and plain in ALL:
        return Answer(text, (), span=span)
    found = _NUMBER.fullmatch(plain)
    if found is None:
        raise _bad_answer("bad-answer", text, quantity, span)
    return _number(found, text, quantity, span)


def _with_point(plain: str, text: str, quantity: str, span: Span | None, comma: Comma) -> str:
    """A number with a point for a decimal comma.

    Errors:  bad-answer
    """
    one = _ONE_COMMA.fullmatch(plain)
    has_power = _HAS_POWER.search(plain) is not None
    if one is None or quantity not in QUANTITIES or (comma is not Comma.DECIMAL and not has_power):
        return plain
    with_point = f"{one[1]}.{one[2]}{one[3]}"
    if comma is Comma.DECIMAL:
        return with_point if one[3].strip() or len(one[2]) != 3 else plain  # 1,792 parameters are no fraction
    if comma is Comma.GROUPS:
        return plain
    readings = [_NUMBER.fullmatch(number) for number in (with_point, f"{one[1]}{one[2]}{one[3]}")]
    values = [_number(found, text, quantity, span).value for found in readings if found is not None]
    if len(values) < 2:
        return plain
    first, second = (f"{int(value):,}" if value == int(value) else f"{float(value):,}" for value in values)  # type: ignore[arg-type]
    raise InputError.of(
        "bad-answer",
        "`{text}` has two readings: {first} with a decimal comma, {second} without",
        span,
        help="write `{first}` or `{second}`",
        text=text,
        first=first,
        second=second,
    )


def _normalise(text: str) -> str:
    """The text in ordinary characters and lower case."""
    powers = re.sub(r"(?<=10)[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+", lambda found: "^" + found[0].translate(_SUPERSCRIPTS), text)
    return " ".join(normalize("NFKC", _without_specks(powers)).replace("−", "-").lower().split())


def _without_specks(text: str) -> str:
    """The text without invisible characters, as come with copies from web pages, and without a full stop."""
    return re.sub("[\u200b\ufeff]", "", text).strip().removesuffix("。")


def _shape(plain: str, wanted: bool) -> tuple[Extents, Fraction] | None:
    """The extents of a shape and the weight of their last digits; None where it is none.

    `64,112,112` is a shape if one is wanted, otherwise a number.
    """
    plain = re.sub(r"^torch\.size(?=\()", "", plain)
    inner = plain.strip("()[]").strip().removesuffix(",")
    bracketed = plain[0] in "([" and plain[-1] in ")]"
    inner = re.sub(r"^(none|n|b|-1)(?= ?[x×*,])", "1", inner)  # the batch, of any size
    inner = re.sub(r"^(\d+) ?@ ?(?=\d)", r"\1x", inner)  # 6@28x28, as maps are drawn
    if not _SHAPE.fullmatch(inner):
        return ((int(inner),), Fraction(1)) if bracketed and inner.isdecimal() and len(inner) < 20 else None
    if not bracketed and (not wanted or _is_one_number(inner)) and not re.search("[x×*]", inner):
        return None
    written = re.findall(_EXTENT, inner)
    extents = [Fraction(extent) for extent in written]
    if len(extents) > MOST_AXES or max(map(len, written)) >= 20 or 0 in extents:
        return None
    broken = [text for text, extent in zip(written, extents, strict=True) if extent.denominator > 1]
    step = max((Fraction(10) ** -len(text.partition(".")[2]) for text in broken), default=Fraction(1))
    return tuple(int(extent) if extent.denominator == 1 else extent for extent in extents), step


def _is_one_number(text: str) -> bool:
    """Whether commas group the digits of one number: `25,088`, but neither `64,112,112` nor `512,7,7`."""
    return re.fullmatch(r"\d{1,3},\d{3}", text) is not None


def _number(found: re.Match[str], text: str, quantity: str, span: Span | None) -> Answer:
    whole, decimals = re.sub(r"\D", "", found["whole"]), (found["decimals"] or ".")[1:]
    power = int(found["e"] or found["ten"] or 0) if len(found["e"] or found["ten"] or "") < 5 else LARGEST_POWER + 1
    if abs(power) > LARGEST_POWER:
        raise _bad_answer("bad-answer", text, quantity, span)
    unit, shown = (found["unit"] or "").strip(), _without_specks(text)
    written = shown[len(shown) - len(unit) :] if unit else ""
    if unit and quantity in SHAPES:
        raise _bad_answer("bad-answer", text, quantity, span)
    factor, counts = _factor(unit, counted_thing(quantity)), ""
    if factor is None:
        factor, counts = _factor_of_another_thing(unit, quantity)
    if factor is None:
        raise _wrong_unit(text, written, quantity, span)
    step = factor * Fraction(10) ** (power - len(decimals))
    value = step * int(f"{found['sign']}{whole}{decimals}")
    if found["below"] is not None:
        if not int(found["below"]):
            raise _bad_answer("bad-answer", text, quantity, span)
        value, step = value / int(found["below"]), Fraction(0)
    if counted_thing(quantity) == "pixels" and not decimals:
        step = Fraction(0)  # 1 is not half a jump, rounded
    return Answer(shown, value, step, written, span, counts)


def _factor_of_another_thing(unit: str, quantity: str) -> tuple[Fraction | None, str]:
    """The factor of a unit that counts something that was not asked for, and what that is."""
    for counted in ("operations", "bytes", "weights", "channels", "pixels"):
        factor = _factor(unit, counted) if counted_thing(quantity) else None
        if factor is not None:
            return factor, counted
    return None, ""


def _factor(unit: str, counted: str) -> Fraction | None:
    """The factor of a unit; None where it does not count such things."""
    if counted in ("bytes", "weights"):
        stored = _BYTES.fullmatch(unit)
        if stored and (counted == "bytes" or unit != "b"):  # 1.5 B weights are a billion and a half
            size = Fraction(1, 8) if stored["bits"] else Fraction(1)
            return size * _power(_LONG_PREFIXES.get(stored["prefix"], stored["prefix"] or ""))
    for prefix, power in _POWERS.items():
        if unit.startswith(prefix):
            word = unit[len(prefix) :].strip(" .-")
            if not word or _is_counted(word, counted):
                return Fraction(10**power)
    binary = re.match("|".join(_BINARY), unit)
    if binary and counted and counted != "pixels":
        word = unit[binary.end() :].strip(" .-")
        return _power(binary[0]) if not word or _is_counted(word, counted) else None
    return None


def _power(prefix: str) -> Fraction:
    return Fraction(2 ** _BINARY[prefix] if prefix in _BINARY else 10 ** _POWERS[prefix])


def _is_counted(word: str, counted: str) -> bool:
    return counted in _OF_WORD and _OF_WORD[counted].fullmatch(word) is not None


def is_in_bytes(answer: Answer) -> bool:
    """Whether an answer is a number of bytes."""
    unit = _normalise(answer.unit)
    return unit != "b" and _BYTES.fullmatch(unit) is not None


def with_binary_prefix(answer: Answer) -> Answer | None:
    """The same digits with MB read as 2²⁰ bytes; None where there is no such prefix."""
    unit = _normalise(answer.unit)
    found = re.match(r"(?!mebi)[kmgtp](?!i)|[千兆吉](?=字)", unit)
    if found is None or isinstance(answer.value, tuple):
        return None
    prefix = _LONG_PREFIXES.get(found[0], found[0])
    ratio = Fraction(2 ** _BINARY[prefix + "i"], 10 ** _POWERS[prefix])
    return answer._replace(value=answer.value * ratio, step=answer.step * ratio)


def _bad_answer(code: str, text: str, quantity: str, span: Span | None) -> InputError:
    if quantity in SHAPES:
        return InputError.of(
            code,
            "`{text}` is not a shape",
            span,
            help="write numbers with x between them, as `7x7x512`",
            text=text,
        )
    return InputError.of(
        code,
        "`{text}` is not a number",
        span,
        help="write it as `1792`, `1,792`, `1.79k` or `138M`",
        text=text,
    )


def _wrong_unit(text: str, unit: str, quantity: str, span: Span | None) -> InputError:
    return InputError.of(
        "wrong-unit",
        "`{text}`: the unit `{unit}` does not go with {quantity}",
        span,
        help="write a number, or a number followed by k, M, G or T, as `138M`",
        text=text,
        unit=unit,
        quantity=quantity,
    )
