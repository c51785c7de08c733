"""Builds the gettext catalogues that a wheel holds from the texts that translators edit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

LOCALE = Path("src/cnncalc/locale")


class Catalogues(BuildHookInterface[Any]):
    """Run by hatchling before it packs anything."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile every catalogue, beside its source."""
        for source in (Path(self.root) / LOCALE).rglob("*.po"):
            with source.open("rb") as text, source.with_suffix(".mo").open("wb") as compiled:
                write_mo(compiled, read_po(text))
