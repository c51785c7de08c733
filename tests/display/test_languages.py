"""Nothing stays in English: every screen in a language made up for it, of wide characters, found by its leftovers.

The made-up catalogue holds every message that `tests.support.messages` finds in the sources, each of its words as wide
characters. What is still written in Latin letters is either a name, a number's unit or something to type, and is listed
here; or it is a sentence that went past the catalogue.
"""

from __future__ import annotations

import gettext
import json
import re
import sys
from collections.abc import Collection, Iterator
from functools import cache
from importlib import import_module
from inspect import cleandoc
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from cnncalc.cli import app, help_translation
from cnncalc.core import translation
from cnncalc.core.counts import Op
from cnncalc.core.errors import InputError
from cnncalc.core.text import columns as width
from cnncalc.language import collection
from cnncalc.language.load import load
from cnncalc.layers.catalogue import ADDRESSES, resolve
from tests.support.cases import CASES
from tests.support.messages import messages

WIDE = "字"
KEPT = re.compile(r"(\{[^{}]*\}|\{\{|\}\}|`[^`]*`)")
"""Facts of a template, and what is to be typed."""

COLUMNS = 110


def foreign(message: str) -> str:
    """A message with every word in wide characters, about as long as it was."""
    parts = KEPT.split(message)
    return "".join(part if place % 2 else re.sub("[A-Za-z]+", _wide, part) for place, part in enumerate(parts))


def _wide(word: re.Match[str]) -> str:
    return WIDE * -(-len(word[0]) // 2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the made-up catalogue."""
    catalogue = Catalog(locale="zh", charset="utf-8")
    for message in messages():
        catalogue.add(message.text, foreign(message.text))
    made = tmp_path_factory.mktemp("locale")
    place = made / "zh" / "LC_MESSAGES"
    place.mkdir(parents=True)
    with (place / "cnncalc.mo").open("wb") as file:
        write_mo(file, catalogue)
    return made


@pytest.fixture(autouse=True)
def _made_up(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(translation, "FOLDER", folder)
    monkeypatch.setattr(help_translation, "FOLDER", folder)
    monkeypatch.setenv("LANGUAGE", "zh")
    monkeypatch.setenv("COLUMNS", str(COLUMNS))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.chdir(CASES / "networks")
    translation._catalogue.cache_clear()
    yield
    translation.set_language(None)
    translation._catalogue.cache_clear()
    gettext.textdomain("messages")


class Screens:
    """Commands, run here."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.capsys, self.monkeypatch = capsys, monkeypatch

    def of(self, *arguments: str, language: str = "zh") -> str:
        """What a command prints on either stream."""
        from cnncalc.display.diagnostics import show

        self.monkeypatch.setattr(sys, "argv", ["cnncalc", "--lang", language, *arguments])
        try:
            app.run()
        except InputError as error:
            show(error)
        finally:
            translation.set_language(None)
        printed = self.capsys.readouterr()
        return printed.out + printed.err


@pytest.fixture
def screens(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Screens:
    return Screens(capsys, monkeypatch)


COMMANDS = (
    "summarize tiny_resnet.yaml",
    "summarize gates_and_branches.yaml",
    "summarize tiny_resnet.yaml --columns type,input,output,params,buffers",
    "summarize tiny_resnet.yaml --columns macs,flops,memory,rf,jump,start",
    "summarize tiny_resnet.yaml --columns params%,macs%",
    "summarize tiny_resnet.yaml --format markdown",
    "summarize resnet18 --depth 1",
    "compare lenet5 alexnet vgg16 mobilenet_v2",
    "compare lenet5 tiny_resnet.yaml --format markdown",
    "layer conv2d out_channels=6 kernel_size=[3,2] stride=2 groups=2 --input 4x9x8",
    "layer global_avg_pool2d --input 4x9x8",
    "layer batch_norm2d --input 4x9x8",
    "layer linear out_features=3 --input 4",
    "layers",
    *(f"layers {name}" for name in ("conv2d", "avg_pool2d", "relu", "crop_like", "lstm")),
    "summarize lenet5 --convention onnx-tool",
    "compare lenet5 alexnet --convention thop",
    "explain lenet5 c1 --quantity flops --convention fvcore",
    "reconcile lenet5 torch thop",
    "reconcile lenet5 torch onnx-tool --claim 5M",
    "reconcile lenet5 thop ptflops-pytorch --format markdown --claim 418096",
    "reconcile lenet5 --memory",
    "conventions thop",
    "explain lenet5",
    "explain tiny_resnet.yaml --format markdown",
    "explain lenet5 c3",
    "explain conv2d out_channels=64 kernel_size=7 stride=2 padding=3 --input 3x224x224",
    "explain global_avg_pool2d --input 4x9x8 --quantity receptive_field --quantity ops --quantity buffers",
    "explain batch_norm2d --input 4x9x8 --quantity params --quantity buffers --quantity macs --quantity flops",
    "verify gates_and_branches.yaml --all",
    "verify lenet5",
    "run cross_correlation.yaml",
    "run lenet5 --layer c1",
    "list",
)

WRONG = (
    "",
    "vgg",
    "summarise vgg16",
    "summarize",
    "summarize vgg17",
    "summarize vgg16 extra words",
    "summarize vgg16 --bogus",
    "summarize vgg16 --depth two",
    "summarize vgg16 --depth 0",
    "summarize vgg16 --batch 0",
    "summarize vgg16 --flat=1",
    "summarize vgg16 --dtype float31",
    "summarize vgg16 --columns params,nothing",
    "summarize vgg16 --columns ,",
    "summarize vgg16 --input 3xx",
    "summarize vgg16 --set width",
    "summarize vgg16 --output /none/there.txt",
    "compare lenet5 --sort size",
    "layer conv2d",
    "layer conv3 --input 3x8x8",
    "layer conv2d out_channels=6 --input 3x8x8",
    "layer conv2d out_channels=6 kernel_size=9 --input 3x8x8",
    "layer conv2d out_channels=6 kernel_size=3 groups=4 --input 3x8x8",
    "layer conv2d out_channels=six kernel_size=3 --input 3x8x8",
    "layer linear out_features=6 --input 3x8x8",
    "layer add --input 3x8x8",
    "explain",
    "explain lenet5 nowhere",
    "explain lenet5 c1 --quantity size",
    "explain lenet5 --quantity ops",
    "explain --topic nothing",
    "verify lenet5 --layer nowhere",
    "run lenet5 --seed -1",
    "run lenet5 --seed",
    "run lenet5 --image a --array b",
    "run lenet5 --array none.npy",
    "run lenet5 --array lenet5.yaml",
    "run lenet5 --weights tiny_resnet.yaml",
    "run lenet5 --image tiny_resnet.yaml",
    "show nothing",
    "layers nothing",
)

HELP = ("--help", *(f"{name} --help" for name in app.COMMANDS))

# What may stay in Latin letters.

UNITS = {"B", "KiB", "MiB", "GiB", "TiB"}
NAMED = {"cnncalc", "float32", "float", "yaml", "json", "csv", "markdown", "table", "latex", "text", "CxHxW", "NxCxHxW"}
PLACEHOLDERS = {
    *("OPTIONS", "COMMAND", "ARGS", "ARCH", "TYPE", "LAYER", "OPTION", "VALUE", "NAME", "FILE", "PATH", "COLUMN"),
    *("ANSWER", "ASK", "CLAIM", "FOLDER", "SHEET", "GROUP", "FAMILY", "npy", "CONVENTION", "NUMBER"),
}
SYMBOLS = {
    *("C_in", "C_out", "H_out", "W_out", "L_out", "D_out", "F_in", "F_out"),
    *("r_in", "j_in", "start_in", "start", "r_h", "bytes", "MACs", "FLOPs", "MAC"),
    *(op.value for op in Op),
}
"""Of the sums, whose letters are the field's everywhere."""

STORED = {"weight", "weights", "bias", "running_mean", "running_var"}
"""Names in a state dict."""

FOREIGN_TOOLS = {
    "torch",
    "fvcore",
    "thop",
    "ptflops",
    "torchinfo",
    "calflops",
    "ImageNet",
    "top",
    "COCO",
    "box",
    "AP",
    "mAP",
    "VOC",
}
LITERALS = {"true", "false", "null"}
OF_TYPER = {"str", "int", "range", "float16", "bfloat16", "int8", "en", "zh"}
"""Kinds of values, as Typer spells them."""

ALLOWED = {*UNITS, *NAMED, *PLACEHOLDERS, *SYMBOLS, *STORED, *FOREIGN_TOOLS, *LITERALS, *OF_TYPER}


USERS_OWN = r"`[^`]*`|--[a-z-]+|\[[a-z-]+\]:|^ *\d+ \|.*$"
"""What is typed; the code of an objection, and the line that it is about."""


def words(text: str) -> set[str]:
    """Words in Latin letters, of two letters or more."""
    found = re.findall(r"[A-Za-z_][A-Za-z0-9_]*", text)
    return {word for word in found if len(re.findall("[A-Za-z]", word)) > 1}


@cache
def names() -> set[str]:
    """Layer types, their options, error codes and sources; topics, quantities and columns as they are typed."""
    from cnncalc.analysis.conventions import all_conventions, memory_conventions
    from cnncalc.analysis.quantities import comparison_quantities
    from cnncalc.analysis.table import all_columns
    from cnncalc.explain.layer import explainable_quantities
    from cnncalc.explain.topics.catalogue import TOPICS
    from cnncalc.language.reference.catalogue import names as names_of_constructs

    described = [
        *ADDRESSES,
        *names_of_constructs(),
        *TOPICS,
        *all_columns(),
        *comparison_quantities(),
        *explainable_quantities(),
        *app.COMMANDS,
    ]
    for one in (*all_conventions(), *memory_conventions()):
        described += [one.name, one.tool, one.version, one.source]
        described += [re.sub(r"\dd?$", "", part) for kind in one.rates for part in kind.split(":")]
    for name in ADDRESSES:
        layer = resolve(name)
        described += [*layer.model_fields, *re.findall(r"Errors: .*|Source:  \S+$", layer.__doc__ or "", re.MULTILINE)]
    return words(" ".join(described))


def data(arguments: str) -> set[str]:
    """Words of the networks that a command names: their titles, paths and sources; `list` names all of them."""
    found = [*collection.names()] if arguments.startswith("list") else []
    for argument in collection.names() if arguments.startswith("list") else arguments.split()[1:]:
        if argument in collection.names():
            found.append(collection.find(argument).span.source.text)
        elif argument.endswith(".yaml") and Path(argument).exists():
            found.append(Path(argument).read_text(encoding="utf-8"))
        else:
            continue
        if not arguments.startswith("list"):
            found += [node.path for node in load(argument).nodes]
    return words(" ".join(found))


def leftovers(screens: Screens, arguments: str) -> set[str]:
    """Words of a screen that are neither listed nor names."""
    if arguments.startswith("list"):
        screens.monkeypatch.setenv("COLUMNS", "400")  # titles are cut nowhere
    lines = screens.of(*arguments.split()).splitlines()
    shown = [comment(line) if uncommented(line) in typed() else line for line in lines]
    screen = re.sub(USERS_OWN, "", "\n".join(shown), flags=re.MULTILINE)
    symbols = {word for word in words(screen) if re.fullmatch("[a-z]_[hwt]", word)}  # of one axis
    return words(screen) - symbols - ALLOWED - names() - words(arguments) - data(arguments)


@cache
def typed() -> set[str]:
    """Lines of help that show what to type."""
    functions = [getattr(import_module(f"cnncalc.cli.{module}"), module) for module in app.COMMANDS.values()]
    helps = [cleandoc(function.__doc__ or "") for function in (*functions, app.root)]
    found = [lines for help in helps for _prose, lines in help_translation.paragraphs(help)]
    return {uncommented(line) for lines in found for line in lines.splitlines()}


def uncommented(line: str) -> str:
    """What is typed, without what explains it."""
    return re.sub(r"(?<=\S) +# .*", "", line).strip()


def comment(line: str) -> str:
    """What explains what is typed, in words."""
    return re.sub(r"\{.*\}", "", line.strip().removeprefix(uncommented(line)))


@pytest.mark.parametrize("arguments", [*COMMANDS, *WRONG, *HELP])
def test_nothing_stays_in_english(arguments: str, screens: Screens) -> None:
    screen = screens.of(*arguments.split())
    assert WIDE in screen or "show" in arguments
    assert leftovers(screens, arguments) == set()


def test_a_sentence_past_the_catalogue_is_found(screens: Screens, monkeypatch: pytest.MonkeyPatch) -> None:
    """The check can fail."""
    from cnncalc.display import layer

    monkeypatch.setattr(layer, "_", str)
    assert "Receptive" in leftovers(screens, "layer conv2d out_channels=2 kernel_size=3 --input 4x9x8")


PROGRAMS = (
    "summarize tiny_resnet.yaml --format json",
    "summarize gates_and_branches.yaml --format csv",
    "compare lenet5 alexnet --format json",
    "compare lenet5 alexnet --format csv",
    "layer global_avg_pool2d --input 4x9x8 --format json",
    "run cross_correlation.yaml --format json",
    "list --format json",
    "show lenet5",
)


@pytest.mark.parametrize("arguments", PROGRAMS)
def test_what_programs_read_has_one_language(arguments: str, screens: Screens) -> None:
    assert screens.of(*arguments.split()) == screens.of(*arguments.split(), language="en")


def test_a_schema_differs_in_its_descriptions_alone(screens: Screens) -> None:
    """Editors show these to people."""
    both = [json.loads(screens.of("schema", language=one)) for one in ("en", "zh")]
    assert without_sentences(both[0], {"description"}) == without_sentences(both[1], {"description"})
    assert both[0] != both[1]


def test_a_verification_as_json_has_one_language(screens: Screens) -> None:
    both = [json.loads(screens.of("verify", "lenet5", "--format", "json", language=one)) for one in ("en", "zh")]
    assert both[0]["checks"] == both[1]["checks"]


SENTENCES = {"title", "meaning", "convention", "diagnosis", "message", "help"}
"""Keys of JSON whose values people read; these are in the language in use."""


def without_sentences(value: Any, keys: Collection[str] = SENTENCES) -> Any:
    if isinstance(value, dict):
        return {key: without_sentences(part, keys) for key, part in value.items() if key not in keys}
    return [without_sentences(part, keys) for part in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    "arguments",
    [
        "explain lenet5",
        "explain lenet5 c3",
        "explain global_avg_pool2d --input 4x9x8",
        "explain --topic receptive-field",
        "explain --topic flops-and-macs",
        "check lenet5 c3.params=2400 c5.output=84 c9.params=3 most_params=c3",
    ],
)
def test_in_json_sentences_alone_have_the_language(arguments: str, screens: Screens) -> None:
    texts = [screens.of(*arguments.split(), "--format", "json", language=one) for one in ("en", "zh")]
    both = [json.JSONDecoder().raw_decode(text)[0] for text in texts]  # objections follow
    assert without_sentences(both[0]) == without_sentences(both[1])
    assert WIDE in json.dumps(both[1], ensure_ascii=False)
    assert WIDE not in json.dumps(both[0], ensure_ascii=False)


# Wide characters


def gaps(lines: list[str]) -> int:
    """How many gaps between columns go through all lines, two blanks wide or more."""
    spread = ["".join(sign * width(sign) for sign in line) for line in lines]
    longest = max(map(len, spread))
    blank = "".join(" " if all(line.ljust(longest)[at] == " " for line in spread) else "x" for at in range(longest))
    return len(re.findall("x {2,}(?=x)", blank))


@pytest.mark.parametrize(
    ("arguments", "columns"),
    [
        ("summarize tiny_resnet.yaml", 7),
        ("verify gates_and_branches.yaml", 5),
        ("list", 3),
        ("explain lenet5 --quantity params", 4),
    ],
)
def test_columns_stay_aligned(arguments: str, columns: int, screens: Screens) -> None:
    lines = screens.of(*arguments.split()).splitlines()
    rule = next(number for number, line in enumerate(lines) if line.strip().startswith("──"))
    rows = takewhile(lambda line: line.strip() and not line.strip().startswith("──"), lines[rule + 1 :])
    body = [line for line in rows if line.startswith("  ") or not arguments.startswith(("list", "explain"))]
    if arguments == "list":  # titles of papers go over the whole width
        body = [line for line in body if re.search(r"\S {2,}\S", line)]
        assert len(body) > 100
    assert gaps([lines[rule - 1], *body]) >= columns - 1


@pytest.mark.parametrize("arguments", [*COMMANDS, *HELP])
def test_nothing_is_wider_than_the_screen(arguments: str, screens: Screens) -> None:
    if "markdown" in arguments or "--columns" in arguments:
        return
    lines = screens.of(*arguments.split()).splitlines()
    inside = [line for line in lines if "cnncalc " not in line and " = " not in line]
    assert max(map(width, inside)) <= COLUMNS


def test_the_parser_objects_in_the_language(screens: Screens) -> None:
    title, *_ = screens.of("summarize", "vgg16", "--bogus").splitlines()
    assert re.findall("[A-Za-z]+", title.replace("--bogus", "")) == ["usage"]
    title, *_ = screens.of("summarize", "vgg16", "--bogus", language="en").splitlines()
    assert title.isascii()
    assert "--bogus" in title
