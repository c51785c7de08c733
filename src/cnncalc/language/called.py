"""Remedies of options in the notation of a call from Python."""

from __future__ import annotations

from cnncalc.core.errors import Diagnostic, InputError
from cnncalc.core.translation import Phrase
from cnncalc.language.options import WRITE_OPTION, WRITE_VALUE, example_of
from cnncalc.layers.catalogue import ADDRESSES, resolve

WORDS = {"true": "True", "false": "False", "null": "None"}
"""Values of descriptions that Python spells otherwise."""


def as_called(error: InputError, type: str) -> InputError:
    """The error of a layer's options with remedies as a call has them: `stride=2`, and not `stride: 2`."""
    return InputError(_replaced(one, type) for one in error.diagnostics)


def _replaced(one: Diagnostic, type: str) -> Diagnostic:
    if one.help in (WRITE_OPTION, WRITE_VALUE):
        name = str(one.facts["name"])
        value = str(one.facts["example"]) if one.help == WRITE_VALUE else example_of(resolve(type), name)
        return one._replace(help=Phrase("write `{name}={example}`", name=name, example=WORDS.get(value, value)))
    kind = one.help.facts.get("kind") if isinstance(one.help, Phrase) else None
    if one.code == "unknown-option" and kind in ADDRESSES:  # an activation
        return one._replace(help=Phrase("leave it out, and write `net.{kind}()` below it", kind=kind))
    return one
