"""`cnncalc list`: every network once, under its family, with figures that are those of the frameworks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cnncalc.core.errors import InputError
from cnncalc.core.text import columns
from cnncalc.language import collection
from tests.support.command import cnncalc, objects

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


@pytest.mark.parametrize(
    ("word", "names"),
    [
        ("vgg16", "vgg16"),
        ("nin", "nin nin_d2l nin_cifar10"),  # a family before the network of its name
        ("yolo", "yolo_v1 yolo_v3"),  # both families that begin so
        ("ResNeXt", "resnext50_32x4d resnext101_32x8d resnext101_64x4d"),  # networks inside of a family
        ("mobilenet-v2", "mobilenet_v2"),
    ],
)
def test_a_network_or_a_family(word: str, names: str) -> None:
    shown = families(cnncalc("list", word).out)
    assert [name for members in shown.values() for name in members] == names.split()
    assert [entry.name for entry in collection.entries(word)] == names.split()


@pytest.mark.parametrize(("word", "remedy"), [("vgg61", "vgg16"), ("rasnet", "resnet"), ("zzz", None), ("", None)])
def test_an_unknown_network_or_family(word: str, remedy: str | None) -> None:
    help = f"did you mean `{remedy}`?" if remedy else "`cnncalc list` alone shows them all"
    objects(cnncalc("list", word), "unknown-architecture", f"network or family `{word}`", "command line:1:1", help)


def test_columns() -> None:
    done = cnncalc("list", "vgg16", "--columns", "MACs,year")
    assert done.out.splitlines()[0].split() == ["Name", "MACs", "Year"]
    assert done.out.splitlines()[3].split() == ["vgg16", "15.47", "G", "2014"]
    assert "Accuracies" not in done.out
    with_figures = cnncalc("list", "vgg16", "--columns", "macs", "--figures").out
    assert with_figures.splitlines()[0].split() == ["Name", "MACs", "Params"]
    objects(cnncalc("list", "--columns", "yaer"), "unknown-column", "did you mean `year`?", "command line:1:11")
    objects(cnncalc("list", "--columns", "year", "--format", "json"), "usage", "JSON always has every fact")
