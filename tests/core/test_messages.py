"""The catalogues: every message of the sources is translated, none is stale, and all keep their facts."""

from __future__ import annotations

import re
import string
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from rich.text import Text

from cnncalc.core import translation
from cnncalc.core.breaking import wrapped_lines
from cnncalc.core.text import columns
from cnncalc.core.translation import LANGUAGES, Listed, Phrase, joined_clauses, language, said, set_language
from cnncalc.display.screen import break_lines
from tests.support.command import cnncalc
from tests.support.messages import messages

OTHERS = [name for name in LANGUAGES if name != "en"]


def catalogue(name: str) -> Catalog:
    with (translation.FOLDER / name / "LC_MESSAGES" / "cnncalc.po").open("rb") as file:
        return read_po(file, locale=name)


def facts(template: str) -> list[str]:
    """The fields of a template, with their formats."""
    return sorted(f"{name}:{spec}" for _, name, spec, _ in string.Formatter().parse(template) if name is not None)


@pytest.mark.parametrize("name", OTHERS)
class TestCatalogue:
    def test_every_message_is_translated(self, name: str) -> None:
        translated = {message.id for message in catalogue(name) if message.string}
        missing = [f"{one.path.name}:{one.line}: {one.text}" for one in messages() if one.text not in translated]
        assert missing == []

    def test_no_translation_is_stale(self, name: str) -> None:
        known = {one.text for one in messages()}
        assert [message.id for message in catalogue(name) if message.id and message.id not in known] == []

    def test_no_translation_is_fuzzy(self, name: str) -> None:
        assert [message.id for message in catalogue(name) if message.id and message.fuzzy] == []

    def test_translations_keep_their_facts(self, name: str) -> None:
        for message in catalogue(name):
            if message.id and re.search(r"\{\w", str(message.id)):
                assert facts(str(message.string)) == facts(str(message.id)), message.id

    def test_translations_keep_what_is_typed(self, name: str) -> None:
        """Words in backquotes are commands, options and values."""
        for message in catalogue(name):
            typed = re.findall(r"`[^`]+`", str(message.id))
            assert sorted(re.findall(r"`[^`]+`", str(message.string))) == sorted(typed), message.id


def test_chinese_reads_chinese() -> None:
    """Every translation has Chinese in it, unless it is made of names and signs alone."""
    same = [str(message.id) for message in catalogue("zh") if message.id and message.id == message.string]
    assert [text for text in same if re.search(r"[a-z]{3,} [a-z]{3,}", re.sub(r"`[^`]+`", "", text))] == []


def test_language_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CNNCALC_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    assert language() == "en"
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert language() == "zh"
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")  # goes before LANG, and is not known
    assert language() == "en"
    monkeypatch.setenv("CNNCALC_LANG", "zh")
    assert language() == "zh"
    set_language("en")
    try:
        assert language() == "en"
    finally:
        set_language(None)


def test_sentences_phrases_and_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Catalog(locale="zh")
    for text, chinese in {
        "{n} {what} of {all}": "{all}中的{n}个{what}",
        "rows": "行",
        "and": "和",
        "at {place}": "在{place}",
    }.items():
        made.add(text, chinese)
    compiled = BytesIO()
    write_mo(compiled, made)
    compiled.seek(0)
    translations = GNUTranslations(compiled)
    monkeypatch.setattr(translation, "_catalogue", lambda spoken: translations)
    sentence = ("{n} {what} of {all}", {"n": 3, "what": Phrase("rows"), "all": Listed(["A", Phrase("rows")])})
    assert said(sentence[0], **sentence[1]) == "3 rows of A and rows"
    set_language("zh")
    try:
        assert said(sentence[0], **sentence[1]) == "A 和 行中的3个行"
        assert f"{Phrase('at {place}', place=Phrase('rows'))}" == "在行"
        assert said(Phrase("at {place}", place="A"), place="B") == "在A"  # a phrase keeps its own facts
    finally:
        set_language(None)


def test_lists_and_clauses() -> None:
    """Chinese has a comma of its own between things, and another between sentences."""
    things, sentences = Listed(["a", "b", "c"], ","), joined_clauses(["it is", Phrase("it is a folder")])
    assert (str(things), f"{things}") == ("a, b, c", "a, b, c")
    assert f"{sentences}" == "it is, it is a folder"
    with translation.use_language("zh"):
        assert f"{things}" == "a、b、c"
        assert f"{sentences}" == "it is，这是一个文件夹"


@pytest.mark.parametrize("arguments", ["--lang fr list", "list --lang", "list --lang=xx"])
def test_unknown_language(arguments: str) -> None:
    done = cnncalc(*arguments.split())
    assert done.code == 2
    code = "unknown-language"
    assert f"error[{code}]" in done.err


def test_an_error_in_chinese(tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text("input: [3, 8, 8]\nlayers: [konv2d]\n", encoding="utf-8")
    done = cnncalc("summarize", "net.yaml", "--lang", "zh", folder=tmp_path)
    assert done.code == 2
    assert "错误[unknown-layer]" in done.err
    assert "提示" in done.err
    assert not re.search(r"\b(there|is|no|did|you|mean)\b", done.err)


@pytest.mark.parametrize("width", range(4, 40))
def test_chinese_lines(width: int) -> None:
    """Lines of a Chinese text keep to their width, all of the text, and no sign that closes stands first."""
    text = "计数针对一张图像（见 `cnncalc list`），“全部”表示看到整个输入。FLOPs = 2 × MACs：每次 MAC 算两个。"
    lines = wrapped_lines(text, width)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert [line for line in lines if line[0] in "，。：）” "] == []
    assert [line for line in lines if line[-1] in "（“ "] == []
    assert [line for line in lines if columns(line) > width and len(line.split()) > 1] == []
    assert width < 14 or max(map(columns, lines)) <= width


def test_chinese_on_a_screen() -> None:
    """A console breaks lines between characters, and keeps styles where they are."""
    text = Text().append("总计", "bold").append("感受野以输入像素计，不考虑边界。", "dim")
    lines = break_lines(text, 12)
    assert lines.plain == "总计感受野以\n输入像素计，\n不考虑边界。"
    assert [lines.plain[span.start : span.end] for span in lines.spans if span.style == "bold"] == ["总计"]
    assert break_lines(Text("no wide character here"), 5).plain == "no wide character here"
