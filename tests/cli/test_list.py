"""`cnncalc list`: every network once, under its family, with figures that are those of the frameworks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cnncalc.core.errors import InputError
from cnncalc.core.text import columns
from cnncalc.language import collection
from tests.support.command import cnncalc

HEAD = 2  # lines of the table's own head


def families(screen: str) -> dict[str, list[str]]:
    """The names on a screen, by the heading that they stand under."""
    found: dict[str, list[str]] = {}
    for line in screen.partition("\n\n")[0].splitlines()[HEAD:]:
        if line.startswith("  "):
            found[next(reversed(found))].append(line.split()[0])
        else:
            found[line] = []
    return found


def test_every_network_stands_once_under_its_family() -> None:
    listed = families(cnncalc("list").out)
    assert list(listed.values()) == list(collection.families().values())
    assert listed[
        "VGG · Simonyan & Zisserman, Very deep convolutional networks for large-scale image recognition, "
        "arXiv:1409.1556"
    ][:4] == ["vgg11", "vgg13", "vgg16", "vgg19"]


@pytest.mark.parametrize("arguments", ["list", "list --figures"])
def test_nothing_is_wider_than_the_screen(arguments: str) -> None:
    screen = cnncalc(*arguments.split(), env={"COLUMNS": "80"}).out
    assert max(map(columns, screen.splitlines())) <= 80


def test_figures_are_computed_on_demand() -> None:
    assert "Params" not in cnncalc("list").out
    (row,) = (line for line in cnncalc("list", "--figures").out.splitlines() if line.startswith("  vgg16 "))
    assert "138.36 M" in row  # torchvision 0.28, VGG16_Weights: num_params 138357544, 15.47 GMACs
    assert "15.47 G" in row


def test_json() -> None:
    plain = {network["name"]: network for network in json.loads(cnncalc("list", "--format", "json").out)}
    assert list(plain) == collection.names()
    resnet = plain["resnet50"]
    assert (resnet["family"], resnet["title"], resnet["year"]) == ("resnet", "ResNet-50", 2015)
    assert resnet["accuracy"]["top1"] == 80.858
    assert "params" not in resnet
    computed = {each["name"]: each for each in json.loads(cnncalc("list", "--format", "json", "--figures").out)}
    assert computed["resnet50"]["params"] == 25_557_032  # torchvision 0.26 definitions under torch 2.11
    assert computed["resnet50"]["macs"] == 4_089_184_256


def test_an_installation_without_the_collection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collection, "__file__", str(tmp_path / "site-packages/cnncalc/language/collection.py"))
    collection.folder.cache_clear()
    try:
        for asked in (collection.names, collection.entries, lambda: collection.find("vgg16")):
            with pytest.raises(InputError) as caught:
                asked()
            assert caught.value.diagnostics[0].code == "no-collection"
            assert f"built-in networks are missing beside {tmp_path}/site-packages/cnncalc\n" in str(caught.value)
            assert "help: install cnncalc again" in str(caught.value)
    finally:
        collection.folder.cache_clear()
