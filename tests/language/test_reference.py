"""The reference of the language: its examples run, its keys are those of the language, and the pages are made of it."""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path

import pytest
import yaml

from cnncalc import analyze
from cnncalc.core.errors import Source
from cnncalc.core.translation import LANGUAGES, Phrase, use_language
from cnncalc.display.reference import show_construct
from cnncalc.display.screen import console
from cnncalc.language import collection
from cnncalc.language.description import ACCURACY_KEYS, KEYS, VARIANT_KEYS
from cnncalc.language.load import from_source
from cnncalc.language.macros.items import LAYER_KEYS, PLAIN_KEYS
from cnncalc.language.reference.blocks import BLOCKS
from cnncalc.language.reference.catalogue import CONSTRUCTS, SECTIONS, documented, names
from cnncalc.language.reference.file import EVERY_LAYER, FILE
from cnncalc.language.reference.groups import GROUPS
from cnncalc.language.schema import document_schema
from cnncalc.language.text.functions import FUNCTIONS
from cnncalc.language.text.values import INPUT_NAMES
from cnncalc.layers.catalogue import ADDRESSES
from tests.support.command import cnncalc
from tests.support.language_page import PAGES, page

ROOT = Path(__file__).parents[2]

BY_HAND: dict[str, tuple[int, int, list[int]]] = {
    "input": (8 * 3 * 9 + 8, 8 * 3 * 9 * 32 * 32, [8, 32, 32]),
    "inputs": (0, 0, [4, 8, 8]),
    "layers": (4 * 3 + 10 * 4 * 64 + 10, 4 * 3 * 64 + 10 * 4 * 64, [10]),
    "outputs": (4 * 2 + 4, 4 * 2 * 64, [4, 4, 4]),
    "params": (32 * 3 + 32 + 10 * 32 + 10, 32 * 3 * 64 + 10 * 32, [10]),
    "blocks": (8 * 16 * 9 + 8 + 4 * 8 + 4, (8 * 16 * 9 + 4 * 8) * 64, [4, 8, 8]),
    # torchvision's resnet18 has 11,689,512 parameters, its classifier 1000 · 512 + 1000, and 1,814,073,344 MACs in all
    "import": (11_689_512 - 513_000, 1_814_073_344 - 512_000, [512, 7, 7]),
    "variants": (32 * 3 + 32, 32 * 3 * 64, [32, 8, 8]),
    "values": (4, 4, [1, 1, 1]),
    "title": (0, 0, [3]),
    "name": (4 * 3 * 9 + 4 + 4 * 4 * 9 + 4, 4 * 3 * 9 * 36 + 4 * 4 * 9 * 16, [4, 4, 4]),
    "from": (4 * 8 + 4 + 6 * 8 + 6, (4 * 8 + 6 * 8) * 64, [4 + 6, 8, 8]),
    "when": (4 * 3 + 4, 4 * 3 * 64, [4, 8, 8]),
    "share": (4 * 8 + 4, 2 * 4 * 8, [8]),
    "alias": (4 * 3 + 4, 4 * 3 * 64, [4, 8, 8]),
    "functional": (4 * 4 + 4, 4 * 4 * 64, [4, 8, 8]),
    "sequential": (4 * 3 * 9 + 4, 4 * 3 * 9 * 64, [4, 8, 8]),
    "repeat": (8 * 4 + 16 * 8 + 32 * 16, (8 * 4 + 16 * 8 + 32 * 16) * 256, [32, 16, 16]),
    "block": (8 * 4 + 8 + 24 * 8 + 24, (8 * 4 + 24 * 8) * 64, [24, 8, 8]),
    "residual": (16 * 16 * 9, 16 * 16 * 9 * 64, [16, 8, 8]),
    "branches": (4 * 8 + 4 + 6 * 8 * 9 + 6, (4 * 8 + 6 * 8 * 9) * 64, [4 + 6, 8, 8]),
    "split": (4 * 4 + 4, 4 * 4 * 16, [8, 4, 4]),
    # 24 · ¼ is 6, whose multiple of 8 is 8; 8 · 2 + 8 · 3 is 40
    "expressions": (24 * 16 + 8 * 24 + 8 + 40 * 8 + 40, 24 * 16 * 64 + 8 * 24 + 40 * 8, [40]),
    "blocks/separable_conv2d": (16 * 9 + 32 * 16 + 32, (16 * 9 + 32 * 16) * 1024, [32, 32, 32]),
    # the middle has 6 · 32 = 192 channels
    "blocks/inverted_residual": (
        192 * 32 + 192 * 9 + 64 * 192 + 2 * (192 + 192 + 64),
        192 * 32 * 784 + (192 * 9 + 64 * 192) * 196,
        [64, 14, 14],
    ),
    "blocks/bottleneck": (
        128 * 256 + 128 * 128 * 9 + 512 * 128 + 512 * 256 + 2 * (128 + 128 + 512 + 512),
        128 * 256 * 3136 + (128 * 128 * 9 + 512 * 128 + 512 * 256) * 784,
        [512, 28, 28],
    ),
    "blocks/squeeze_excite": (2 * 16 * 64 + 16 + 64, 2 * 16 * 64, [64, 32, 32]),
    # the perceptron is read twice, the 7×7 convolution at 1024 places
    "blocks/cbam": (2 * 8 * 64 + 2 * 49, 2 * 2 * 8 * 64 + 2 * 49 * 1024, [64, 32, 32]),
    # the common layer works at 32 + 32 places, each of the others at 32
    "blocks/coordinate_attention": (3 * 8 * 64 + 8 + 2 * 64 + 2 * 8, (2 + 1 + 1) * 8 * 64 * 32, [64, 32, 32]),
    "blocks/attention_gate": (
        2 * (32 * 64 + 32) + 32 + 1 + 2 * (32 + 32 + 1),
        (2 * 32 * 64 + 32) * 1024,
        [64, 32, 32],
    ),
    "blocks/attention_pooling": (32 * 64 + 32 + 32, 20 * (32 * 64 + 32), [64]),
    "blocks/bilinear_pooling": (0, 16 * 32 * 64, [16 * 32]),
    "blocks/aspp": (
        64 * 512 * (1 + 3 * 9 + 1) + 64 * 320 + 6 * 2 * 64,
        64 * 512 * (1 + 3 * 9) * 784 + 64 * 512 + 64 * 320 * 784,
        [64, 28, 28],
    ),
    "blocks/feature_pyramid": (
        16 * (32 + 64) + 2 * 16 * 16 * 9 + 4 * 16,
        (16 * 64 + 16 * 16 * 9) * 64 + (16 * 32 + 16 * 16 * 9) * 256,
        [16, 16, 16],
    ),
}
"""Parameters, MACs and the last output of every example."""


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_an_example_runs_and_gives_what_a_hand_gets(name: str) -> None:
    variant = "large" if name == "variants" else None
    report = analyze(from_source(Source("net.yaml", CONSTRUCTS[name].example), {}, None, variant))
    totals = report.totals()
    assert (totals.params, totals.macs, list(report.rows[-1].output.shape)) == BY_HAND[name]


def written_keys(example: str) -> list[str]:
    return re.findall(r"(?:^|[{,]|- )\s*(\w+):", example, re.M)


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_an_example_shows_its_construct(name: str) -> None:
    if name in BLOCKS.constructs:
        assert f"import: {name}\n" in CONSTRUCTS[name].example
    elif name != "expressions":
        assert {name, *CONSTRUCTS[name].also} <= {*written_keys(CONSTRUCTS[name].example)}
    assert max(map(len, CONSTRUCTS[name].example.splitlines())) <= 78  # with its margin it fits a screen


def test_every_construct_of_the_language_is_there() -> None:
    known = {*names()}
    assert known >= {*KEYS, *VARIANT_KEYS, *LAYER_KEYS, *INPUT_NAMES}
    assert known.isdisjoint(ADDRESSES)
    assert len([*names()]) == len(known)
    assert sorted(EVERY_LAYER.constructs) == sorted(PLAIN_KEYS)
    in_file = {each for name, construct in FILE.constructs.items() for each in (name, *construct.also)}
    assert in_file == {*KEYS} - {"name"}  # which layers have, too
    assert all(f"`{key}`" in CONSTRUCTS["title"].keys["accuracy"] for key in ACCURACY_KEYS)


def test_keys_are_those_of_the_schema() -> None:
    schema = document_schema()
    _, entries = schema["$defs"]["layer"]["anyOf"]
    macros = {name: entry for name, entry in entries["properties"].items() if name not in ADDRESSES}
    assert sorted(macros) == sorted(GROUPS.constructs)
    for name, entry in macros.items():
        body = entry["anyOf"][0] if "anyOf" in entry else entry
        own = {key: part["description"] for key, part in body["properties"].items() if key not in LAYER_KEYS}
        assert own == CONSTRUCTS[name].keys, name
        assert body["description"] == CONSTRUCTS[name].summary
    parts = schema["properties"]
    assert {name: part["description"] for name, part in parts.items()} == {
        name: documented(name).summary for name in KEYS
    }
    assert {*parts["blocks"]["additionalProperties"]["properties"]} == {*CONSTRUCTS["blocks"].keys}
    assert {*CONSTRUCTS["variants"].keys} <= {*VARIANT_KEYS}


def params_of_block(name: str) -> dict[str, str]:
    """The params of the block that a description is named after, and their defaults as they are written."""
    document = yaml.safe_load(collection.find(name).span.source.text)
    params: dict[str, str] = document["blocks"][name.partition("/")[2]]["params"]
    return params


def test_blocks_are_those_that_come_with_the_package() -> None:
    assert sorted(BLOCKS.constructs) == sorted(collection.blocks())
    for name, construct in BLOCKS.constructs.items():
        # a param that holds a size that flows in is no choice
        chosen = [key for key, default in params_of_block(name).items() if default not in INPUT_NAMES]
        assert [*construct.keys] == chosen, name


def test_functions_are_those_of_expressions() -> None:
    told = " ".join(CONSTRUCTS["expressions"].keys)
    assert [name for name in FUNCTIONS if not re.search(rf"\b{name}\b", told)] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CONSTRUCTS)
def test_a_construct_on_the_screen(name: str, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    construct, file = CONSTRUCTS[name], StringIO()
    with use_language(language):
        show_construct(console(file), name, construct)
        screen = "".join(file.getvalue().split())
        for text in (construct.summary, construct.details, *construct.keys.values()):
            assert isinstance(text, Phrase)
            assert "".join(f"{text}".split()) in screen
    assert all(f"  {line}\n" in file.getvalue() for line in construct.example.splitlines())
    assert all(key in file.getvalue() for key in construct.keys)


@pytest.mark.parametrize(("name", "shown"), [("residual", "shortcut"), ("year", "accuracy"), ("in_size", "extents")])
def test_the_command_finds_a_construct(name: str, shown: str) -> None:
    done = cnncalc("layers", name)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"{name}  ")
    assert shown in done.out


def test_the_list_has_all_of_them() -> None:
    done = cnncalc("layers")
    words = done.out.split()
    assert [name for name in (*ADDRESSES, *names()) if name not in words] == []
    assert all(section.title in done.out for section in SECTIONS)


@pytest.mark.parametrize(("word", "meant"), [("residul", "residual"), ("varients", "variants"), ("conv2", "conv2d")])
def test_misspelled_names_are_answered_from_both(word: str, meant: str) -> None:
    done = cnncalc("layers", word)
    assert done.code == 2
    assert f"did you mean `{meant}`?" in done.err


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_what_the_reference_says(language: str, pytestconfig: pytest.Config) -> None:
    path = ROOT / PAGES[language]
    if pytestconfig.getoption("--regenerate-golden"):
        path.write_text(page(language), encoding="utf-8")
    assert path.read_text(encoding="utf-8") == page(language)
