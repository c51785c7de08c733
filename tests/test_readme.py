"""The pages show what the program really prints, in their language, and say the same in both."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from cnncalc import InputError
from cnncalc.explain.topics.catalogue import TOPICS
from cnncalc.homework.marking import MOST_DIAGNOSED, mark_sheet
from cnncalc.homework.questions import askable_quantities
from cnncalc.homework.reading.sheet import MOST_ANSWERS, MOST_SHEETS, Networks, read_words
from cnncalc.language import collection
from tests.support import language_page
from tests.support.command import cnncalc, environment

ROOT = Path(__file__).parents[1]
PAGES = ("README.md", "docs/conventions.md", "docs/students.md", "docs/teachers.md")
CHINESE = {page: page.replace(".md", ".zh-CN.md") for page in PAGES}
COLUMNS = {"en": "100", "zh": "104"}
"""The width of the screens: Chinese heads of columns take more room."""

EXAMPLES = ROOT / "docs/examples"
"""The files that the pages name, in the folder in which readers type along."""

NETWORKS = ROOT / "tests/cases/networks"
"""The file with a mistake, and others, that the README shows at work without saying where they are."""

BLOCK = re.compile(r"^(?P<fence>`{3,})(?P<kind>\w+)\n(?P<text>.*?)\n(?P=fence)$", re.M | re.S)
SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str, kind: str) -> list[str]:
    return [found["text"] for found in BLOCK.finditer(text_of(page)) if found["kind"] == kind]


def prose(page: str) -> str:
    return BLOCK.sub("", text_of(page))


class Screen(NamedTuple):
    """A block of commands, each with what it prints."""

    page: str
    text: str

    @property
    def commands(self) -> list[str]:
        return [line.removeprefix("$ ") for line in self.text.splitlines() if line.startswith("$ ")]

    @property
    def language(self) -> str:
        return "zh" if self.page in CHINESE.values() else "en"

    def __str__(self) -> str:
        return f"{Path(self.page).name}-{self.commands[0]}"


SCREENS = [Screen(page, text) for page in (*PAGES, *CHINESE.values()) for text in blocks(page, "console")]


@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_a_screen_is_what_the_commands_print(screen: Screen, tmp_path: Path, pytestconfig: pytest.Config) -> None:
    shutil.copytree(NETWORKS if screen.page.startswith("README") else EXAMPLES, tmp_path, dirs_exist_ok=True)
    lines = [line for command in screen.commands for line in (f"$ {command}", *printed(command, screen, tmp_path))]
    if pytestconfig.getoption("--regenerate-golden"):
        shown = text_of(screen.page).replace(f"console\n{screen.text}\n`", "console\n" + "\n".join(lines) + "\n`", 1)
        (ROOT / screen.page).write_text(shown, encoding="utf-8")
    else:
        assert lines == screen.text.splitlines()


def printed(command: str, screen: Screen, folder: Path) -> list[str]:
    """What a command prints on both streams; `cat` shows a file that a command before it wrote, `python` runs one."""
    program, *arguments = shlex.split(command)
    if program == "cat":
        text = (folder / arguments[0]).read_text(encoding="utf-8")
    elif program == "python":
        script = subprocess.run(
            [sys.executable, *arguments], capture_output=True, cwd=folder, env=environment(), text=True
        )
        text = script.stdout + script.stderr
    else:
        assert program == "cnncalc"
        done = cnncalc(
            *arguments, folder=folder, env={"COLUMNS": COLUMNS[screen.language], "CNNCALC_LANG": screen.language}
        )
        text = done.out + done.err
        assert "Traceback" not in text, text
    return [line.rstrip() for line in text.rstrip("\n").splitlines()]


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])
def test_the_python_example_is_a_script_and_a_description(page: str, tmp_path: Path) -> None:
    (example,) = blocks(page, "python")
    (tmp_path / "my_net.py").write_text(f"{example}\n", encoding="utf-8")
    script = subprocess.run(
        [sys.executable, "my_net.py"], capture_output=True, cwd=tmp_path, env=environment(COLUMNS="100"), text=True
    )
    table = cnncalc("summarize", "my_net.py", folder=tmp_path, env={"COLUMNS": "100"})
    assert (script.stderr, table.err) == ("", "")
    assert script.stdout == f"{table.out}{example.rpartition('# ')[2]}\n"


def test_the_yaml_examples_are_files_that_the_screens_use() -> None:
    files = {
        folder: [path.read_text(encoding="utf-8") for path in folder.rglob("*.yaml")] for folder in (NETWORKS, EXAMPLES)
    }
    examples = [(page, text) for page in PAGES for text in blocks(page, "yaml")]
    assert len(examples) >= 5
    for page, example in examples:
        assert any(example in file for file in files[NETWORKS if page == "README.md" else EXAMPLES]), example


@pytest.mark.parametrize("page", PAGES)
def test_both_languages_show_the_same(page: str) -> None:
    other = CHINESE[page]
    for kind in ("sh", "yaml", "python"):
        assert blocks(page, kind) == blocks(other, kind)
    one, two = ([screen.commands for screen in SCREENS if screen.page == each] for each in (page, other))
    assert one == two != []


@pytest.mark.parametrize("page", PAGES)
def test_both_languages_have_the_same_headings_code_and_figures(page: str) -> None:
    one, other = prose(page), prose(CHINESE[page])
    assert re.findall(r"^#+ ", one, re.M) == re.findall(r"^#+ ", other, re.M) != []
    assert Counter(SPAN.findall(one)) == Counter(SPAN.findall(other))
    assert Counter(NUMBER.findall(SPAN.sub("", one))) == Counter(NUMBER.findall(SPAN.sub("", other)))


@pytest.mark.parametrize("page", [*PAGES, *CHINESE.values(), *language_page.PAGES.values()])
def test_links_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if target.startswith("https:"):
            continue
        path, _, place = target.partition("#")
        found = (ROOT / page).parent / path if path else ROOT / page
        assert found.exists(), target
        if place:
            headings = re.findall(r"^#+ (.+)$", found.read_text(encoding="utf-8"), re.M)
            assert place in {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}, target


def rows(page: str, head: str) -> list[list[str]]:
    """The cells of the table whose first column is called so."""
    _, _, table = text_of(page).partition(f"\n| {head} |")
    assert table, head
    lines = table.partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def verdicts(network: str, words: list[str]) -> list[str]:
    done = mark_sheet(read_words(Networks().load(network), words, " ".join(words)))
    assert not done.problems, str(InputError(done.problems))
    return [one.verdict.value for one in done.marks]


@pytest.mark.parametrize(("page", "head"), [("docs/students.md", "question"), ("docs/students.zh-CN.md", "问题")])
def test_every_spelling_of_the_table_is_right(page: str, head: str) -> None:
    for ask, answers in rows(page, head):
        for answer in SPAN.findall(answers):
            assert verdicts("vgg16", [f"{ask.strip('`')}={answer}"]) == ["right"], (ask, answer)
    assert verdicts("vgg16", ["total.params=140M"]) == ["wrong"]


@pytest.mark.parametrize(("page", "head"), [("docs/students.md", "answer"), ("docs/students.zh-CN.md", "答案")])
def test_every_convention_of_the_table_is_recognised(page: str, head: str) -> None:
    for answer, _name in rows(page, head):
        assert verdicts("vgg16", [answer.strip("`")]) == ["convention"], answer


@pytest.mark.parametrize(("page", "head"), [("docs/students.md", "topic"), ("docs/students.zh-CN.md", "主题")])
def test_every_topic_is_listed_with_its_sizes(page: str, head: str) -> None:
    listed = {name.strip("`"): SPAN.findall(sizes) for name, _, sizes in rows(page, head)}
    assert listed == {name: list(topic.sizes) for name, topic in TOPICS.items()}


@pytest.mark.parametrize(("page", "head"), [("docs/students.md", "quantity"), ("docs/students.zh-CN.md", "指标")])
def test_every_quantity_is_listed(page: str, head: str) -> None:
    assert [name for names, _ in rows(page, head) for name in SPAN.findall(names)] == list(askable_quantities())


def test_the_limits_of_marking_are_those_of_the_page() -> None:
    limits = text_of("docs/teachers.md").rpartition("\n## Limits\n")[2]
    assert f"at most {MOST_ANSWERS:,} answers and claims, a folder at most {MOST_SHEETS:,} sheets" in limits
    assert f"the mistakes of up to {MOST_DIAGNOSED} wrong" in limits


def test_how_fast_is_what_the_benchmarks_measured() -> None:
    measured = {cell.strip() for cell in text_of("benchmarks/README.md").split("|")}
    for what, ratios in rows("README.md", "what"):
        assert [ratio for ratio in ratios.split(", ") if ratio not in measured] == [], what
    (promised,) = re.findall(r"takes ([\d.]+) of the processor time of torchinfo", text_of("README.md"))
    assert promised in [ratio for what, ratio in rows("README.md", "what") if "torchinfo" in what]


def test_there_are_as_many_networks_as_the_readme_says() -> None:
    (least,) = re.findall(r"more than (\d+) networks", text_of("README.md"))
    assert len(collection.names()) > int(least)
