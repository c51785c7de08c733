"""Sheets of answers: a YAML file, or words on the command line."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from cnncalc.analysis.report import Report
from cnncalc.core.arithmetic import LARGEST
from cnncalc.core.errors import COMMAND_LINE, Diagnostic, InputError, Source, Span
from cnncalc.core.tensor import Shape
from cnncalc.core.translation import Phrase
from cnncalc.homework.reading.csv_sheet import document_of
from cnncalc.homework.reading.handwriting import in_lower_case, parse_leniently, repair, text_of_sheet
from cnncalc.homework.reading.networks import Networks as Networks
from cnncalc.homework.reading.networks import folder_of
from cnncalc.homework.reading.statements import side, split_verdict, statement
from cnncalc.language.bounds import MOST_AXES
from cnncalc.language.description import check_keys
from cnncalc.language.files import file_and_variant
from cnncalc.language.text import document as written
from cnncalc.language.text.document import MOST_CHARACTERS, Mapping, Scalar, Value
from cnncalc.language.text.values import wrong_kind

KEYS = ("network", "layers", "input", "set", "answers", "claims")

UNASKED = ("name", "student", "id", "group", "course", "date", "notes", "姓名", "学号", "班级", "课程", "日期", "备注")
"""Keys above the answers that are ignored."""

MOST_ANSWERS = 2_000
"""Answers and claims of one sheet."""

MOST_LINES = 2 * MOST_ANSWERS
"""Lines of a sheet that are read: answers, comments, and a network that it describes."""

MOST_SHEETS = 1_000
"""Sheets of one folder."""


class Entry(NamedTuple):
    """An ask and its answer, or a claim and the answer to it, if there is one."""

    ask: str
    text: str | None
    ask_span: Span | None
    span: Span | None


class Sheet(NamedTuple):
    """The answers and claims of one person."""

    name: str
    network: Report | None  # None where it cannot be read
    answers: tuple[Entry, ...] = ()
    claims: tuple[Entry, ...] = ()
    problems: tuple[Diagnostic, ...] = ()


def read_file(path: str, networks: Networks, *, pipe: bool = False) -> Sheet:
    """The sheet of a file, or of a `pipe` that the user has named."""
    try:
        sheet = read_sheet(Source(path, text_of_sheet(path, pipe=pipe)), networks)
    except InputError as error:
        sheet = Sheet(path, None, problems=error.diagnostics)
    try:
        path.encode()
    except UnicodeEncodeError:
        sheet = sheet._replace(problems=(*sheet.problems, *_bad_file_name(path).diagnostics))
    return sheet


def is_table(source: Source) -> bool:
    """Whether a sheet is a CSV."""
    return source.name.lower().endswith(".csv")


def read_sheet(source: Source, networks: Networks) -> Sheet:
    """The sheet of a YAML text; an error in one answer does not affect the others."""
    problems: list[Diagnostic] = []
    read, end = _readable_part(source if is_table(source) else Source(source.name, repair(source.text)))
    try:
        top = document_of(read, ("network", "input", *UNASKED)) if is_table(source) else _parse_sheet(read, problems)
        twice = {one.facts.get("name") for one in problems if one.code == "duplicate-key"}
        network = networks.fixed or (None if "network" in twice else network_of(top, networks))
    except InputError as error:
        return Sheet(source.name, None, problems=(*problems, *error.diagnostics))
    answers: list[Entry] = []
    claims: list[Entry] = []
    for name in ("answers", "claims"):
        for given in _entries(top, name, problems):
            if given.ask not in twice:
                (claims if name == "claims" or is_claim(given.ask) else answers).append(given)
    if not answers and not claims and not problems:
        problems += _no_answers(source.name).diagnostics
    beyond = [*answers, *claims][MOST_ANSWERS:]
    end = beyond[0].ask_span if beyond else end
    problems += [] if end is None else _too_many_answers(end).diagnostics
    claims = claims[: max(0, MOST_ANSWERS - len(answers))]
    return Sheet(source.name, network, tuple(answers[:MOST_ANSWERS]), tuple(claims), tuple(problems))


def _readable_part(source: Source) -> tuple[Source, Span | None]:
    """The part of a text within the limits of a sheet, and the place where the rest begins."""
    lines, characters = source.text.splitlines(keepends=True), 0
    for number, line in enumerate(lines):
        characters += len(line)
        if number and (number == MOST_LINES or characters > MOST_CHARACTERS):
            return Source(source.name, "".join(lines[:number])), Span(source, number + 1, 1, len(line.rstrip()) + 1)
    return source, None


def read_words(network: Report, words: Sequence[str], line: str) -> Sheet:
    """The sheet of `ASK=VALUE` and claims on the command line; `line` is the whole line, for diagnostics."""
    source, column = Source(COMMAND_LINE, line), 1
    answers: list[Entry] = []
    claims: list[Entry] = []
    problems: list[Diagnostic] = []
    for word in _join_claim(words[:MOST_ANSWERS]):
        found = line.find(word, column - 1)
        column = (found if found >= 0 else 0) + 1
        span = Span(source, 1, column, column + len(word))
        column += len(word)
        ask, equals, text = (part.strip() for part in word.replace("＝", "=").partition("="))
        claim, verdict = split_verdict(word)
        if verdict is not None:
            claims.append(Entry(claim, verdict, span, span))
        elif equals and ask and not is_comparison(word) and not side(text).quantity:
            kept = claims if is_claim(ask) else answers
            kept.append(Entry(ask, text, span, span))
        elif statement(word) is not None or " " in word:
            claims.append(Entry(word, None, span, span))
        else:
            unreadable = InputError.of(
                "bad-setting",
                "`{text}` is not ASK=ANSWER",
                span,
                help="write `conv1_1.params=1792`, or a claim: `fc6.params > fc7.params`",
                text=word,
            )
            problems += unreadable.diagnostics
    for word in words[MOST_ANSWERS : MOST_ANSWERS + 1]:
        found = line.find(word, column - 1)
        problems += _too_many_answers(Span(source, 1, found + 1, found + 1 + len(word))).diagnostics
    return Sheet(COMMAND_LINE, network, tuple(answers), tuple(claims), tuple(problems))


def _join_claim(words: Sequence[str]) -> Sequence[str]:
    """The words; joined where they form one claim that was not quoted."""
    whole = " ".join(words)
    unquoted = len(words) > 1 and not any(" " in word or "=" in word for word in words)
    return [whole] if unquoted and statement(whole) is not None else words


def is_comparison(text: str) -> bool:
    """Whether a text compares two numbers by a sign other than `=`."""
    return any(sign in text for sign in "<>≤≥≠＜＞") or "==" in text or "!=" in text


def is_claim(ask: str) -> bool:
    """Whether an ask is a claim, answered by a layer, or by yes or no: `most_params`, `a.macs > b.macs`."""
    return ask[:4].lower() == "most" or statement(ask) is not None


def _parse_sheet(source: Source, problems: list[Diagnostic]) -> Mapping:
    if len(source.text) > MOST_CHARACTERS:
        raise InputError.of(
            "too-large",
            "{name} has more than the {most:,} characters that a sheet of answers may have",
            help="ask fewer questions, or spread them over several files",
            name=source.name,
            most=MOST_CHARACTERS,
        )
    try:
        top = in_lower_case(parse_leniently(source, problems), (*KEYS, *UNASKED))
    except InputError as error:
        raise InputError(
            one._replace(help=Phrase("ask fewer questions, or spread them over several files"))
            if one.code == "too-large"
            else one._replace(
                help=Phrase("write `network: vgg16`, and below `answers:` one `conv1_1.params: 1792` per line")
            )
            if one.code == "empty-document"
            else one
            for one in error.diagnostics
        ) from None
    if not isinstance(top, Mapping) or (len(top.keys) > len(KEYS) and not set(KEYS) & set(top.keys)):
        raise wrong_kind(
            top, "names with values, such as `network:` and `answers:`", "begin with `network: vgg16` and `answers:`"
        )
    stated = {name: key for name, key in top.keys.items() if name not in UNASKED}
    try:
        check_keys(top._replace(keys=stated), KEYS, "a sheet of answers")
    except InputError as error:
        problems += error.diagnostics
    return top


def network_of(top: Mapping, networks: Networks) -> Report:
    """The network of a sheet or a key, by its name or its description."""
    said = top.values.get("network")
    if said is None and "layers" in top.values:
        said = top.values["layers"]
    if said is None or (isinstance(said, Scalar) and not said.text.strip()):
        raise InputError.of(
            "missing-option",
            "the sheet does not say which network it is about",
            top.keys["network"].span if "network" in top.keys else top.span,
            help="begin with the row `network,vgg16`, or another name of `cnncalc list`"
            if is_table(top.span.source)
            else "add `network: vgg16`, or another name of `cnncalc list`",
        )
    params = _settings(top)
    place = top.entry_span("network") if "network" in top.keys else said.span
    try:
        if isinstance(said, Scalar):
            return networks.load(_network_name(said, folder_of(top)), _shape(top), params)
        if isinstance(said, Mapping):
            return networks.from_description(_with_input(said, top), params)
        described = Mapping({"layers": top.keys.get("network") or top.keys["layers"]}, {"layers": said}, said.span)
        return networks.from_description(_with_input(described, top), params)
    except InputError as error:
        raise InputError(
            one._replace(span=_span_in_sheet(one.span, top, place))
            if one.span is None or one.span.source.name == COMMAND_LINE
            else one
            for one in error.diagnostics
        ) from None


def _span_in_sheet(span: Span | None, top: Mapping, place: Span) -> Span:
    """The place in the sheet of a setting that a diagnostic places on the command line."""
    if span is not None and "set" in top.keys and not span.source.text.startswith("--input"):
        return top.entry_span("set")
    return place


def _with_input(described: Mapping, top: Mapping) -> Mapping:
    """The description with the sheet's input, unless it has its own."""
    if "input" in described.keys or "inputs" in described.keys or "input" not in top.keys:
        return described
    return described._replace(
        keys={**described.keys, "input": top.keys["input"]}, values={**described.values, "input": top.values["input"]}
    )


def _network_name(said: Scalar, folder: Path) -> str:
    """The name of a network, or the path of such a file next to the sheet; no program is ever run.

    Errors:  untrusted-network
    """
    name = said.text.strip()
    path, variant = file_and_variant(name)
    if path.endswith(".py") or name == "-":
        raise InputError.of(
            "untrusted-network",
            "a sheet of answers cannot name {name}: a program that comes with a sheet is never run",
            said.span,
            help="name a built-in network or a .yaml file, or write `cnncalc check {name} ASK=ANSWER`",
            name=name,
        )
    near = str(folder / path)
    if path.endswith((".yaml", ".yml")) and os.path.exists(near):
        return f"{near}:{variant}" if variant else near
    return name


def _shape(top: Mapping) -> Shape | None:
    """The input shape that a sheet sets.

    Errors:  bad-shape
    """
    value = top.values.get("input")
    if value is None:
        return None
    parts = [part for text in _texts(value) for part in text.lower().replace("×", "x").replace(",", "x").split("x")]
    numbers = [int(part) for part in map(str.strip, parts) if part.isascii() and part.isdecimal() and len(part) < 20]
    if len(numbers) < len(parts) or not 1 <= len(parts) <= MOST_AXES or not all(1 <= n <= LARGEST for n in numbers):
        raise InputError.of(
            "bad-shape",
            "an input shape is a list of whole numbers, channels first and without the batch",
            value.span,
            help="write `[3, 224, 224]`",
        )
    return tuple(numbers)


def _settings(top: Mapping) -> dict[str, str]:
    """The params of the network that a sheet sets, as text.

    Errors:  wrong-kind
    """
    value = top.values.get("set")
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise wrong_kind(value, "params by name", "write `set: {{width: 32}}`")
    return {key.text: _text(part) for key, part in value.entries()}


def _entries(top: Mapping, name: str, problems: list[Diagnostic]) -> Iterator[Entry]:
    """The entries under `answers` or `claims`: by name, or in a list of names with values and of sentences."""
    value = top.values.get(name)
    if value is None or (isinstance(value, Scalar) and value.value is None):
        return
    items = value.items if isinstance(value, written.Sequence) else (value,)
    for item in items:
        if isinstance(item, Mapping):
            yield from _named_entries(item, problems)
        elif isinstance(item, Scalar) and (name == "claims" or statement(split_verdict(item.text)[0]) is not None):
            yield Entry(*split_verdict(item.text), item.span, item.span)
        elif name == "claims":
            problems += wrong_kind(item, "a claim", "write `most_params: fc6`, or `a.params > b.params`").diagnostics
        else:
            problems += wrong_kind(item, "questions with answers", "write `conv1_1.params: 1792`").diagnostics


def _named_entries(mapping: Mapping, problems: list[Diagnostic], above: str = "") -> Iterator[Entry]:
    """The entries of a mapping: `conv1_1.params: 1792`, or `params: 1792` below `conv1_1:`."""
    for key, value in mapping.entries():
        ask = f"{above}{key.text}"
        if isinstance(value, Mapping):
            if above:
                problems += wrong_kind(value, "an answer", "write a number or a shape").diagnostics
            else:
                yield from _named_entries(value, problems, f"{ask}.")
        elif isinstance(value, written.Sequence) and not all(isinstance(item, Scalar) for item in value.items):
            problems += wrong_kind(value, "an answer", "write a number or a shape, as `[512, 7, 7]`").diagnostics
        else:
            yield Entry(ask, _text(value), key.span, value.span)


def _text(value: Value) -> str:
    """A value as it was typed, a list in brackets."""
    if isinstance(value, Scalar):
        return value.text
    return f"[{', '.join(_texts(value))}]"


def _texts(value: Value) -> list[str]:
    if isinstance(value, Scalar):
        return [value.text]
    if isinstance(value, Mapping):
        return []
    return [text for item in value.items for text in _texts(item)]


def _bad_file_name(path: str) -> InputError:
    return InputError.of(
        "not-text",
        "the file name {path} is not UTF-8: where it is not, blanks are shown",
        help="rename the file",
        path=path,
    )


def _no_answers(name: str) -> InputError:
    return InputError.of(
        "missing-option",
        "{name} answers nothing",
        help="below `answers:` write one `conv1_1.params: 1792` per line",
        name=name,
    )


def _too_many_answers(span: Span) -> InputError:
    return InputError.of(
        "too-large",
        "a sheet has at most {most:,} answers: from here on nothing is marked",
        span,
        help="ask fewer questions, or spread them over several files",
        most=MOST_ANSWERS,
    )
