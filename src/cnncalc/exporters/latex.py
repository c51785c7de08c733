"""LaTeX documents: explanations, and the parts that tables share; long formulas are broken into lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, islice
from typing import NamedTuple

from cnncalc.core.notation import LATEX
from cnncalc.core.text import columns as columns_of
from cnncalc.core.text import printable_text
from cnncalc.core.translation import language, said
from cnncalc.explain.layer import Equation, Explanation, Table

Heading = Callable[[str], str]

FORMULA_WIDTH = 335.0
"""Largest width of a sum in points: it fits an article with LaTeX's default margins."""

TABLE_WIDTH = 450.0
"""Text width of our own document in points."""

NOT_IN_OT1 = frozenset("ÐÞðþĄąĐđĘęĦħĮįĸŉŊŋŦŧŲųſ")
"""Latin letters without a glyph in pdflatex's default font encoding."""


def explanation_latex(title: str, explanations: Sequence[Explanation], heading: Heading) -> str:
    """A complete document, with every sum aligned at its equals signs."""
    return document(title, [_section(one, heading) for one in explanations])


def document(title: str, parts: Sequence[str], *, paper: str = "") -> str:
    """A complete document of these parts, with a title; `paper` says how the page differs from A4."""
    body = "\n".join([f"\\section*{{\\raggedright {escape(title)}}}\n", *parts])
    letters = {sign for sign in body if not sign.isascii()}
    beyond = language() == "zh" or not all(map(_has_glyph, letters))  # layers may have Chinese names
    program, signs = ("xelatex", "[UTF8,scheme=plain]{ctex}") if beyond else ("pdflatex", "[utf8]{inputenc}")
    greek = any("\u0370" <= sign <= "\u04ff" for sign in letters)  # and Cyrillic, which the Chinese font has as well
    return "".join(
        (
            f"% {said('Compile this with {program}.', program=program)}\n",
            f"% !TeX program = {program}\n",
            "\\documentclass[a4paper]{article}\n",
            f"\\usepackage{signs}\n",
            '\\xeCJKDeclareCharClass{CJK}{"0370 -> "04FF}\n' if greek else "",
            f"\\usepackage[{paper}margin=25mm]{{geometry}}\n",
            "\\usepackage{amsmath,amssymb,array,longtable}\n",
            "\\setcounter{LTchunksize}{1000}\n",  # long tables need only one run
            "\\setlength{\\parindent}{0pt}\n",
            "\\setlength{\\jot}{5pt}\n",
            "\\allowdisplaybreaks\n",
            "\\begin{document}\n\\setlength{\\abovedisplayskip}{0pt}\n",  # every sum follows a title
            f"{body}\\end{{document}}\n",
        )
    )


def _has_glyph(letter: str) -> bool:
    return letter in "“”" or ("À" <= letter <= "ſ" and letter not in NOT_IN_OT1)


def _section(one: Explanation, heading: Heading) -> str:
    title = said("{quantity}: {result}", quantity=one.title or heading(one.quantity), result=one.result)
    parts = [f"\\subsection*{{\\raggedright {escape(title)}}}\n"]
    if one.equations:
        parts.append(_sums(one.equations))
    if one.table is not None:
        parts.append(table_text(one.table))
    parts.append(f"{escape(one.meaning)}\n")
    return "\n".join(parts)


# Running text

_SIGNS = {
    "\\": r"\textbackslash{}",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": "$<$",
    ">": "$>$",
    "|": "$|$",
    '"': "''",
    "×": r"$\times$",
    "·": r"$\cdot$",
    "−": "$-$",
    "–": r"\textendash{}",
    "…": r"\dots{}",
    "²": "$^2$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "≈": r"$\approx$",
    "√": r"$\surd$",
    "∝": r"$\propto$",
    "⌊": r"$\lfloor$",
    "⌋": r"$\rfloor$",
    "⌈": r"$\lceil$",
    "⌉": r"$\rceil$",
    "→": r"$\to$",
    "✓": r"$\checkmark$",
    "✗": r"$\times$",
}
_NEGATIVE = re.compile(r"(?<![\w.+)-])-(?=\d)")
_CODE = re.compile(r"`([^`]+)`")
_LONG_WORD = re.compile(r"[\w.+-]{16,}")


def escape(text: str) -> str:
    """Running text, escaped for LaTeX; text in backticks is set in typewriter."""
    pieces = _CODE.split(printable_text(text))
    return "".join(
        f"\\texttt{{{_plain_text(one)}}}" if place % 2 else _plain_text(one) for place, one in enumerate(pieces)
    )


def _plain_text(text: str) -> str:
    text = _LONG_WORD.sub(lambda found: re.sub(r"[._](?=\w)", "\\g<0>\0", found[0]), _NEGATIVE.sub("−", text))
    spelled = "".join(_SIGNS.get(sign, sign) for sign in text)
    return re.sub("-(?=-)", "-{}", spelled).replace("\0", r"\allowbreak{}")


# Tables


def table_text(table: Table, room: float = TABLE_WIDTH, scale: float = 1.0, *, total: bool = False) -> str:
    """A table; a long one may break across pages. `scale` is that of the font; the last row may be a `total`."""
    columns = list(zip(table.head, *table.rows, strict=True))
    layout = _layout(columns, table.numbers, room, scale)
    head, *rows = (_row(row) for row in (table.head, *table.rows))
    head += " \\\\\n\\hline\\noalign{\\smallskip}\n"
    body = [f"{row} \\\\\n" for row in rows]
    if total:
        body.insert(-1, "\\hline\\noalign{\\smallskip}\n")
    lines = "".join(body)
    if len(rows) <= ON_ONE_PAGE:
        return f"\\begin{{center}}\n\\begin{{tabular}}{{{layout}}}\n{head}{lines}\\end{{tabular}}\n\\end{{center}}\n"
    # rows that are not printed (\kill) give the head its column widths without a second run
    by_width = (sorted(cells, key=lambda cell: -sum(map(_letter, cell))) for cells in columns)
    widest = "".join(f"{_row(cells)} \\kill\n" for cells in islice(zip(*by_width, strict=True), 3))
    return f"\\begin{{longtable}}{{{layout}}}\n{widest}{head}\\endhead\n{lines}\\end{{longtable}}\n"


ON_ONE_PAGE = 20
"""Most rows of a table that is kept on one page."""


class Strong(str):
    """A cell in bold."""


def _row(cells: Sequence[str]) -> str:
    return " & ".join(map(_cell, cells))


def _cell(text: str) -> str:
    """A cell; two blanks before its text indent it by a quad."""
    shown = printable_text(text)
    inside = shown.lstrip(" ")
    indent = "\\quad{}" * ((len(shown) - len(inside)) // 2)
    return f"{indent}\\textbf{{{escape(inside)}}}" if isinstance(text, Strong) else f"{indent}{escape(inside)}"


def widths_of(columns: Sequence[Sequence[str]]) -> list[float]:
    """Approximate widths of columns in points, with what separates them."""
    return [5.3 * max(map(columns_of, cells)) + 12 for cells in columns]


def _layout(columns: Sequence[Sequence[str]], numbers: Sequence[bool], room: float, scale: float) -> str:
    """The column layout; where the page is too narrow, the widest column of text is wrapped in the rest."""
    layout = ["r" if number else "l" for number in numbers]
    widths = [scale * width for width in widths_of(columns)]
    texts = [place for place, number in enumerate(numbers) if not number]
    beyond = sum(widths) - room
    if beyond > 0 and texts:
        widest = max(texts, key=lambda place: widths[place])
        wrapped = max(widths[widest] - beyond, 80)
        layout[widest] = f">{{\\raggedright\\arraybackslash}}p{{{wrapped:.0f}pt}}"
    return "".join(layout)


# Sums


def _sums(lines: Sequence[Equation]) -> str:
    """Sums below each other, with aligned equals signs."""
    sides = [line.sides(LATEX) for line in lines]
    room = max(FORMULA_WIDTH - max(width_of(symbol) for symbol, *_rest in sides), FORMULA_WIDTH / 2)
    equations = " \\\\[1ex]\n".join(_equation(symbol, rest, room) for symbol, *rest in sides)
    return f"\\begin{{align*}}\n{equations}\n\\end{{align*}}\n"


def _equation(symbol: str, sides: Sequence[str], room: float) -> str:
    return f"{symbol} &= " + " \\\\\n &= ".join(" \\\\\n &\\quad{} ".join(lines_of(side, room)) for side in sides)


def lines_of(formula: str, room: float) -> list[str]:
    """The lines of a formula; all but the first begin with an operator, preferably an outer sum's."""
    atoms = [part for atom in _atoms(formula) for part in _split_atom(atom, room)]
    lines = []
    while sum(atom.width for atom in atoms) > room:
        ends = list(accumulate(atom.width for atom in atoms))
        places = [place for place, atom in enumerate(atoms) if place and atom.breaks < UNBROKEN]
        fitting = [place for place in places if ends[place - 1] <= room] or places[:1]
        if not fitting:
            break
        full = [place for place in fitting if ends[place - 1] > room / 8] or fitting[-1:]
        place = min(full, key=lambda place: (atoms[place].breaks, -place))
        lines.append(atoms[:place])
        atoms = atoms[place:]
    return ["".join(atom.text for atom in line).strip() for line in (*lines, atoms)]


SUM, PRODUCT, DEEPER, UNBROKEN = 0, 3, 2, 99
"""Penalties of a break before an operator; the extra penalty per pair of brackets; and of no break."""


class _Atom(NamedTuple):
    """A part of a formula that is not broken."""

    text: str
    width: float  # in points
    breaks: int = UNBROKEN


_HIGH = re.compile(r"\\left(\(|\\[a-z]+ )(.*)\\right(\)|\\[a-z]+)", re.DOTALL)


def _split_atom(atom: _Atom, room: float) -> Iterator[_Atom]:
    """Split an atom that is too wide: brackets get a fixed height, and a fraction becomes a slash."""
    high = _HIGH.fullmatch(atom.text)
    if atom.width <= room or not (high or atom.text.startswith(r"\frac")):
        yield atom
        return
    if high:
        before, inside, after = high.groups()
        yield _Atom(rf"\biggl{before}", 8.0)
        yield from _inner_atoms(inside.strip(), room)
        yield _Atom(rf" \biggr{after}", 8.0)
        return
    middle = _group_end(atom.text, len(r"\frac"))
    above, below = atom.text[len(r"\frac{") : middle - 1], atom.text[middle + 1 : -1]
    yield from _bracket(above, room, holds=PRODUCT)
    yield _Atom(r" \bigg/ ", 7.0, PRODUCT)
    yield from _bracket(below, room, holds=UNBROKEN)


def _bracket(formula: str, room: float, holds: int) -> Iterator[_Atom]:
    """Half of a fraction, in brackets unless its operators bind tightly enough."""
    bare = all(atom.breaks >= holds for atom in _atoms(formula))
    yield from () if bare else [_Atom(r"\biggl(", 8.0)]
    yield from _inner_atoms(formula, room)
    yield from () if bare else [_Atom(r"\biggr)", 8.0)]


def _inner_atoms(formula: str, room: float) -> Iterator[_Atom]:
    """The atoms inside brackets, where breaks have a higher penalty."""
    for atom in _atoms(formula):
        for part in _split_atom(atom, room):
            yield part._replace(breaks=min(part.breaks + DEEPER, UNBROKEN))


_PART = re.compile(
    r"(?P<operator> (?:\+|-|\\cdot|\\bmod) )|(?P<left>\\left\b)|(?P<fraction>\\frac)|(?P<word>\\(?:mathrm|text))"
    r"|(?P<below>_)|(?P<group>\{)|(?P<sign>\\[A-Za-z]+|\\.|.)",
    re.DOTALL,
)
_OPERATORS = {" + ": 12.5, " - ": 12.5, r" \cdot ": 7.5, r" \bmod ": 28.0}
_SCALES = (1.0, 1.0, 0.72, 0.55)
"""Font scales by style: of a displayed formula, its fractions, fractions in them or subscripts, and deeper ones."""


def _atoms(formula: str, style: int = 0) -> Iterator[_Atom]:
    """The atoms of one of our formulas, with their widths in Computer Modern."""
    place = depth = 0
    while place < len(formula):
        found = _PART.match(formula, place)
        assert found is not None
        start, place, sign = place, found.end(), found[0]
        match found.lastgroup:
            case "operator":
                kind = SUM if sign in (" + ", " - ") else PRODUCT
                yield _Atom(sign, _OPERATORS[sign] * _scale(style), kind + DEEPER * depth)
                continue
            case "left":
                place = _right_end(formula, start)
                width = 16.0 + width_of(formula[start + len(r"\left") : formula.rindex(r"\right", start, place)], style)
            case "fraction":
                middle = _group_end(formula, place)
                place = _group_end(formula, middle)
                halves = formula[start + len(r"\frac{") : middle - 1], formula[middle + 1 : place - 1]
                width = 3.0 + max(width_of(half, style + 1) for half in halves)
            case "word" | "group":
                place = _group_end(formula, formula.index("{", start))
                width = width_of(formula[formula.index("{", start) + 1 : place - 1], style)
            case "below":
                place = _group_end(formula, place)
                width = width_of(formula[start + 2 : place - 1], max(style + 1, 2)) + 0.5
            case _:
                depth += {"(": 1, ")": -1}.get(sign, 0)
                width = _letter(sign) * _scale(style)
        yield _Atom(formula[start:place], width)


def width_of(formula: str, style: int = 0) -> float:
    """The approximate width of a formula in points."""
    return sum(atom.width for atom in _atoms(formula, style))


def _scale(style: int) -> float:
    return _SCALES[min(style, len(_SCALES) - 1)]


def _letter(sign: str) -> float:
    """The approximate width of a letter or a sign in points."""
    if sign.startswith("\\"):
        return 5.0
    if sign in " ij,.lI":
        return 3.6 if sign != " " else 0.0
    if sign in "mMwWHN":
        return 9.5
    return 10.0 if not sign.isascii() else 7.8 if sign.isupper() else 5.4


def _group_end(formula: str, start: int) -> int:
    """The end of the group in braces that begins here."""
    depth = 0
    for found in re.finditer(r"\\.|[{}]", formula[start:]):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if not depth:
            return start + found.end()
    raise AssertionError(formula)


def _right_end(formula: str, start: int) -> int:
    r"""The end of the \right that matches the \left here."""
    depth = 0
    for found in re.finditer(r"\\left\b|\\right(?:\\[a-z]+|.)", formula[start:]):
        depth += 1 if found[0] == r"\left" else -1
        if not depth:
            return start + found.end()
    raise AssertionError(formula)
