"""The blocks that a description can use: its own, and those of the descriptions it imports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cnncalc.language.text.document import Mapping, Value
from cnncalc.language.text.values import Names


class Library(NamedTuple):
    """The blocks of one description, with the params that their expressions read."""

    blocks: Mapping | None
    params: Names
    imports: dict[str, Library]

    def find(self, name: str) -> tuple[Library, Value] | None:
        """A block of this name, and the library it belongs to; `resnet.trunk` is one of what is imported as resnet."""
        if self.blocks and name in self.blocks.values:
            return self, self.blocks.values[name]
        prefix, _, rest = name.partition(".")
        return self.imports[prefix].find(rest) if rest and prefix in self.imports else None

    def names(self) -> Iterator[str]:
        """Every block, as `find` knows it."""
        yield from self.blocks.keys if self.blocks else ()
        for prefix, imported in self.imports.items():
            yield from (f"{prefix}.{name}" for name in imported.names())
