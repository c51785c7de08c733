"""`--format latex` of tables: the numbers of the screen, in documents that compile with nothing beyond the margin."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.exporters.test_latex import COMPILES, ODD_NAMES, compiled, odd_network
from tests.support.cases import CASES
from tests.support.inside import inside

WIDEST = "type,input,output,params,params%,buffers,macs,macs%,flops,memory,rf,jump,start"

COMMANDS = {
    "summarize vgg16": 0,
    "summarize efficientnet_b0 --flat": 0,
    f"summarize inception_v3 --columns {WIDEST}": 0,
    "summarize unet --depth 1 --columns params": 0,
    "summarize {odd} --flat": 0,
    "compare": 0,
    "compare vgg16 nin --columns params,input": 0,
    "layer relu --input 3x4x4": 0,
    f"check {CASES / 'homework' / 'vgg16.yaml'}": 1,
    f"check {CASES / 'homework' / 'vgg16.yaml'} --hide-answers": 1,
    "check lenet5 c1.params=156": 0,
    "check class": 1,
}
"""Commands and their exit codes."""

ANSWERS = ("conv1_1.params: 1792", "conv1_1.params: 7", "fc6.macs: 5", "conv1_2.params: 36864")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a network of odd names, and a class that answers more questions than a table has columns."""
    odd_network(tmp_path, ODD_NAMES)
    (tmp_path / "class").mkdir()
    several = "".join(f"  features.{number}.params: 3\n" for number in range(3, 30))
    for number, given in enumerate(ANSWERS):
        answers = f"network: vgg16\nanswers:\n  {given}\n{several if number == 3 else ''}"
        (tmp_path / "class" / f"sheet_{number} & co.yaml").write_text(answers)
    return tmp_path


def document(command: str, folder: Path) -> str:
    done = inside([*command.replace("{odd}", "odd.yaml").split(), "--format", "latex"], folder)
    assert done.code == COMMANDS.get(command, 0), done.err
    return done.out


@COMPILES
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: re.sub(r"/\S*/", "", command))
def test_every_document_compiles(command: str, folder: Path) -> None:
    assert compiled(document(command, folder), folder) == []


def cells(text: str) -> list[list[str]]:
    """The rows of the tables of a document, without what only sets them."""
    rows = (line for line in text.splitlines() if line.endswith(r"\\") and "&" in line)
    plain = (re.sub(r"\\quad\{\}|\\textbf|\\allowbreak\{\}|[{}]|\\\\$", "", row) for row in rows)
    return [[cell.strip() for cell in row.split("&")] for row in plain]


def test_the_rows_are_those_of_the_report(tmp_path: Path) -> None:
    rows = cells(document("summarize vgg16 --flat --columns params,macs", tmp_path))
    done = inside(["summarize", "vgg16", "--format", "json"], tmp_path)
    report = json.loads(done.out)
    assert rows[0] == ["Layer", "Params", "MACs"]
    assert rows[1:-1] == [[one["path"], f"{one['params']:,}", f"{one['macs']:,}"] for one in report["layers"]]
    assert rows[-1] == ["Total", f"{report['totals']['params']:,}", f"{report['totals']['macs']:,}"]


def test_the_best_of_a_comparison_is_bold(tmp_path: Path) -> None:
    text = document("compare vgg16 nin --columns params,rf", tmp_path)
    assert cells(text) == [["Network", "Params", "RF"], ["vgg16", "138,357,544", "212"], ["nin", "7,595,176", "195"]]
    assert re.findall(r"\\textbf\{(.*?)\}", text) == ["212", "7,595,176"]


@pytest.mark.parametrize("format", ["latex", "markdown"])
def test_marks_are_those_of_the_screen_and_answers_stay_hidden(format: str, tmp_path: Path) -> None:
    asked = ["check", "vgg16", "conv1_1.params=1728", "pool5.output=7x7x512", "fc6.params=5"]
    shown, hidden = (inside([*asked, *more, "--format", format], tmp_path).out for more in ((), ("--hide-answers",)))
    signs = ("≈", "✓", "✗") if format == "markdown" else (r"$\approx$", r"$\checkmark$", r"$\times$")
    for text in (shown, hidden):
        assert all(sign in text for sign in signs)
        assert "1 of 3 right, 1 right under another convention, 1 wrong." in text
    for right in ("102,764,544", "1,792", "Right value"):
        assert right in shown
        assert right not in hidden


def test_a_class_has_a_row_for_every_sheet(folder: Path) -> None:
    text = inside(["check", "class", "--format", "markdown"], folder).out
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    assert rows[0][:4] == ["File", "Score", "1", "2"]
    assert [row[:4] for row in rows[2:6]] == [
        ["sheet_0 \\& co.yaml", "1/1", "✓", "–"],
        ["sheet_1 \\& co.yaml", "0/1", "✗", "–"],
        ["sheet_2 \\& co.yaml", "0/1", "–", "✗"],
        ["sheet_3 \\& co.yaml", "0/28", "–", "–"],
    ]
    assert rows[6][2:4] == ["21", "22"]
