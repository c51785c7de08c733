"""The READMEs show what the program really prints, and say the same in both languages."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
READMES = ("README.md", "README.zh-CN.md")
BLOCK = re.compile(r"```(\w+)\n(.*?)\n```", re.S)


def blocks(readme: str, kind: str) -> list[str]:
    return [text for found, text in BLOCK.findall((ROOT / readme).read_text(encoding="utf-8")) if found == kind]


def screens() -> list[tuple[str, str]]:
    return [
        (shown.partition("\n")[0].removeprefix("$ "), shown.partition("\n")[2])
        for shown in blocks("README.md", "console")
    ]


@pytest.mark.parametrize(("command", "expected"), screens(), ids=[command for command, _ in screens()])
def test_a_screen_is_what_the_command_prints(command: str, expected: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command.split()],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "COLUMNS": "100", "NO_COLOR": "1", "PYTHONUTF8": "1"},
        cwd=ROOT / "tests" / "cases" / "networks",
    )
    printed = (done.stdout + done.stderr).rstrip("\n").splitlines()
    assert [line.rstrip() for line in printed] == expected.splitlines()


def test_the_python_example_prints_what_its_comment_says(capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = blocks("README.md", "python")
    exec(example, {})
    assert capsys.readouterr().out.strip() == example.rpartition("# ")[2]


def test_the_yaml_examples_are_the_networks_of_the_golden_screens() -> None:
    networks = [path.read_text(encoding="utf-8") for path in (ROOT / "tests/cases/networks").glob("*.yaml")]
    examples = blocks("README.md", "yaml")
    assert len(examples) == 2
    assert all(any(example in network for network in networks) for example in examples)


@pytest.mark.parametrize("kind", ["console", "sh", "yaml", "python"])
def test_both_languages_show_the_same(kind: str) -> None:
    assert blocks(READMES[0], kind) == blocks(READMES[1], kind) != []


def test_both_languages_have_the_same_headings_and_figures() -> None:
    for pattern in (r"^#+ ", r"\d\.\d+"):
        one, other = (re.findall(pattern, (ROOT / name).read_text(encoding="utf-8"), re.M) for name in READMES)
        assert one == other != []
