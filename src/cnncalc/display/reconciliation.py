"""`cnncalc reconcile` and `cnncalc conventions` on a screen."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.text import Text

from cnncalc.analysis.conventions.base import ANY, UNKNOWN, Convention, Rule, Unit, Unless
from cnncalc.analysis.quantities import NOT_KNOWN
from cnncalc.analysis.reconcile import Difference, Side, closing_sentences, equation_parts
from cnncalc.analysis.table import with_separators
from cnncalc.core.breaking import wrapped_lines
from cnncalc.core.text import columns as width_of
from cnncalc.core.translation import Phrase, _, running_text, said
from cnncalc.display.ledger import LedgerColumn, compose, fitting_columns
from cnncalc.display.screen import PROSE_WIDTH, one_line
from cnncalc.display.units import count, size

INDENT = "  "


def show(
    console: Console, title: str, sides: Sequence[Side], differences: Sequence[Difference], found: Sequence[str] = ()
) -> None:
    """Print the totals side by side, what answers a claim, and every difference as a sum."""
    console.print(one_line(title, "bold"), end="\n\n")
    columns = [
        LedgerColumn(_("Convention"), [side.convention.name for side in sides], number=False),
        LedgerColumn(_("Counts"), [f"{side.convention.counted}" for side in sides], number=False, rank=3),
        LedgerColumn(_("Total"), [total_text(side) for side in sides]),
        LedgerColumn("", [_short(side) for side in sides], rank=2),
    ]
    if any(side.params is not None for side in sides):
        params = ["–" if side.params is None else f"{side.params:,}" for side in sides]
        columns.append(LedgerColumn(_("Params"), params, rank=1))
    kept = fitting_columns([one.width for one in columns], [one.rank for one in columns], console.width)
    console.print(compose([columns[place] for place in kept], [""] * len(sides), console.width))
    for sentence in found:
        console.print(one_line(sentence, "bold"), width=min(console.width, PROSE_WIDTH))
    sums = [one for one in differences if one.summands]
    if found and sums:
        console.print()
    for one in sums:
        console.print(Text("\n".join(_wrapped(equation_parts(one), console.width))), soft_wrap=True)
    sentences = closing_sentences(sides, differences)
    if found or sums:
        console.print()
    console.print(Text(running_text(sentences), "dim"), width=min(console.width, PROSE_WIDTH))


def total_text(side: Side) -> str:
    """A total, or the mark for one that is not known."""
    return NOT_KNOWN if side.total is None else with_separators(side.total)


def _short(side: Side) -> str:
    if side.total is None:
        return ""
    return size(int(side.total)) if side.convention.unit is Unit.BYTE else count(int(side.total))


def _wrapped(parts: Sequence[str], room: int) -> list[str]:
    """An equation, broken between its terms."""
    lines, line = [], parts[0]
    for part in parts[1:]:
        if width_of(f"{line} {part}") > room:
            lines.append(line)
            line = f"{INDENT}{part}"
        else:
            line = f"{line} {part}"
    return [*lines, line]


def show_conventions(console: Console, conventions: Sequence[Convention], memory: Sequence[Convention]) -> None:
    """Print every convention with its tool and what it counts."""
    for title, ones in ((_("Operations and parameters"), conventions), (_("Memory of activations"), memory)):
        console.print(Text(title, "bold"))
        width = max(width_of(one.name) for one in ones)
        for one in ones:
            facts = " · ".join(part for part in (f"{one.counted}", one.tool, one.version) if part != "–")
            _print_fact(console, INDENT + one.name, facts, len(INDENT) + width + 2, "cyan")
        console.print()
    closing = (
        _("`cnncalc conventions NAME` shows the rules of one."),
        _("`cnncalc reconcile ARCH` shows a network under all of them, and `--convention NAME` any table under one."),
    )
    console.print(Text(running_text(closing), "dim"), width=min(console.width, PROSE_WIDTH))


def show_convention(console: Console, convention: Convention) -> None:
    """Print the rules of one convention, and how it departs from them."""
    console.print(Text.assemble((convention.name, "bold cyan"), f"  {convention.tool} {convention.version}"))
    facts = [
        (_("Counts"), f"{convention.counted}"),
        (_("Rules"), f"{convention.summary}"),
        (_("Source"), convention.source),
    ]
    margin = max(width_of(title) for title, _fact in facts) + 2
    for title, fact in facts:
        _print_fact(console, title, fact, margin)
    console.print()
    for rule, kinds in _rule_lines(convention):
        console.print(Text(rule, "bold"))
        _print_fact(console, "", kinds, 4)
    if convention.quirks:
        console.print()
    for quirk in convention.quirks:
        _print_fact(console, "·", f"{quirk}", 2)


def _print_fact(console: Console, title: str, fact: str, margin: int, style: str = "bold") -> None:
    lines = wrapped_lines(fact, min(console.width, PROSE_WIDTH) - margin)
    pad = " " * (margin - width_of(title))
    console.print(Text(f"{title}{pad}", style).append(Text(("\n" + " " * margin).join(lines), "default")))


def _rule_lines(convention: Convention) -> list[tuple[str, str]]:
    """Each rule in words, with the layers that it is for; the last is for all others."""
    rest = convention.rates.get(ANY, ())
    lines = _alike({kind: rule for kind, rule in convention.rates.items() if rule_text(rule) != rule_text(rest)})
    if convention.functions is not None:
        own = {
            kind: rule
            for kind, rule in convention.functions.items()
            if kind != ANY and rule_text(rule) != rule_text(convention.rates.get(kind, rest))
        }
        lines += [(rule, said("{kinds}, as functions", kinds=kinds)) for rule, kinds in _alike(own)]
        if not set(convention.rates) <= set(convention.functions):
            others = _("other layers that are called as functions (`functional: true`)")
            lines.append((rule_text(convention.functions.get(ANY, ())), others))
    return [*lines, (rule_text(rest), _("every other layer") if lines else _("every layer"))]


def _alike(rules: Mapping[str, Rule]) -> list[tuple[str, str]]:
    """The layers that have the same rule, by its words; those over one, two and three axes in one word."""
    alike: dict[str, list[str]] = {}
    for kind, rule in rules.items():
        if kind != ANY:
            alike.setdefault(rule_text(rule), []).append(re.sub(r"\dd$", "", kind))
    return [(rule, ", ".join(dict.fromkeys(kinds))) for rule, kinds in alike.items()]


def rule_text(rule: Rule) -> str:
    """A rule in words: `2 × values read + outputs with a bias`."""
    if isinstance(rule, Unless):
        rule = rule.rates
    if rule is UNKNOWN:
        return _("not known")
    if callable(rule):
        return _("by its options")
    assert isinstance(rule, tuple)
    if not rule:
        return _("not counted")
    parts = []
    for rate in rule:
        if callable(rate.number):
            words = f"{rate.words or Phrase('a number of its options and sizes')}"
            factor = "" if words == "1" else f"{words} × "
        else:
            factor = "" if rate.number == 1 else f"{with_separators(rate.number).replace('-', '−')} × "
        parts.append(f"{factor}{rate.basis.symbol}")
    return " + ".join(parts).replace("+ −", "− ")
