"""Sheets as people type and save them: what keyboards and editors do to YAML is repaired before parsing."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cnncalc.core.errors import Diagnostic, InputError, Source
from cnncalc.language.files import content_of_file, decode
from cnncalc.language.text.document import MOST_CHARACTERS, Mapping, Value, parse

ENCODINGS = ("utf-16", "gb18030")
"""Encodings in which Windows saves text, besides UTF-8."""

MOST_BROKEN = 20
"""Lines that are not YAML up to which the rest of a sheet is read."""

_BEGINS = re.compile(r"^(?:network|answers)\s*[:：]", re.MULTILINE | re.IGNORECASE)
_INDENT = re.compile(r"^[ \t\u3000]*")
_UNQUOTED = re.compile("[^\"']*")
_NO_BLANK = re.compile(r"^(\s*(?:- +)?[^\s#:\"'\[{&*!|>%@`-][^#:]*):(?=[^\s:/])")


def text_of_sheet(path: str, *, pipe: bool = False) -> str:
    """The text of a sheet, in UTF-8 or in another encoding in which it is one.

    Errors:  cannot-read, not-text
    """
    content = content_of_file(path, pipe=pipe)
    try:
        return decode(content, path)
    except InputError:
        for encoding in ENCODINGS:
            text = content[: 4 * MOST_CHARACTERS].decode(encoding, errors="replace")
            marked = content.startswith((b"\xff\xfe", b"\xfe\xff")) is (encoding == "utf-16")
            is_table = marked and path.lower().endswith(".csv")
            if (is_table or _BEGINS.search(text)) and "\ufffd" not in text:
                return text
        raise


def repair(text: str) -> str:
    """The sheet with blanks for tabs, and with ordinary colons that are followed by a blank."""
    if "：" not in text and "\t" not in text and "\u3000" not in text and not re.search(r":(?=[^\s:/])", text):
        return text
    return "".join(map(_repair_line, text.splitlines(keepends=True)))


def _repair_line(line: str) -> str:
    indented = _INDENT.sub(lambda found: found[0].replace("\t", "  ").replace("\u3000", "  "), line)
    plain = _UNQUOTED.match(indented)
    end = plain.end() if plain else 0
    named = re.sub(r"：(?=\s)", ":", indented[:end]).replace("：", ": ") + indented[end:]
    return _NO_BLANK.sub(r"\1: ", named)


def parse_leniently(source: Source, problems: list[Diagnostic]) -> Value:
    """The document of a sheet; lines that are not YAML are reported in `problems` and skipped.

    Errors:  not-yaml, too-large, too-deep, empty-document
    """
    first: InputError | None = None
    broken: list[Diagnostic] = []
    for _attempt in range(MOST_BROKEN):
        found: list[Diagnostic] = []
        try:
            read = parse(source, found)
        except InputError as error:
            first = first or error
            line = _broken_line(error.diagnostics[0])
            while line and not source.line(line).strip():
                line -= 1
            if source.line(line)[:1] not in (" ", "-"):  # a top-level key: the lines below depend on it
                raise first from None
            broken += error.diagnostics
            lines = source.text.splitlines(keepends=True)
            lines[line - 1] = "\n"
            source = Source(source.name, "".join(lines))
            continue
        problems += [*broken, *found]
        return read
    assert first is not None
    raise first


def in_lower_case(top: Value, known: Sequence[str]) -> Value:
    """A sheet whose known keys are in lower case: `Network:`, `ANSWERS:`; the first of two is the one."""
    if not isinstance(top, Mapping):
        return top
    names: dict[str, str] = {}
    for name in top.keys:
        lower = name.lower()
        names.setdefault(lower if lower in known and lower not in top.keys else name, name)
    return top._replace(
        keys={name: top.keys[typed] for name, typed in names.items()},
        values={name: top.values[typed] for name, typed in names.items()},
    )


def _broken_line(one: Diagnostic) -> int:
    """The line of a syntax error: that of an unclosed bracket, or that of the span; 0 for other diagnostics."""
    if one.code != "not-yaml" or one.span is None:
        return 0
    problem = one.facts.get("problem")
    bracket = getattr(problem, "facts", {}).get("line", 0) if "bracket" in str(problem) else 0
    return bracket or one.span.line
