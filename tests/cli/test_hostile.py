"""What others wrote, in every command and format: no sign of it moves a cursor, turns a line or begins a new one.

Descriptions, sheets and file names are written twice: hostile, and with a blank for every hostile sign. What is printed
of the first must be what is printed of the second.
"""

from __future__ import annotations

import csv
import json
import re
from html.parser import HTMLParser
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any, get_args, get_type_hints
from unicodedata import category

import numpy as np
import pytest
from markdown_it import MarkdownIt

from cnncalc.cli.app import COMMANDS
from cnncalc.exporters.escaping import code, csv_text, json_text, markdown, table_row
from tests.support.inside import inside

HOSTILE = (
    "\x1bZ\x1b]0;x\x07\x08\x0b\x0c\r\n\tFORGED \x7f\x85\x90\x9b6n"
    "\u061c\u200e\u200f\u202a\u202e\u2028\u2029\u2066\u2069\ufeff"
)
"""Signs that a terminal obeys: escape and the other C0, DEL, C1, line ends of every kind, and those that turn text."""

MARKUP = "`t` *b* _i_ <b>h</b> [l](https://x.example) ![p](q) | & &lt; # $m$ ~s~ \\x{y} ^2 %c \"q\" 'r' \\"
"""Signs that Markdown, HTML and TeX read."""

FORMULAS = ("=1+2", "+1+2", "-1+2", "@x", "\t=1", "\r=1", "  =1", "＝1", "＋x", "－x", "＠x")
"""Beginnings that a spreadsheet takes for a formula."""


def tamed(text: str) -> str:
    """A text with a blank for every sign that a terminal obeys, and for others that it cannot show."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def spelled(text: str) -> str:
    """A text in double quotes, as YAML reads it back."""
    return '"' + "".join(f"\\U{ord(sign):08x}" if sign in '"\\' or tamed(sign) != sign else sign for sign in text) + '"'


def description(text: str) -> str:
    """A network whose every free text is this."""
    said = spelled(text)
    one, other = (spelled(first + re.sub("[{}]", " ", text)) for first in ("one", "other"))  # braces hold expressions
    alias = re.sub("[=<>{}]", " ", tamed(text))[-80:]  # others are refused
    return f"""\
name: {spelled("n" + text)}
title: {spelled("t" + text)}
year: 2016
paper: {said}
notes: {said}
accuracy: {{top1: 71.6, source: {said}, measure: {said}}}
inputs: {{{one}: [3, 9, 8], {other}: [3, 9, 8]}}
params: {{kind: {said}, width: 4}}
layers:
  - conv2d: {{name: __a__, alias: {spelled(alias)}, from: {one}, out_channels: width, kernel_size: 3}}
  - conv2d: {{name: b, from: {other}, out_channels: width, kernel_size: 3}}
  - add: {{from: [__a__, b]}}
"""


SINGLE = "input: [3, 9, 8]\nlayers: [conv2d: {out_channels: 4, kernel_size: 3}]\n"


def doubtful(text: str) -> str:
    """A network that is warned of, for its inputs and for a layer."""
    last, batched = (spelled(first + re.sub("[{}]", " ", text)) for first in ("last", "batched"))
    return f"""\
name: {spelled("n" + text)}
inputs: {{{last}: [9, 9, 3], {batched}: [1, 3, 9, 8]}}
layers:
  - conv2d: {{name: a, from: {last}, out_channels: 3, kernel_size: 3, padding: 1}}
  - relu
  - relu
  - flatten: {{name: b}}
  - flatten: {{name: c, from: {batched}}}
  - concat: {{from: [b, c]}}
"""


PROGRAM = """\
from cnncalc import Network
def network():
    found = Network({text!r}, input=(3, 9, 8))
    found.conv2d(out_channels=4, kernel_size=3)
    return found
"""


def sheet(text: str, given: str) -> str:
    """A sheet about the network of `single`, with answers and claims that are right, wrong and none."""
    macs, claim = spelled(f"the macs of{text[11:14]}conv2d"), spelled(f"5{text[11:14]}<conv2d.params")
    return f"""\
student: {spelled(text)}
network: {spelled(f"../s{text}.yaml")}
answers: {{conv2d.params: {spelled(given)}, conv2d.output: 4x7x6, {spelled(text)}: 3, {macs}: 5}}
claims: [{spelled(f"most_params: conv2d{text}")}, {claim}, {spelled(f"-5 < {text}")}]
"""


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Folders with the same files, hostile in the first and tame in the second."""
    return (
        written(tmp_path_factory.mktemp("hostile"), HOSTILE),
        written(tmp_path_factory.mktemp("tame"), tamed(HOSTILE)),
    )


def written(folder: Path, text: str) -> Path:
    """Every kind of file that commands read, with this text wherever it may stand."""
    (folder / f"d{text}").mkdir()
    (folder / f"d{text}" / f"n{text}.yaml").write_text(description(text + MARKUP), encoding="utf-8")
    variant = f"title: {spelled(text)}\n{SINGLE}variants: {{{spelled('v' + text)}: }}\n"
    (folder / "several.yaml").write_text(variant, encoding="utf-8")
    (folder / f"s{text}.yaml").write_text(SINGLE, encoding="utf-8")
    (folder / f"w{text}.yaml").write_text(doubtful(text + MARKUP), encoding="utf-8")
    (folder / "wrong.yaml").write_text(f"{spelled(text)}: 1\n{SINGLE}", encoding="utf-8")
    (folder / "program.py").write_text(PROGRAM.format(text=text), encoding="utf-8")
    (folder / f"class{text}").mkdir()
    for number, first in enumerate(FORMULAS):
        name = f"{first.strip()}{number}{text}.yaml"
        (folder / f"class{text}" / name).write_text(sheet(text, f"{first}{text}"), encoding="utf-8")
    (folder / f"class{text}" / f"other{text}.txt").write_text("")
    (folder / "key.yaml").write_text(
        f"network: {spelled(f's{text}.yaml')}\nquestions: {{conv2d.params: 2, conv2d.output: 1, most_params: 1}}\n"
    )
    np.save(folder / f"array{text}.npy", np.zeros((3, 9, 8), np.float32))
    return folder


def shown(text: str) -> dict[str, list[list[str]]]:
    """What each command is called with for what others wrote to be in its output, in every format."""
    network, single, program = f"d{text}/n{text}.yaml", f"s{text}.yaml", "program.py"
    variant = f"several.yaml:v{text}"
    warned = f"w{text}.yaml"
    asked = [single, f"conv2d.params={text}", f"{text}=3", f"conv2d.params > {text}", "conv2d.size=7x6"]
    return {
        "summarize": [[network], [variant], [program], [warned]],
        "compare": [[network, single, program, variant], [warned, network]],
        "layer": [["conv2d", "out_channels=4", "kernel_size=3", "--input", "3x9x8"]],
        "explain": [[network], [network, "add"], [network, "__a__"], [program, "conv2d"], [warned, "a"]],
        "reconcile": [[network], [program, "thop"], [variant, "--claim", "7"], [warned, "--memory"]],
        "check": [
            [f"class{text}"],
            [f"class{text}/{FORMULAS[0]}0{text}.yaml"],
            [f"class{text}", "--key", "key.yaml"],
            [f"class{text}", "--key", "key.yaml", "--items"],
            asked,
            [warned, "a.params=1", f"{text}=3"],
        ],
        "quiz": [
            [network, "--n", "9", "--difficulty", "3"],
            [network, "--set", "width=(1 +" + text[10:14] + "3)"],
            [variant],
            [warned, "--n", "3"],
        ],
        "verify": [[network, "--all"], [network, "--layer", "add"], [program], [warned]],
        "run": [[network], [single, "--array", f"array{text}.npy"], [program], [warned]],
        "list": [[]],
        "show": [["lenet5"]],
        "layers": [[], ["conv2d"]],
        "conventions": [[], ["thop"]],
        "schema": [[]],
    }


def refused(text: str) -> dict[str, list[list[str]]]:
    """What each command objects to, with what others wrote in the objection."""
    single, gone = f"s{text}.yaml", f"gone{text}.yaml"
    return {
        "summarize": [[text], [gone], ["wrong.yaml"], [single, "--columns", text], [single, "--set", f"{text}=1"]],
        "compare": [[text, gone], [single, "--sort", text]],
        "layer": [[text], ["relu", text, "--input", text], ["relu", text, "--input", "1x2"]],
        "explain": [
            [single, text],
            ["--topic", text],
            ["conv2d", text, "--input", "3x9x8"],
            [single, "--quantity", text],
        ],
        "reconcile": [[text], [gone], [single, text], [single, "--claim", text], [single, text, "--memory"]],
        "check": [[text], [gone], [single, text], [f"class{text}", "--key", gone]],
        "quiz": [
            [text],
            [single, "--topics", text],
            [single, "--points", text],
            [single, "--students", gone, "-o", "q"],
            [single, "--set", f"{text}=3"],
            [single, "--output", f"gone{text}/x", "--answers", "a"],
        ],
        "verify": [[text], [single, "--layer", text]],
        "run": [[text], [single, "--image", text], [single, "--weights", gone], [single, "--layer", text]],
        "list": [[text], [f"--{text}"]],
        "show": [[text], ["lenet5", "--output", f"gone{text}/x"]],
        "layers": [[text]],
        "conventions": [[text]],
        "schema": [[text]],
    }


def formats(command: str) -> list[list[str]]:
    """Every format that a command writes, as its option."""
    module = COMMANDS[command]
    choices = get_type_hints(getattr(import_module(f"cnncalc.cli.{module}"), module)).get("format")
    return [["--format", one.value] for one in get_args(choices)[0]] if choices else [[]]


CASES = [(command, " ".join(options)) for command in COMMANDS for options in formats(command)]


def obeyed(output: str) -> list[str]:
    """Signs of an output that a terminal obeys, besides line ends."""
    return sorted({sign for sign in output if category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp")} - {"\n"})


def test_every_command_is_called() -> None:
    assert set(shown("")) == set(refused("")) == set(COMMANDS)
    assert {options.split()[1] for _, options in CASES if options} == {
        "text",
        "table",
        "json",
        "csv",
        "markdown",
        "latex",
    }


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(("command", "options"), CASES)
def test_what_is_shown_is_harmless(
    worlds: tuple[Path, Path], tmp_path: Path, command: str, options: str, language: str
) -> None:
    hostile, tame = worlds
    flat = ["--flat"] if command == "summarize" and not re.search("json|csv", options) else []
    said = ["--lang", language, command, *options.split(), *flat]
    for words, same in zip(shown(HOSTILE)[command], shown(tamed(HOSTILE))[command], strict=True):
        done, other = inside([*said, *words], hostile), inside([*said, *same], tame)
        assert (done.code, done.out != "") == (2 if command == "check" else 0, True), done.err
        assert obeyed(done.out + done.err) == []
        assert done.err.count("\n") == other.err.count("\n")
        if "json" in options:
            assert texts(done.out) == texts(other.out)
        else:
            assert re.sub(r"\\U0000\w{4}", " ", done.out) == other.out  # in the answers of a quiz, which are YAML
        if command not in ("layers", "conventions") and language == "en":
            file = tmp_path / "out"
            assert inside([*said, *words, "--output", str(file)], hostile).out == ""
            assert timeless(file.read_text(encoding="utf-8")) == timeless(done.out)


def timeless(output: str) -> str:
    return re.sub(r'"seconds": [\d.]+', "", output)


def texts(output: str) -> list[str]:
    """Every text of a JSON document, in order, without blanks and the columns of places."""
    return [re.sub(r":\d+:\d+$|\s", "", tamed(text)) for text in _texts(json.loads(output))]


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for key, part in value.items() for text in (key, *_texts(part))]
    if isinstance(value, list):
        return [text for part in value for text in _texts(part)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("command", ["summarize", "compare", "explain", "reconcile", "check", "quiz", "verify", "run"])
def test_warnings_name_what_others_wrote(worlds: tuple[Path, Path], command: str, language: str) -> None:
    (words,) = [words for words in shown(HOSTILE)[command] if words[0] == f"w{HOSTILE}.yaml"]
    done = inside(["--lang", language, command, *words], worlds[0])
    codes = "channels-last", "batch-in-input", "repeated-activation"
    assert [done.err.count(f"[{code}]") for code in codes] == [1, 1, 1]
    assert done.err.count("--> w") == 3
    assert obeyed(done.err) == []
    assert not re.search("^FORGED", done.err, re.MULTILINE)


OURS = re.compile(r"\x1b\[[0-9;]*m|\x1b\[\?25[hl]|\x1b\[2K|\x1b\[1A|\r")
"""What rich writes on a terminal: styles, and a bar that is drawn again."""


@pytest.mark.parametrize(("command", "options"), [case for case in CASES if case[1][9:] in ("", "table", "text")])
def test_a_terminal_is_only_told_what_is_ours(worlds: tuple[Path, Path], command: str, options: str) -> None:
    seen = False
    for words in shown(HOSTILE)[command] + refused(HOSTILE)[command]:
        done = inside([command, *options.split(), *words], worlds[0], terminal=True)
        seen = seen or "\x1b[1" in done.out + done.err
        assert obeyed(OURS.sub("", done.out + done.err)) == []
    assert seen


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("command", COMMANDS)
def test_objections_are_harmless(worlds: tuple[Path, Path], command: str, language: str) -> None:
    for words in refused(HOSTILE)[command]:
        done = inside(["--lang", language, command, *words], worlds[0])
        assert (done.code, done.out) == (2, "")
        assert obeyed(done.err) == []
        assert done.err.startswith(("error[", "错误["))
        assert not re.search("^FORGED", done.err, re.MULTILINE)
        assert "FORGED" in done.err.upper()


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    "words",
    [["{}"], ["--{}"], ["--lang", "{}"], ["summarize", "--format", "{}"], ["summarize", "--depth", "{}"]],
    ids=" ".join,
)
def test_the_command_line_itself(tmp_path: Path, words: list[str], language: str) -> None:
    done = inside(["--lang", language, *(word.format(HOSTILE) for word in words)], tmp_path)
    assert (done.code, done.out, obeyed(done.err)) == (2, "", [])
    assert not re.search("^FORGED", done.err, re.MULTILINE)
    assert "Z ]0;x" in done.err  # a line of the command line ends where the user has put one


# Each format in itself


@pytest.mark.parametrize("text", [HOSTILE, MARKUP, "\udcff", "\U000e0001", "卷积\u3000网络"])
def test_json_reads_back_as_it_was(text: str) -> None:
    written = json_text({text: [text]})
    assert obeyed(written) == []
    assert json.loads(written) == {key: [key] for key in [text.replace("\udcff", "\ufffd")]}


def test_no_cell_of_a_csv_is_a_formula_and_none_ends_a_row() -> None:
    numbers = (-3, 1.5, None, "-1792", "+1,792", "-3x-3", "1/2", "")
    others = ("conv1_1.params", "a, b", 'a "b"', "卷积")
    rows = list(
        csv.reader(StringIO(csv_text([FORMULAS, numbers, others, (HOSTILE,), ("a\rb", "x;=1+1", "a; @b", "1;2")])))
    )
    assert rows == [
        [f"'{tamed(cell)}" for cell in FORMULAS],
        ["-3", "1.5", "", "-1792", "+1,792", "-3x-3", "1/2", ""],
        list(others),
        [tamed(HOSTILE)],
        ["a b", "x;'=1+1", "a;' @b", "1;2"],
    ]


def test_every_csv_is_written_by_the_one_writer() -> None:
    sources = Path(import_module("cnncalc").__path__[0])
    written = {path.stem for path in sources.rglob("*.py") if "csv.writer" in path.read_text("utf-8")}
    assert written == {"escaping"}


class _Shown(HTMLParser):
    """What a reader sees of HTML, the cells of its tables, and the tags that it took."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text, self.cells, self.tags = "", list[str](), list[str]()
        self.feed(html)
        self.close()

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.cells:
            self.cells[-1] += data.strip("\n")

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)
        if tag == "td":
            self.cells.append("")


def rendered(text: str) -> _Shown:
    return _Shown(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text))


@pytest.mark.parametrize(
    "text", [*MARKUP.split(" "), MARKUP, HOSTILE + MARKUP, "__a__", "_a", "a_", "a_b_c", "a__b", "\\|", "**"]
)
def test_markdown_shows_a_name_as_it_is(text: str) -> None:
    plain = " ".join(tamed(text).split())
    found = rendered(f"**{markdown(text)}** {code(text)} x")
    assert (found.tags, found.text.strip()) == (["p", "strong", "code"], f"{plain} {plain} x")
    table = "".join(map(table_row, (["a", "b"], ["---"] * 2, [markdown(text), "x"], [code(text), "x"])))
    found = rendered(table)
    assert found.cells[::3] == [plain, "x"]
    assert found.cells[1:3] == ["x", plain.replace("\\|", "|")]  # code in a table has no other way to write a bar
    assert found.tags == ["table", "thead", "tr", "th", "th", "tbody", "tr", "td", "td", "tr", "td", "code", "td"]


@pytest.mark.parametrize(
    "arguments",
    [
        "summarize {} --format markdown",
        "compare {} {} --format markdown",
        "explain {} --format markdown",
        "quiz {}",
        "check {} add.output=1 --format markdown",
    ],
)
def test_markdown_has_no_tag_of_others(worlds: tuple[Path, Path], arguments: str) -> None:
    network = f"d{HOSTILE}/n{HOSTILE}.yaml"
    done = inside([network if word == "{}" else word for word in arguments.split()], worlds[0])
    found = rendered(done.out)
    assert not {"a", "img", "b", "em", "del"} & set(found.tags)
    assert " ".join(tamed(MARKUP).split()) in " ".join(found.text.split())


@pytest.mark.parametrize("arguments", ["explain {}", "summarize {}", "check {} add.output=1"])
def test_latex_has_no_command_of_others(worlds: tuple[Path, Path], arguments: str) -> None:
    network = f"d{HOSTILE}/n{HOSTILE}.yaml"
    words = [network if word == "{}" else word for word in arguments.split()]
    done = inside([*words, "--format", "latex"], worlds[0])
    (title,) = re.findall(r"\\section\*\{\\raggedright (.*?) \$\\cdot\$ .*\}$", done.out, re.MULTILINE)
    known = r"\\text(tt\{t\}|backslash\{\}|asciitilde\{\}|asciicircum\{\})|\\[&%$#_{}]|\$[<>|]\$|\\allowbreak\{\}"
    assert not re.search(r"[\\{}$&#^_~%]", re.sub(known, "", title))
