"""Libraries of blocks: those of a description, and those that it imports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cnncalc.language.text.document import Mapping, Value
from cnncalc.language.text.values import Names


class Library(NamedTuple):
    """The blocks of one description, with the params in scope of their expressions; the `main` one has its name."""

    main: str
    blocks: Mapping | None
    params: Names
    imports: dict[str, Library]

    def find(self, name: str) -> tuple[Library, Value] | None:
        """The block of this name, and its library.

        `resnet.trunk` is a block of the description imported as resnet, and `cbam` the main one of that imported so.
        """
        if self.blocks and name in self.blocks.values:
            return self, self.blocks.values[name]
        prefix, _, rest = name.partition(".")
        imported = self.imports.get(prefix)
        return imported.find(rest or imported.main) if imported and not name.endswith(".") else None

    def names(self) -> Iterator[str]:
        """All names that `find` knows."""
        yield from self.blocks.keys if self.blocks else ()
        for prefix, imported in self.imports.items():
            yield from (prefix if name == imported.main else f"{prefix}.{name}" for name in imported.names())
