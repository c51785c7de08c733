"""Broken models carry their expectation on the offending line: `# error[code]: part of what is said`.

Every expectation must be met by a diagnostic of that line and code whose sentences hold the text, and every diagnostic
must be expected. One that has no place is expected on the first line.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import NamedTuple

import pytest

from cnncalc import InputError, analyze, load
from cnncalc.core.errors import Diagnostic
from tests.support.cases import CASES

BROKEN = sorted((CASES / "broken").glob("*.yaml"))
TESTS = Path(__file__).parents[1]
SOURCES = TESTS.parent / "src" / "cnncalc"

_EXPECTATION = re.compile(r"# error\[([a-z-]+)\]: (.+?)\s*(?=# error\[|$)")


class Expectation(NamedTuple):
    line: int
    code: str
    text: str

    def met_by(self, diagnostic: Diagnostic) -> bool:
        line = diagnostic.span.line if diagnostic.span else 1
        said = (text for role, text in diagnostic.lines() if role in ("title", "mark", "note"))
        return (line, diagnostic.code) == (self.line, self.code) and any(self.text in text for text in said)


def expectations(text: str) -> list[Expectation]:
    return [
        Expectation(number, code, said)
        for number, line in enumerate(text.splitlines(), start=1)
        for code, said in _EXPECTATION.findall(line)
    ]


def disagreements(expected: list[Expectation], found: tuple[Diagnostic, ...]) -> list[str]:
    """What was expected and not said, and what was said and not expected."""
    left = list(found)
    missing = []
    for one in expected:
        met = next((diagnostic for diagnostic in left if one.met_by(diagnostic)), None)
        if met is None:
            missing.append(f"not said: line {one.line}: error[{one.code}]: {one.text}")
        else:
            left.remove(met)
    return missing + [f"not expected:\n{diagnostic}" for diagnostic in left]


def diagnostics(path: Path) -> tuple[Diagnostic, ...]:
    with pytest.raises(InputError) as caught:
        analyze(load(str(path)))
    return caught.value.diagnostics


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_broken_model(path: Path) -> None:
    expected = expectations(path.read_text(encoding="utf-8"))
    assert expected
    assert disagreements(expected, diagnostics(path)) == []


def test_the_comparison_fails_both_ways() -> None:
    found = diagnostics(CASES / "broken" / "unread.yaml")
    right = expectations((CASES / "broken" / "unread.yaml").read_text(encoding="utf-8"))
    assert disagreements(right, found) == []
    assert len(disagreements([], found)) == 1
    assert len(disagreements([*right, *right], found)) == 1
    for wrong in (right[0]._replace(line=1), right[0]._replace(code="no-layers"), right[0]._replace(text="else")):
        assert len(disagreements([wrong], found)) == 2


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_every_diagnostic_has_a_remedy_and_marks_what_it_is_about(path: Path) -> None:
    for diagnostic in diagnostics(path):
        lines = diagnostic.lines()
        assert lines[-1 - len(diagnostic.example)][1].strip().startswith("= help: ")
        span = diagnostic.span
        if span is not None:
            source = span.source.line(span.line)
            assert 1 <= span.column < span.end_column <= len(source) + 2
            marked = source[span.column - 1 : span.end_column - 1]
            assert "# error" not in marked
            assert marked == marked.strip() != "", diagnostic


# Every code has a test

RAISES = {"Fault": 0, "InputError.of": 0, "Diagnostic": 0, "require": 1, "self._error": 0, "_wrong": 2}
"""What raises or makes a diagnostic, and which of its arguments is the code."""


def raised_codes() -> dict[str, str]:
    """Every code that the sources raise, with a place where they do."""
    codes = {}
    for path in sorted(SOURCES.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                place = RAISES.get(ast.unparse(node.func))
                if place is not None and len(node.args) > place:
                    code = node.args[place]
                    if isinstance(code, ast.Constant) and isinstance(code.value, str):
                        codes[code.value] = f"{path.relative_to(SOURCES)}:{node.lineno}"
    return codes


def codes_in_tests() -> set[str]:
    texts = [path.read_text(encoding="utf-8") for path in (*TESTS.rglob("test_*.py"), *CASES.rglob("*.yaml"))]
    quoted = re.findall(
        r'"([a-z]+(?:-[a-z]+)*)(?:"|: )|error\[([a-z-]+)\]|^ *code: ([a-z-]+)', "\n".join(texts), re.MULTILINE
    )
    return {code for group in quoted for code in group if code}


def test_every_code_is_met_in_some_test() -> None:
    raised = raised_codes()
    assert len(raised) > 60
    assert {code: place for code, place in raised.items() if code not in codes_in_tests()} == {}


def test_codes_read_as_words() -> None:
    assert [code for code in raised_codes() if not re.fullmatch(r"[a-z]+(-[a-z]+)*", code)] == []
