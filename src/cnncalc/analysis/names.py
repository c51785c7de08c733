"""Layers by name: their path, their alias from a paper or a lecture, or their position."""

from __future__ import annotations

from functools import cached_property
from itertools import chain

from cnncalc.analysis.positions import of_kind, position
from cnncalc.analysis.report import LayerReport, Report
from cnncalc.core.errors import InputError, Span
from cnncalc.core.suggest import did_you_mean


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
        """The layers of a name: those of a group, or one; a layer goes before a group that has its name, too.

        Errors:  unknown-layer-name
        """
        own = self._by_path.get(self._path(name))
        return (own,) if own else self.group(name) or (self.layer(name, span),)

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
        found = of_kind(self.rows, said.kind)
        if not found:
            return None
        if not 0 < abs(said.number) <= len(found):
            raise InputError.of(
                "unknown-layer-name",
                "there is no `{name}`: the network has {count:,} of the kind",
                span,
                help="the last one is `{last}`",
                name=name,
                count=len(found),
                last=found[-1].path,
            )
        return found[said.number - (said.number > 0)]
