"""Diagnostics for invalid YAML, in words of our own: those of the parser are about tokens and contexts."""

from __future__ import annotations

import re

import yaml

from cnncalc.core.errors import InputError, Source, Span
from cnncalc.core.os_errors import quotation
from cnncalc.core.translation import Phrase
from cnncalc.language.text.document import too_deep

_INDENT = Phrase("the indent of this line fits no line above it, or the line above is not complete")
_ITEM_AMONG_NAMES = Phrase("an item of a list is among lines of `name: value`")
_NAME_AMONG_ITEMS = Phrase("an item that begins with `-` is expected here, as on line {line}")
_CLOSES_NOTHING = Phrase("this bracket closes none that is open")
_LEFT_OVER = Phrase("the value is complete before this; a comma, a line break or quotes are missing")
_OPEN_LIST = Phrase("the square bracket that opens on line {line} is not closed, or a comma is missing before this")
_OPEN_NAMES = Phrase("the curly bracket that opens on line {line} is not closed, or a comma is missing before this")
_OPEN_QUOTE = Phrase("the quote that opens here is not closed")
_NO_COLON = Phrase("this name has no colon after it")
_ANCHOR = Phrase("after `*` or `&` comes the name of an anchor; text that begins like this needs quotes")
_TAB = Phrase("there is a tab here, and lines are indented with spaces only")
_DIRECTIVE = Phrase("a line that begins with `%` is for the parser itself, and a description needs none")
_TAG = Phrase("a tag begins with `!` and is not complete; text that begins like this needs quotes")

REASONS = (
    (r"tab character|\\t", _TAB),
    (r"mapping values are not", Phrase("this colon is one too many, or the line is indented too far")),
    (r"sequence entries are not", Phrase("a list begins on a line of its own, one `- item` below the other")),
    (r"mapping keys are not", Phrase("`?` cannot stand here; text that begins like this needs quotes")),
    (r"find expected ':'", _NO_COLON),
    (r"',' or '\]'", _OPEN_LIST),
    (r"',' or '\}'", _OPEN_NAMES),
    (r"quoted scalar: found unexpected (end|document)", _OPEN_QUOTE),
    (r"cannot start any token", Phrase("no value begins with this character; put the value in quotes")),
    (r"node content", Phrase("a value is missing here, or this character does not belong here")),
    (
        r"escape|hex",
        Phrase("in double quotes, `\\` begins a code, and this is none; in single quotes it is an ordinary character"),
    ),
    (r"scanning an (alias|anchor)", _ANCHOR),
    (r"comment or (a )?line break", Phrase("after `|` or `>` the text begins on the next line")),
    (r"plain scalar: found unexpected ':'", Phrase("a space belongs after this colon, or quotes around the text")),
    (r"directive|incompatible", _DIRECTIVE),
    (r"document start", Phrase("the description is complete before this, and something follows it")),
    (r"\btag\b", _TAG),
)
"""Pattern of `context: problem 'sign'`, as libyaml and PyYAML word them, and the reason; the first match counts."""

OWN_BOUND = r"nesting depth|increasing (flow|block) level"
"""The words of libyaml, from 0.2.6 on, for values nested too deeply; it reads ahead of the events it has sent."""

WHERE_IT_BEGAN = (_OPEN_QUOTE, _NO_COLON)
"""Reasons that are shown at the start of the part being parsed, not where parsing failed."""

LONGEST_LINE = 1_000
"""Characters of a line in which a text without quotes is looked for."""

_FULL_WIDTH = re.compile(r"^\s*(?:-\s+)*[\w.]+\s*(\uff1a)|(?:^|[-:])\s+([\u201c\u2018])")
"""A full-width colon after a name, or a full-width opening quote, as Chinese keyboards write them."""

_NOT_TEXT = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""A character that YAML does not allow."""


def syntax_error(source: Source, error: yaml.MarkedYAMLError) -> InputError:
    """The error for a text that the parser cannot read."""
    began, mark = error.context_mark, error.problem_mark or error.context_mark
    if mark is None:
        return bad_character(source)
    span = Span(source, mark.line + 1, mark.column + 1, mark.column + 2)
    if re.search(OWN_BOUND, f"{error.context}: {error.problem}"):
        return too_deep(span)
    if foreign := _full_width_sign(span, (began or mark).line + 1):
        return foreign
    if bracketed := _bracket_in_text(span):
        return bracketed
    problem = _reason(f"{error.context}: {error.problem}", span, began or mark)
    if began and (problem in WHERE_IT_BEGAN or not source.line(span.line).strip()):
        span = Span(source, began.line + 1, began.column + 1, began.column + 2)
    return InputError.of(
        "not-yaml",
        "this is not YAML: {problem}",
        span,
        help="look here and just before for an open bracket or quote, a missing colon, or a wrong indent",
        problem=problem,
    )


def _bracket_in_text(span: Span) -> InputError | None:
    """The error for `widths[i]` or `conv{i}` without quotes between braces or brackets; None if none stands there."""
    line, at = span.source.line(span.line), span.column - 1
    if len(line) > LONGEST_LINE or line[at : at + 1] not in ("[", "{"):
        return None
    start = end = depth = 0
    for place, sign in enumerate(line[:at], start=1):
        depth += (sign == "(") - (sign == ")")
        if depth == 0 and (sign in ",[{" or line.startswith((": ", "- "), place - 1)):
            start = place
    if depth <= 0 and not re.search(r"[\w)\]]$", line[:at]):
        return None  # a list or mapping may begin here
    for end, sign in enumerate(line[at:], start=at):
        depth += (sign in "[{(") - (sign in "]})")
        if depth < 0 or (depth == 0 and sign == ",") or line.startswith(" #", end):
            break
    else:
        end = len(line)
    text = line[start:end].strip()
    start += len(line[start:]) - len(line[start:].lstrip())
    span = span._replace(column=start + 1, end_column=start + 1 + len(text))
    if "(" in text:
        from cnncalc.language.foreign.hints import call_error

        if foreign := call_error(text, span):
            return foreign
    named = re.search(r"([\w.]+): *\{? *$", line[:start])
    key = f"{named[1]}: " if named else ""
    quote = "'" if '"' in text else '"'
    return InputError.of(
        "not-yaml",
        "this is not YAML: inside braces or brackets, text that contains `{sign}` needs quotes",
        span,
        help="write it on a line of its own, without braces around it: `{plain}`"
        if _is_param(span, line)
        else "put it in quotes: `{quoted}`",
        sign=line[at],
        quoted=f"{key}{quote}{text}{quote}",
        plain=f"{key}{text}",
    )


def _is_param(span: Span, line: str) -> bool:
    """Whether a line is about params, whose values are text where they have quotes."""
    indent = len(line)
    for number in range(span.line, 0, -1):
        written = span.source.line(number)
        own = len(written) - len(written.lstrip())
        if written.strip() and (number == span.line or own < indent):
            indent = own
            if re.match(r"\s*(?:- )?(?:params|block):|.*[{,] *params: *\{", written):
                return True
    return False


def bad_character(source: Source) -> InputError:
    """The error for a character that YAML does not allow."""
    match = _NOT_TEXT.search(source.text)
    if not match:
        return InputError.of("not-yaml", "{name} is not YAML", help="save the file as UTF-8", name=source.name)
    before = source.text[: match.start()]
    line, column = len(before.splitlines()) or 1, len(before) - (before.rfind("\n") + 1)
    return InputError.of(
        "not-yaml",
        "this is not YAML: the character U+{number:04X} is not allowed in text",
        Span(source, line, column + 1, column + 2),
        help="remove the characters that are not text",
        number=ord(match[0]),
    )


def _reason(problem: str, span: Span, began: yaml.Mark) -> str:
    rest = span.source.line(span.line)[span.column - 1 :]
    if re.search("expected key|'-' indicator|block (mapping|collection): expected <block", problem):
        return _misplaced_reason(rest, span, began)
    for pattern, reason in REASONS:
        if re.search(pattern, f"{problem} {rest[:1]!r}"):
            return Phrase(reason.template, line=began.line + 1) if "{" in reason.template else reason
    return quotation(problem.removeprefix("None: "))


def _misplaced_reason(rest: str, span: Span, began: yaml.Mark) -> str:
    """The reason why a line fits neither the names nor the items around it."""
    if rest.startswith(("]", "}")):
        return _CLOSES_NOTHING
    if span.source.line(span.line)[: span.column - 1].strip():
        return _LEFT_OVER
    if span.column - 1 != began.column:
        return _INDENT
    return _ITEM_AMONG_NAMES if rest.startswith("-") else Phrase(_NAME_AMONG_ITEMS.template, line=began.line + 1)


def _full_width_sign(span: Span, first: int) -> InputError | None:
    """The error for full-width punctuation in the place of YAML's, near this place; None if there is none."""
    for number in (first, span.line - 1, span.line):
        if match := _FULL_WIDTH.search(span.source.line(number)):
            sign, column = match[match.lastindex or 0], match.end()
            return InputError.of(
                "not-yaml",
                "this is not YAML: `{sign}` is not one of its signs",
                Span(span.source, number, column, column + 1),
                sign=sign,
            )
    return None
