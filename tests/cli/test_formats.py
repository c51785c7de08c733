"""The format of a file: by its ending, by `--format`, and what is refused before any work is done."""

from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path

import pytest

from tests.support.inside import inside

CODE = "wrong-ending"

WRITING = {
    "summarize lenet5": ("json", "csv", "markdown", "latex"),
    "compare lenet5 nin": ("json", "csv", "markdown", "latex"),
    "layer relu --input 3x4x4": ("json", "csv", "markdown", "latex"),
    "explain lenet5": ("json", "markdown", "latex"),
    "check lenet5 c1.params=156": ("json", "csv", "markdown", "latex"),
    "verify lenet5": ("json",),
    "run lenet5": ("json", "npy", "npz"),
    "list": ("json",),
    "quiz lenet5": ("markdown", "latex"),
    "show lenet5": (),
    "schema": ("json",),
}
"""Commands with an --output, and the formats that they write besides their own."""

ENDINGS = {"json": "json", "csv": "csv", "md": "markdown", "tex": "latex", "npy": "npy", "npz": "npz"}

WITHOUT_FORMAT = ("show lenet5", "schema")


@pytest.mark.parametrize(
    ("command", "ending"),
    [(command, ending) for command, formats in WRITING.items() for ending in ENDINGS if ENDINGS[ending] in formats],
)
def test_the_ending_names_the_format(command: str, ending: str, tmp_path: Path) -> None:
    done = inside([*command.split(), "-o", f"A.{ending.upper()}"], tmp_path)
    assert (done.code, done.out) == (0, ""), done.err
    content = (tmp_path / f"A.{ending.upper()}").read_bytes()
    match ending:
        case "json":
            assert json.loads(content)
        case "csv":
            rows = list(csv.reader(StringIO(content.decode())))
            assert len(rows) > 1
            assert {len(row) for row in rows} == {len(rows[0])}
        case "md":
            assert b"**" in content or b"\n|" in content
        case "tex":
            assert b"\\documentclass" in content
        case _:
            assert content.startswith((b"\x93NUMPY", b"PK"))
    if command not in WITHOUT_FORMAT and ending not in ("npy", "npz"):
        said = inside([*command.split(), "--format", ENDINGS[ending], "-o", f"B.{ending}"], tmp_path)
        assert said.code == 0
        if not command.startswith("verify"):  # its seconds differ
            assert (tmp_path / f"B.{ending}").read_bytes() == content


@pytest.mark.parametrize(
    ("command", "ending"),
    [(command, ending) for command, formats in WRITING.items() for ending in ENDINGS if ENDINGS[ending] not in formats],
)
def test_an_ending_of_another_format_is_refused_before_any_work(command: str, ending: str, tmp_path: Path) -> None:
    words = [word.replace("lenet5", "gone.yaml") for word in command.split()]  # no network is looked for
    for language, remedy in (("en", "= help: name a file that ends in ."), ("zh", "请换用扩展名为 .")):
        done = inside(["--lang", language, *words, "-o", f"a.{ending}"], tmp_path)
        assert (done.code, done.out, list(tmp_path.iterdir())) == (2, "", [])
        assert f"[{CODE}]" in done.err
        assert remedy in done.err
    assert all(f".{other}" in done.err for other, format in ENDINGS.items() if format in WRITING[command])


@pytest.mark.parametrize("ending", ["pdf", "PNG", "html", "xlsx"])
@pytest.mark.parametrize("command", ["summarize gone.yaml", "quiz gone.yaml", "show gone", "run gone.yaml"])
def test_files_that_no_command_writes_are_refused(command: str, ending: str, tmp_path: Path) -> None:
    done = inside([*command.split(), "-o", f"a.{ending}"], tmp_path)
    assert (done.code, done.out, list(tmp_path.iterdir())) == (2, "", [])
    assert f"error[{CODE}]: this command writes no .{ending.lower()} files" in done.err
    assert "= help: name a file that ends in ." in done.err


@pytest.mark.parametrize("ending", ["txt", "yaml", "", "json.txt", "unknown"])
def test_other_endings_hold_the_table(ending: str, tmp_path: Path) -> None:
    for command in ("summarize lenet5", "list", "explain lenet5", "run lenet5"):
        assert inside([*command.split(), "-o", f"a.{ending}"], tmp_path).code == 0
        assert (tmp_path / f"a.{ending}").read_text() == inside(command.split(), tmp_path).out
    assert inside(["summarize", "lenet5", "--format", "csv", "-o", f"b.{ending}"], tmp_path).code == 0
    assert (tmp_path / f"b.{ending}").read_text().startswith("path,type,")


@pytest.mark.parametrize(
    ("command", "remedy"),
    [
        ("summarize gone.yaml --format csv -o a.md", "ends in .csv"),
        ("summarize gone.yaml --format table -o a.json", "ends in .txt"),
        ("compare gone.yaml --format markdown -o a.csv", "ends in .md"),
        ("explain gone.yaml --format text -o a.tex", "ends in .txt"),
        ("check gone.yaml --format json -o a.csv", "ends in .json"),
        ("run gone.yaml --format json -o a.npy", "ends in .json"),
        ("verify gone.yaml --format table -o a.json", "ends in .txt"),
        ("list --format table -o a.json", "ends in .txt"),
    ],
)
def test_a_format_beside_the_ending_of_another_is_refused(command: str, remedy: str, tmp_path: Path) -> None:
    done = inside(command.split(), tmp_path)
    assert (done.code, done.out, list(tmp_path.iterdir())) == (2, "", [])
    assert f"error[{CODE}]: `--format " in done.err
    assert f"= help: leave out --format, or name a file that {remedy}" in done.err


def test_options_of_tables_are_refused_with_a_remedy_that_works(tmp_path: Path) -> None:
    done = inside(["summarize", "lenet5", "--columns", "rf", "-o", "a.json"], tmp_path)
    assert "leave it out, or name a file that ends in .md" in done.err
    assert inside(["summarize", "lenet5", "--columns", "rf", "-o", "a.md"], tmp_path).code == 0
