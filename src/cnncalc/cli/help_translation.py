"""Translates Typer's help and error messages. Not imported for English."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from typer.core import TyperGroup

from cnncalc.core.text import columns
from cnncalc.core.translation import FOLDER, Listed, Phrase, _, said

DOMAIN = "cnncalc"

TYPER_WORDS = (
    Phrase("Arguments"),
    Phrase("Options"),
    Phrase("default: {default}"),
    Phrase("env var: {var}"),
    Phrase("required"),
    Phrase("(dynamic)"),
    Phrase("Missing command."),
    Phrase("Show this message and exit."),
    Phrase("Install completion for the current shell."),
    Phrase("Show completion for the current shell, to copy it or customize the installation."),
)
"""Typer's own words in its help. Source: typer 0.29, typer/core.py, completion.py and _click."""

TYPER_ERRORS = (
    Phrase("No such option: {option}"),
    Phrase("Option '{option}' requires an argument"),
    Phrase("Option '{option}' requires {n} arguments"),
    Phrase("Option '{option}' does not take a value"),
    Phrase("Missing argument '{name}'"),
    Phrase("Missing option '{name}'"),
    Phrase("Invalid value for '{name}': {reason}"),
    Phrase("'{value}' is not one of {choices}"),
    Phrase("Input should be greater than or equal to {least}"),
    Phrase("Input should be less than or equal to {most}"),
    Phrase("Missing command"),
)
"""Error messages of Typer's parser, without full stops. Source: as above, and pydantic's errors."""

Context: Any = TyperGroup.context_class
Formatter: Any = Context.formatter_class


def translate_command(command: Any) -> None:
    """Translate a command's help to the language in use."""
    _bind()
    command.context_class = _Context
    if command.help:
        command.help = translate_page(command.help)
    for param in command.params:
        if getattr(param, "help", None):
            param.help = _(param.help)


def translate_error(sentence: str) -> str:
    """An error message of the parser in the language in use, if it is among `TYPER_ERRORS`."""
    for known in TYPER_ERRORS:
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+)", re.escape(known.template))
        found = re.fullmatch(pattern, sentence, re.DOTALL)
        if found:
            facts = {name: _fact(name, fact) for name, fact in found.groupdict().items()}
            return f"{Phrase(known.template, **facts)}" if facts else f"{known}"
    return sentence


def _fact(name: str, fact: str) -> str:
    if name == "choices":
        return Listed(fact.split(", "), ",")
    return translate_error(fact) if name == "reason" else fact


def _bind() -> None:
    """Let Typer find its own words in our catalogue: it asks gettext for them."""
    import gettext
    import os

    from cnncalc.core.translation import language

    os.environ["LANGUAGE"] = language()  # takes precedence in gettext
    gettext.bindtextdomain(DOMAIN, str(FOLDER))
    gettext.textdomain(DOMAIN)


def paragraphs(help: str) -> Iterator[tuple[str, str]]:
    """Paragraphs of help as pairs: text to translate, and lines to type, which are not translated.

    A paragraph that begins with `\\b` keeps its lines; indented ones show what to type.
    """
    for paragraph in help.split("\n\n"):
        lines = paragraph.splitlines()
        if lines[0].strip() != "\b":
            yield " ".join(map(str.strip, lines)), ""
            continue
        prose = [line for line in lines[1:] if not line.startswith(" ")]
        yield " ".join(prose), "\n".join(line for line in lines[1:] if line.startswith(" "))


def translate_page(help: str) -> str:
    """A help text in the language in use."""
    return "\n\n".join(
        f"\b\n{_(prose)}\n{_TYPED_COMMENT.sub(_translate_comment, typed)}" if typed else _(prose)
        for prose, typed in paragraphs(help.replace("\f", ""))
    )


_TYPED_COMMENT = re.compile(r"(?<=\S)( +# )(.+)")
"""A comment on a line to type."""


def comments(typed: str) -> list[str]:
    """The comments on lines to type, which are translated."""
    return [comment for _sign, comment in _TYPED_COMMENT.findall(typed)]


def _translate_comment(found: re.Match[str]) -> str:
    return found[1] + _(found[2])


_RANGE = re.compile(r"; x>=(\d+)(?=\]$)")
"""Typer's notation for the least value of a number."""


def _range_text(found: re.Match[str]) -> str:
    return said("; {least} or more", least=found[1])


class _Formatter(Formatter):  # type: ignore[misc]
    """Lays out help by terminal columns: Chinese characters take two, and lines may break between them."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        for words, spoken in (("[OPTIONS]", _("[OPTIONS]")), ("COMMAND [ARGS]...", _("COMMAND [ARGS]..."))):
            args = args.replace(words, spoken)
        super().write_usage(prog, args, prefix or _("Usage: "))

    def write_heading(self, heading: str) -> None:
        self.write(" " * self.current_indent + said("{heading}:", heading=heading) + "\n")

    def write_text(self, text: str) -> None:
        margin = " " * self.current_indent
        lines = _wrap(text, self.width - self.current_indent)
        self.write("".join(f"{margin}{line}".rstrip() + "\n" for line in lines))

    def write_dl(self, rows: Sequence[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        margin = " " * self.current_indent
        place = min(max(columns(name) for name, _help in rows), col_max) + col_spacing
        for name, help in rows:
            lines = _wrap(_RANGE.sub(_range_text, _(help)), max(self.width - place - self.current_indent, 10))
            if columns(name) > place - col_spacing:
                self.write(f"{margin}{name}\n")
                name = ""
            for line in lines:
                self.write(f"{margin}{name}{' ' * (place - columns(name))}{line}\n")
                name = ""


class _Context(Context):  # type: ignore[misc]
    """A context with our formatter."""

    formatter_class = _Formatter


def _wrap(text: str, width: int) -> list[str]:
    """Paragraphs wrapped to a width."""
    from cnncalc.core.breaking import wrapped_lines

    lines: list[str] = []
    for paragraph in text.split("\n\n"):
        lines += [""] if lines else []
        lines += paragraph.splitlines()[1:] if paragraph.startswith("\b") else wrapped_lines(paragraph, width)
    return lines or [""]
