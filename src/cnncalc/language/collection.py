"""The built-in architectures: which there are, and where each is described."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

from cnncalc.core.errors import InputError, Source
from cnncalc.core.suggest import did_you_mean
from cnncalc.language.document import Mapping, Scalar, Value, parse


@cache
def folder() -> Path:
    """Where the descriptions lie: inside the installed package, or at the top of a source checkout."""
    installed = Path(__file__).parents[1] / "architectures"
    return installed if installed.is_dir() else Path(__file__).parents[3] / "architectures"


def source(path: Path) -> Source:
    """A built-in description under a short name of its own."""
    return Source(f"architectures/{path.name}", path.read_text(encoding="utf-8"))


def families() -> dict[str, list[str]]:
    """Every built-in name, by the file that describes it."""
    return {path.stem: _described(source(path)) for path in sorted(folder().glob("*.yaml"))}


def names() -> list[str]:
    """Every built-in name, family by family."""
    return [name for members in families().values() for name in members]


class Entry(NamedTuple):
    """One line of the collection."""

    name: str
    family: str
    title: str
    year: str
    paper: str


def entries() -> list[Entry]:
    """Every built-in architecture with what its description says about it."""
    found = []
    for path in sorted(folder().glob("*.yaml")):
        document = parse(source(path))
        if not isinstance(document, Mapping):
            continue
        variants = document.values.get("variants")
        members = variants.values.items() if isinstance(variants, Mapping) else [(path.stem, document)]
        for name, own in members:
            said = [_said(own, key) or _said(document, key) for key in ("title", "year", "paper")]
            found.append(Entry(name, path.stem, *said))
    return found


def _said(value: Value, key: str) -> str:
    text = value.values.get(key) if isinstance(value, Mapping) else None
    return text.text if isinstance(text, Scalar) else ""


def find(name: str) -> Source:
    """The description that a built-in name stands in.

    Errors:  unknown-architecture
    """
    own = folder() / f"{name}.yaml"
    likely = [own] if own.name == f"{name}.yaml" and own.is_file() else []
    for path in (*likely, *sorted(folder().glob("*.yaml"))):
        text = source(path)
        # Reading is cheap and parsing is not: only a file that spells the name is looked into.
        if name in text.text and name in _described(text):
            return text
    raise InputError.of(
        "unknown-architecture",
        "there is no built-in architecture `{name}`",
        help=did_you_mean(name, names(), "`cnncalc list` shows them; a file needs its ending, .yaml or .py"),
        name=name[:200],
    )


def _described(text: Source) -> list[str]:
    """The names that one description answers to: its variants, or its own."""
    document = parse(text)
    if not isinstance(document, Mapping):
        return []
    variants = document.values.get("variants")
    if isinstance(variants, Mapping):
        return list(variants.keys)
    return [Path(text.name).stem]
