"""The built-in architectures and the blocks they share: their names and descriptions."""

from __future__ import annotations

import re
from functools import cache
from os.path import isfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cnncalc.core.errors import InputError, Source, Span
from cnncalc.core.graph import Metadata
from cnncalc.core.suggest import did_you_mean
from cnncalc.core.translation import Listed, Phrase

if TYPE_CHECKING:
    from cnncalc.language.text.document import Mapping, Value


@cache
def folder() -> Path:
    """The folder of the descriptions: inside the installed package, or at the top of a source checkout.

    Errors:  no-collection
    """
    package = Path(__file__).parents[1]
    for place in (package / "architectures", package.parents[1] / "architectures"):
        if place.is_dir():
            return place
    raise InputError.of(
        "no-collection",
        "the descriptions of the built-in networks are missing beside {package}",
        help="install cnncalc again with pip, or run it from a complete checkout",
        package=package,
    )


def source(path: Path) -> Source:
    """A built-in description, under a short name."""
    return Source(f"architectures/{path.relative_to(folder()).as_posix()}", path.read_text(encoding="utf-8"))


@cache
def document(path: Path) -> Value:
    """A built-in description, parsed once."""
    from cnncalc.language.text.document import parse  # names alone need no parser

    return parse(source(path))


def families() -> dict[str, list[str]]:
    """The built-in names by the stem of the file that describes them, whose text is read without parsing it."""
    return {path.stem: _written_names(source(path).text) or [path.stem] for path in sorted(folder().glob("*.yaml"))}


def _written_names(text: str) -> list[str]:
    """The names at the first level below `variants`."""
    found = re.search(r"^variants:\n((?:(?: .*|#.*)?\n)+)", text, re.MULTILINE)
    return re.findall(r"^  (\w+):", found[1], re.MULTILINE) if found else []


def names() -> list[str]:
    """All built-in names, family by family."""
    return [name for members in families().values() for name in members]


def blocks() -> dict[str, Path]:
    """The descriptions of blocks that others import, by their names: `blocks/cbam`."""
    return {f"blocks/{path.stem}": path for path in sorted((folder() / "blocks").glob("*.yaml"))}


class Entry(NamedTuple):
    """One network of the collection; `heading` and `paper` are those of its whole family."""

    name: str
    family: str
    heading: str
    paper: str
    metadata: Metadata


def entries(asked: str | None = None, span: Span | None = None) -> list[Entry]:
    """The built-in architectures with their metadata, family by family: all, or those that are asked for.

    Errors:  unknown-architecture
    """
    from cnncalc.language.description import description_and_variant, metadata_of

    found = []
    for stem, members in (families() if asked is None else _asked(asked, span)).items():
        whole = document(folder() / f"{stem}.yaml")
        for name in members:
            described, chosen = description_and_variant(whole, name)
            family = metadata_of(described, None)
            found.append(Entry(name, stem, family.title, family.paper, metadata_of(described, chosen)))
    return found


def _asked(word: str, span: Span | None) -> dict[str, list[str]]:
    """The members by family that a word names: those of a family, a network, or all that begin so.

    Errors:  unknown-architecture
    """
    known, wanted = families(), _plain(word)
    if wanted in known:
        return {wanted: known[wanted]}
    for family, members in known.items():
        if wanted in members:
            return {family: [wanted]}
    begun = {
        family: members if family.startswith(wanted) else [name for name in members if name.startswith(wanted)]
        for family, members in known.items()
    }
    if wanted and any(begun.values()):
        return {family: members for family, members in begun.items() if members}
    raise InputError.of(
        "unknown-architecture",
        "there is no built-in network or family `{name}`",
        span,
        help=did_you_mean(wanted, dict.fromkeys([*known, *names()]), "`cnncalc list` alone shows them all"),
        name=word[:200],
    )


def find(name: str) -> Mapping:
    """The description of a built-in name.

    Errors:  unknown-architecture
    """
    from cnncalc.language.text.document import Mapping

    if "/" in name and name in blocks():
        block = document(blocks()[name])
        assert isinstance(block, Mapping)
        return block
    own = folder() / f"{name}.yaml"
    likely = [own] if own.name == f"{name}.yaml" and isfile(own) else []
    for path in (*likely, *sorted(folder().glob("*.yaml"))):
        # Reading is cheap and parsing is not: only the file of that name, or one with such a variant, is parsed.
        if path == own or f"\n  {name}:" in source(path).text:
            found = document(path)
            if isinstance(found, Mapping) and name in _described_names(found):
                return found
    raise InputError.of(
        "unknown-architecture",
        "there is no built-in architecture `{name}`",
        help=_one_of_family(name) or _meant(name),
        name=name[:200],
    )


def _meant(name: str) -> str:
    """The remedy for a name that no built-in network has."""
    from cnncalc.language.files import nearby_descriptions

    if (file := nearby_descriptions(name).get(Path(name).name)) is not None:
        return Phrase("did you mean `{meant}`?", meant=file)
    known, parts = names(), re.split("[,+;&]", name)
    if len(parts) > 1 and all(part in known for part in parts):
        return Phrase("write them apart: `{names}`", names=" ".join(parts))
    return did_you_mean(name, [*known, *blocks()], "`cnncalc list` shows them; a file needs its ending, .yaml or .py")


MOST_MEMBERS = 12
"""Networks of a family that are named in a remedy."""


def is_family(name: str) -> bool:
    """Whether several networks of the collection go by this name together."""
    return len(families().get(_plain(name), ())) > 1


def _one_of_family(name: str) -> str:
    """The remedy for the name of a family where a network is asked for; nothing for any other name."""
    if not is_family(name):
        return ""
    members = families()[_plain(name)][:MOST_MEMBERS]
    return Phrase("this is a family: write one of {members}", members=Listed(members, ","))


def _plain(name: str) -> str:
    return name.lower().replace("-", "_")


def _described_names(document: Value) -> list[str]:
    """The names in one description: its variants, or its own."""
    from cnncalc.language.text.document import Mapping

    variants = document.values.get("variants") if isinstance(document, Mapping) else None
    if isinstance(variants, Mapping):
        return list(variants.keys)
    return [Path(document.span.source.name).stem]
