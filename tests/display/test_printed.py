"""Reports and graphs as Python shows them: on one line, printed, by rich, and in a notebook."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from io import StringIO

import pytest
from rich.console import Console

from cnncalc import analyze, load
from cnncalc.analysis.outline import outline
from cnncalc.analysis.table import choose_columns
from cnncalc.core.translation import use_language
from cnncalc.display.screen import console
from cnncalc.display.summary import show
from tests.support.command import cnncalc as command

REPORT = analyze(load("resnet18"))


def screen(width: int) -> str:
    """What `cnncalc summarize` shows on a terminal of this width."""
    file = StringIO()
    show(console(file, width=width), REPORT, outline(REPORT), choose_columns(None), pinned=False)
    return file.getvalue().strip("\n")


def by_rich(width: int, **options: object) -> str:
    file = StringIO()
    Console(file=file, width=width, **options).print(REPORT)  # type: ignore[arg-type]
    return file.getvalue().strip("\n")


def test_on_one_line() -> None:
    assert repr(REPORT) == "<Report resnet18: 69 layers, 11,689,512 params, 1,814,073,344 MACs>"
    assert repr(REPORT.graph) == "<Graph resnet18: 69 layers, input 3×224×224>"
    named = analyze(load("lenet5")._replace(name="a\nb\x1b[2J"))
    assert repr(named).isprintable()
    assert repr(named.graph).isprintable()


@pytest.mark.parametrize("spoken", ["en", "zh"])
def test_it_prints_as_its_table(monkeypatch: pytest.MonkeyPatch, spoken: str) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("FORCE_COLOR", "1")
    with use_language(spoken):
        printed, shown = str(REPORT), command("summarize", "resnet18", "--lang", spoken, env={"COLUMNS": "120"}).out
        assert printed.splitlines() == shown.rstrip("\n").splitlines()
        monkeypatch.delenv("FORCE_COLOR")
        assert by_rich(120).splitlines() == printed.splitlines()


@pytest.mark.parametrize("width", [40, 60, 80])
def test_it_keeps_to_the_width(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    for text in (str(REPORT), by_rich(width)):
        assert max(map(len, text.splitlines())) <= width
        dropped = re.search(r"No room for (.*?): a wider", " ".join(text.split()))
        assert dropped
        assert "FLOPs" in dropped[1]  # the first to leave
        assert "--columns" not in text
    assert str(REPORT).splitlines()[:9] == screen(width).splitlines()[:9]


def test_without_a_terminal_there_are_80_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr("sys.__stdout__", None)
    assert 70 < max(map(len, str(REPORT).splitlines())) <= 80


def test_rich_has_colours_where_there_are_any() -> None:
    assert "\x1b[" in by_rich(120, force_terminal=True, color_system="standard")
    assert "\x1b[" not in by_rich(120)


# In a notebook


@pytest.mark.parametrize("spoken", ["en", "zh"])
def test_a_table_for_notebooks(spoken: str) -> None:
    with use_language(spoken):
        html = REPORT._repr_html_()
        titles = [f"{column.title}" for column in choose_columns(None)]
    table, legend = ET.fromstring(f"<div>{html}</div>")
    assert (table.tag, legend.tag, table.get("lang"), legend.get("lang")) == ("table", "p", spoken, spoken)
    assert [cell.text for cell in table.findall("thead/tr/th[@scope='col']")] == titles
    lines = outline(REPORT)
    rows = table.findall("tbody/tr")
    assert [row.findtext("th[@scope='row']") for row in rows] == [
        line.name + (f" ×{line.times}" if line.times > 1 else "") for line in lines
    ]
    (foot,) = table.findall("tfoot/tr")
    assert [cell.text for cell in foot][3:6] == ["11,689,512", "1,814,073,344", "3,628,146,688"]
    assert "ResNet-18" in str(table.findtext("caption"))
    assert ("乘" in str(legend.text)) is (spoken == "zh")
    assert not re.search(r"https?:|src=|href=|<script|<style|@import|url\(", html)


def test_names_of_others_are_text_in_a_notebook() -> None:
    hostile = '<script>alert("a&b")</script>\x1b[2J\n'
    graph = load("lenet5")
    graph = graph._replace(name=hostile, metadata=graph.metadata._replace(title=hostile))
    html = analyze(graph)._repr_html_()
    assert "<script" not in html
    assert html.replace("\n", "").isprintable()
    caption = ET.fromstring(f"<div>{html}</div>").findtext("table/caption")
    assert str(caption).startswith('<script>alert("a&b")</script>')
