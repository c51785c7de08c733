"""Names of layers: what can be one, and which are in use at a level of the hierarchy."""

from __future__ import annotations

import re

from cnncalc.core.errors import Fault

LONGEST_PATH = 300
"""Characters of a full path."""

MOST_LEVELS = 60
"""Levels of the hierarchy: a table has a line per level, and names are looked up on every level."""

LONGEST_ALIAS = 80
"""Characters of an alias."""

WHOLE = "total"
"""The name of the whole network in questions, which no layer may have as an alias."""

_NAME = re.compile(r"[^\W.][\w+-]*(\.[\w+-]+)*\Z")

PREVIOUS = "previous"
"""The name in `from` for the output of the preceding layer."""


class Scope:
    """One level of the hierarchy: its prefix, and the names in use.

    An indexed scope numbers layers without a name, as torch's Sequential does; otherwise their type becomes the name.
    `turns` are the current rounds of unnamed repeats at this level; names given in them end with the rounds. `block` is
    the path of the enclosing block: aliases given in a block begin with it, since a block may be used more than once.
    """

    def __init__(self, prefix: str, indexed: bool, block: str = "") -> None:
        self.prefix = prefix
        self.block = block
        self.indexed = indexed
        self.count = 0
        self.taken: dict[str, int] = {}
        self.turns: list[int] = []

    def path(self, name: str) -> str:
        """The path of a name at this level."""
        return f"{self.prefix}.{name}" if self.prefix else name

    def choose(self, given: str | None, default: str) -> str:
        """The name of the next layer or group at this level, which is in use from now on.

        Errors:  duplicate-name, bad-name
        """
        index = self.count
        self.count += 1
        if given is not None:
            name = given
        elif self.indexed:
            name = str(index)
        else:
            name = default
            while name in self.taken:
                self.taken[default] += 1
                name = f"{default}_{self.taken[default]}"
        self.check(name)
        self.taken.setdefault(name, 1)
        return name

    def check(self, name: str) -> None:
        """Require that a layer or group at this level can have this name.

        Errors:  duplicate-name, bad-name
        """
        if name in self.taken:
            raise Fault(
                "duplicate-name",
                "`{path}` already names another layer",
                option="name",
                help="give every layer here its own name",
                path=self.path(name),
            )
        if len(self.prefix) + len(name) > LONGEST_PATH:
            raise Fault(
                "bad-name",
                "with the levels around it, this name has more than {most} characters",
                option="name",
                help="use shorter names, or fewer levels",
                most=LONGEST_PATH,
            )
        if self.path(name).count(".") >= MOST_LEVELS:
            raise Fault(
                "bad-name",
                "this name has more than {most} levels; a dot begins one",
                option="name",
                help="use fewer levels",
                most=MOST_LEVELS,
            )


def check_alias(alias: str) -> None:
    """Require that a text can be an alias.

    Errors:  bad-alias
    """
    if alias == WHOLE:
        raise Fault(
            "bad-alias", "`{alias}` means the whole network", option="alias", help="use another one", alias=alias
        )
    if not 0 < len(alias) <= LONGEST_ALIAS or not alias.isprintable() or any(sign in alias for sign in "=<>"):
        raise Fault(
            "bad-alias",
            "`{alias}` cannot be an alias",
            option="alias",
            help="use up to {most} characters, none of them `=`, `<` or `>`",
            alias=alias[:LONGEST_ALIAS],
            most=LONGEST_ALIAS,
        )


def check_name(name: str) -> None:
    """Require that a text can name a layer.

    Errors:  bad-name
    """
    if not _NAME.match(name) or name == PREVIOUS:
        raise Fault(
            "bad-name",
            "`{name}` cannot name a layer",
            option="name",
            help="use letters, digits, _, + and -; a dot makes a level of the hierarchy",
            name=name[:80],
        )
