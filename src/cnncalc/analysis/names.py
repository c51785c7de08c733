"""Layers by name: their path, their alias from a paper or a lecture, or their position."""

from __future__ import annotations

import re
from functools import cached_property
from itertools import chain

from cnncalc.analysis.report import LayerReport, Report
from cnncalc.core.errors import InputError, Span
from cnncalc.core.kinds import Kind
from cnncalc.core.suggest import did_you_mean

LONGEST_NAME = 400
"""Most characters of a name that are read."""


def find_layer(report: Report, name: str, span: Span | None = None) -> LayerReport:
    """The layer of a path (`features.0`), an alias (`conv1_1`) or a position (`3rd conv2d`); capitals do not matter.

    Errors:  unknown-layer-name
    """
    return Directory(report).layer(name, span)


class Directory:
    """The names of all layers and groups of a network; built once where many names are looked up."""

    def __init__(self, report: Report) -> None:
        self.graph = report.graph
        self.rows = report.rows
        self._by_path = report.by_path

    def layer(self, name: str, span: Span | None = None, *, suggest: bool = True) -> LayerReport:
        """The layer of a name.

        Errors:  unknown-layer-name
        """
        path = self._path(name)
        if path in self._by_path:
            return self._by_path[path]
        found = self._layer_at(name, span)
        if found is not None:
            return found
        inside = self.group(name)
        raise InputError.of(
            "unknown-layer-name",
            "the network has no layer `{name}`",
            span,
            help="that is a group of layers: its last one is `{last}`" if inside else self._suggestion(name, suggest),
            name=name,
            last=inside[-1].path if inside else "",
            network=self.graph.name,
        )

    def group(self, name: str) -> tuple[LayerReport, ...]:
        """The layers of a group, in order; none where no group has the name."""
        prefix = f"{self._path(name)}."
        return self._groups.get(prefix, ())

    def rows_of(self, name: str, span: Span | None = None) -> tuple[LayerReport, ...]:
        """The layers of a name: those of a group, or one.

        Errors:  unknown-layer-name
        """
        return self.group(name) or (self.layer(name, span),)

    def label(self, path: str) -> str:
        """The alias with the path after it, or the path alone: `fc6 (classifier.0)`."""
        short = self.short_name(path)
        return path if short == path else f"{short} ({path})"

    def short_name(self, path: str) -> str:
        """The alias of a layer, or its path where it has none."""
        return self._aliases.get(path, path)

    @cached_property
    def _aliases(self) -> dict[str, str]:
        return {path: alias for alias, path in self.graph.aliases.items()}

    def _path(self, name: str) -> str:
        """The path of a name; the name itself where nothing has it."""
        if name in self._by_path or f"{name}." in self._groups:
            return name
        return self.graph.aliases.get(name) or self._by_lower_case.get(name.lower(), name)

    def _suggestion(self, name: str, suggest: bool) -> str:
        otherwise = "`cnncalc summarize` with `--flat` lists the layers"
        return did_you_mean(name, (*self._by_path, *self.graph.aliases), otherwise) if suggest else otherwise

    @cached_property
    def _by_lower_case(self) -> dict[str, str]:
        """Paths by their names and aliases in lower case; the first of several wins."""
        called: dict[str, str] = {}
        for name, path in chain(
            self.graph.aliases.items(),
            ((path, path) for path in self._by_path),
            ((prefix[:-1], prefix[:-1]) for prefix in self._groups),
        ):
            called.setdefault(name.lower(), path)
        return called

    @cached_property
    def _groups(self) -> dict[str, tuple[LayerReport, ...]]:
        """The layers below every level, by the level's path with a dot."""
        members: dict[str, list[LayerReport]] = {}
        for row in self.rows:
            path = row.path
            dot = path.find(".")
            while dot >= 0:
                members.setdefault(path[: dot + 1], []).append(row)
                dot = path.find(".", dot + 1)
        return {prefix: tuple(inside) for prefix, inside in members.items()}

    def _layer_at(self, name: str, span: Span | None) -> LayerReport | None:
        """The layer at a position; None where the name is no position."""
        said = position(name)
        if said is None:
            return None
        number, kind = said
        wanted = KIND_WORDS.get(kind)
        found = [row for row in self.rows if (row.kind is wanted if wanted else row.type == kind)]
        if not found:
            return None
        if number is None or not 0 < number <= len(found):
            if number is None:
                return found[-1]
            raise InputError.of(
                "unknown-layer-name",
                "there is no `{name}`: the network has {count:,} of the kind",
                span,
                help="the last one is `{last}`",
                name=name,
                count=len(found),
                last=found[-1].path,
            )
        return found[number - 1]


_WORDS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_CHINESE = "一二三四五六七八九十"
_POSITION = re.compile(
    rf"(?:(?P<ordinal>\d{{1,6}})(?:st|nd|rd|th)|(?P<word>{'|'.join(_WORDS)})|last) (?P<english>[a-z][\w -]*)"
    rf"|(?:第 ?(?:(?P<number>\d{{1,6}})|(?P<sign>[{_CHINESE}])) ?[个層层]|最后一?[个層层]) ?(?P<chinese>[\w -]+)"
)

KIND_WORDS: dict[str, Kind] = {
    **dict.fromkeys(
        ("conv", "convolution", "convolutional layer", "conv layer", "卷积", "卷积层"),
        Kind.CONVOLUTION,
    ),
    **dict.fromkeys(
        ("pool", "pooling", "pooling layer", "pool layer", "池化", "池化层", "汇聚", "汇聚层"),
        Kind.POOLING,
    ),
    **dict.fromkeys(
        ("fc", "dense", "fully connected", "fully connected layer", "fc layer", "linear layer", "全连接", "全连接层"),
        Kind.LINEAR,
    ),
}
"""Words for kinds of layers that are not the name of a layer type."""


def position(name: str) -> tuple[int | None, str] | None:
    """The number and the kind in `3rd conv2d`; None as number stands for the last one, None alone for no position."""
    found = _POSITION.fullmatch(" ".join(name[:LONGEST_NAME].lower().split()))
    if found is None:
        return None
    if found["ordinal"] or found["number"]:
        number: int | None = int(found["ordinal"] or found["number"])
    elif found["word"]:
        number = _WORDS.index(found["word"]) + 1
    else:
        number = _CHINESE.index(found["sign"]) + 1 if found["sign"] else None
    return number, (found["english"] or found["chinese"]).strip()
