"""The columns of a summary: the title of each, its text on a line, and its total."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from cnncalc.analysis.conventions.base import Convention, Number
from cnncalc.analysis.outline import Line
from cnncalc.analysis.quantities import NOT_KNOWN, Quantity, table_quantities
from cnncalc.analysis.reach import Reach
from cnncalc.analysis.report import LayerReport, Report
from cnncalc.core.errors import COMMAND_LINE, InputError, Source, Span
from cnncalc.core.kinds import Kind
from cnncalc.core.suggest import did_you_mean
from cnncalc.core.translation import Listed, Phrase, _, language, running_text, said


class Column(NamedTuple):
    """One column; the one with the highest `rank` is dropped first where room is short; `number` aligns it right.

    `quantity` is the one whose whole numbers it shows; where room is short, they are rounded.
    """

    key: str
    title: Phrase
    text: Callable[[Report, Line], str]
    total: Callable[[Report], str] | None = None
    number: bool = True
    rank: int = 0
    quantity: Quantity | None = None

    def heading(self, report: Report) -> str:
        """The title over the column, with the name of the convention where it is not the usual one."""
        quantity = self.quantity
        return f"{self.title if quantity is None else quantity.title_under(report.convention, self.title)}"

    def rank_in(self, report: Report) -> int:
        """The rank under the report's convention."""
        return self.rank if self.quantity is None else self.quantity.ranked_as(report.convention).rank


def with_separators(number: Number | None) -> str:
    """A number with thousands separators, a fraction with its denominator."""
    if number is None:
        return NOT_KNOWN
    return f"{number.numerator:,}" + ("" if number.denominator == 1 else f"/{number.denominator:,}")


def spell_pair(numbers: Sequence[object]) -> str:
    """Numbers per axis as text, one where all are equal; negative ones with a typographic minus."""
    texts = [str(number).replace("-", "−") for number in numbers]
    return texts[0] if len(set(texts)) == 1 else "×".join(texts)


def heading(name: str, inputs: str, report: Report) -> str:
    """The line above a report: the network, its input, the batch and the element type."""
    return said(
        "{name} · input {inputs} · batch {batch} · {dtype}",
        name=name,
        inputs=inputs,
        batch=report.batch,
        dtype=report.dtype.value,
    )


def legend(report: Report) -> str:
    """What is counted, and by which convention; what it does not know."""
    convention = report.convention
    counted = said("{summary} (convention: {name}).", summary=convention.summary_sentence, name=convention.name)
    unknown = convention.unknown(row for row in report.rows if row.knows_macs)
    sentences = [counted, *([said_unknown(convention, unknown)] if unknown else [])]
    paths = [row.path for row in report.rows if not row.knows_macs]
    return running_text([*sentences, *([said_not_given(paths)] if paths else [])])


def said_unknown(convention: Convention, types: Sequence[str], alike: Sequence[str] = ()) -> str:
    """The sentence on layers whose count is not known; `alike` names every convention that does not know them."""
    if convention.counts_nothing:
        return said("{name} counts no operations.", name=convention.name)
    return said(
        "{mark} is not known: of {name} there is no rule for {types}.",
        mark=NOT_KNOWN,
        name=Listed(alike or [convention.name], ","),
        types=Listed(types, ","),
    )


def said_not_given(paths: Sequence[str]) -> str:
    """The sentence on layers whose MACs are not given."""
    return said("{mark} is not known: the MACs of {layers} are not given.", mark=NOT_KNOWN, layers=some(paths))


MOST_NAMED = 5
"""Layers that are named in a sentence."""


def some(paths: Sequence[str]) -> Listed:
    """The names of layers, the first ones if they are many."""
    return Listed([*paths[:MOST_NAMED], *(["..."] if len(paths) > MOST_NAMED else [])], ",")


def total_text(report: Report, quantity: Quantity, text: Callable[[Number], str]) -> str:
    """A total as text; of MACs that are known in part, that part and a mark for the rest."""
    value = quantity.of_rows(report, report.rows)
    if quantity.key == "macs" and report.totals().status == "partial":
        return f"{text(report.totals().macs)} + {NOT_KNOWN}"
    return NOT_KNOWN if value is None else text(value)


def flops_sum(report: Report, row: LayerReport) -> str:
    """The sum behind the FLOPs of a row under the report's convention: `2 × MACs`."""
    terms = list(report.convention.terms(row))
    signs = [
        "" if place == 0 and one.number > 0 else " − " if one.number < 0 else " + " for place, one in enumerate(terms)
    ]
    sizes = [one.number if one.number > 0 else -one.number for one in terms]
    factors = ["" if size == 1 else f"{with_separators(size)} × " for size in sizes]
    return "".join(f"{sign}{factor}{one.basis.symbol}" for sign, factor, one in zip(signs, factors, terms, strict=True))


def spell_size(reach: Reach | None) -> str:
    """The receptive field's size; `all` for the whole input, and a range where units differ."""
    if reach is None:
        return "–"
    if not reach.windowed:
        return _("all")
    ranges = [axis.sizes for axis in reach.axes]
    return spell_pair([str(high) if low == high else f"{low}–{high}" for low, high in ranges])


def _field(line: Line, text: Callable[[Reach | None], str]) -> str:
    first, last = text(line.first[-1].reach), text(line.last[-1].reach)
    return first if first == last else f"{first}…{last}"


def _jump(reach: Reach | None) -> str:
    return "–" if reach is None or not reach.windowed else spell_pair([axis.jump for axis in reach.axes])


def _start(reach: Reach | None) -> str:
    return "–" if reach is None or not reach.windowed else spell_pair([axis.start for axis in reach.axes])


def describe(row: LayerReport) -> str:
    """A layer's type with its most telling options: `conv2d 3×3/2 g32`."""
    options = row.layer.__dict__
    operation = getattr(row.layer, "operation", "")
    words = [row.type, operation] if operation else [row.type]
    kernel = options.get("kernel_size")
    if kernel:
        stride = options.get("stride") or (kernel if row.kind is Kind.POOLING else None)
        strided = f"/{spell_pair(stride)}" if stride and set(stride) != {1} else ""
        words.append("×".join(map(str, kernel)) + strided)
    if options.get("dilation") and set(options["dilation"]) != {1}:
        words.append(f"d{spell_pair(options['dilation'])}")
    if options.get("groups", 1) > 1:
        words.append(f"g{options['groups']}")
    return " ".join(words)


def _label(report: Report, line: Line) -> str:
    times = f" ×{line.times}" if line.times > 1 else ""
    return "  " * line.depth + line.name + times


def _type(report: Report, line: Line) -> str:
    return "" if line.row is None else describe(line.row)


def _inputs(report: Report, line: Line) -> str:
    return line.first[0].inputs_text


def _column_of(quantity: Quantity) -> Column:
    return Column(
        quantity.key,
        quantity.title,
        lambda report, line: with_separators(quantity.of_rows(report, line.first)),
        lambda report: total_text(report, quantity, with_separators),
        rank=quantity.rank,
        quantity=quantity,
    )


def percent(part: Number, total: Number) -> str:
    """A share of a total; one that is not nothing never looks like it."""
    share = 100 * part / total
    return "<0.1 %" if part and share < 0.05 else f"{share:.1f} %"


def _share_column_of(quantity: Quantity) -> Column:
    @lru_cache(maxsize=1)
    def whole(report: Report) -> Number | None:
        """What every line is a share of, summed once for all of them."""
        return quantity.of_rows(report, report.rows)

    def text(report: Report, line: Line) -> str:
        total, part = whole(report), quantity.of_rows(report, line.first)
        return percent(part, total) if total and part is not None else "–"

    def total(report: Report) -> str:
        return "–" if whole(report) is None else "100 %"

    title = Phrase("{title} %", title=quantity.title)
    return Column(f"{quantity.key}%", title, text, total, rank=9)


def all_columns() -> dict[str, Column]:
    """Every column that `--columns` accepts, by key."""
    columns = (
        Column("layer", Phrase("Layer"), _label, lambda report: _("Total"), number=False),
        Column("type", Phrase("Type"), _type, number=False, rank=2),
        Column("input", Phrase("Input"), _inputs, number=False, rank=9),
        Column("output", Phrase("Output"), lambda report, line: line.output.shape_text(), number=False, rank=1),
        *map(_column_of, table_quantities()),
        Column("rf", Phrase("RF"), lambda report, line: _field(line, spell_size), rank=3),
        Column("jump", Phrase("Jump"), lambda report, line: _field(line, _jump), rank=10),
        Column("start", Phrase("Start"), lambda report, line: _field(line, _start), rank=9),
        *[_share_column_of(quantity) for quantity in table_quantities() if quantity.has_share],
    )
    return {column.key: column for column in columns}


DEFAULT = ("layer", "type", "output", "params", "macs", "flops", "memory", "rf")


def choose_columns(names: str | None) -> list[Column]:
    """The columns of a comma-separated list, by default `DEFAULT`.

    Errors:  unknown-column
    """
    columns = all_columns()
    if names is None:
        return [columns[key] for key in DEFAULT]
    titles = {key: column.title for key, column in columns.items()}
    return [columns[key] for key in dict.fromkeys(("layer", *keys_of(names, titles)))]


def known_columns(titles: Mapping[str, Phrase]) -> Listed:
    """The keys of columns as they are listed for somebody, with their titles where these are in another language."""
    return Listed(titles if language() == "en" else (f"{key}（{title}）" for key, title in titles.items()), ",")


def keys_of(names: str, titles: Mapping[str, Phrase]) -> list[str]:
    """The keys in a comma-separated list of keys or titles, each once.

    Errors:  unknown-column
    """
    by_title = {f"{title}".lower(): key for key, title in titles.items()}
    typed = [name.strip().lower() for name in names.split(",") if name.strip()]
    keys = [name if name in titles else by_title.get(name, name) for name in typed]
    for key in keys:
        if key not in titles:
            written = f"--columns {names}"
            start = written.lower().find(key, 10)
            raise InputError.of(
                "unknown-column",
                "there is no column `{name}`",
                Span(Source(COMMAND_LINE, written), 1, start + 1, start + 1 + len(key)),
                help=did_you_mean(key, titles, "columns are {known}"),
                name=key,
                known=known_columns(titles),
            )
    if not keys:
        raise InputError.of(
            "unknown-column", "--columns names no column", help="columns are {known}", known=known_columns(titles)
        )
    return list(dict.fromkeys(keys))
