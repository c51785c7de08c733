"""`--format latex` compiles as it is, with no line beyond the margin and no sign without a glyph."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest

from cnncalc import analyze, load
from cnncalc.core.notation import LATEX, PLAIN
from cnncalc.core.term import Term
from cnncalc.core.translation import use_language
from cnncalc.display.explanation import heading
from cnncalc.explain.layer import Explanation, Table, explain, explainable_quantities
from cnncalc.explain.topics.catalogue import TOPICS, explain_topic, title_of
from cnncalc.explain.totals import explain_totals
from cnncalc.exporters.latex import FORMULA_WIDTH, explanation_latex, lines_of, width_of
from cnncalc.exporters.quiz_latex import sheet_latex
from cnncalc.homework.quiz import compose
from tests.support.cases import layer_cases
from tests.support.command import cnncalc

NETWORKS = ("vgg16", "resnet50", "googlenet", "unet", "densenet121", "inception_v3", "vit_b_16", "mobilenet_v2")

ODD_TITLE = r"100 % of_#1 & $x^2~ \command{a} <b> |c| \"d\" `e` --f -3×-4"
ODD_NAMES = ("plain_name", "a_b+c-d_e", "naïve", "Łódź", ".".join(["stage_of_a_network"] * 7))
BEYOND = ("卷积_1", "слой_1", "θ_2", "Ðð_đ")
"""Names with letters that pdflatex lacks."""

COMPILES = pytest.mark.skipif(not shutil.which("pdflatex"), reason="no pdflatex: `apt-get install texlive-latex-base`")


def has_chinese() -> bool:
    if not shutil.which("xelatex"):
        return False
    found = subprocess.run(["kpsewhich", "ctex.sty", "xeCJK.sty"], capture_output=True, text=True, check=False)
    return len(found.stdout.split()) == 2


COMPILES_CHINESE = pytest.mark.skipif(
    not has_chinese(), reason="no xelatex with Chinese: `apt-get install texlive-xetex texlive-lang-chinese`"
)


def odd_network(folder: Path, names: tuple[str, ...]) -> str:
    """Layers with such names, each with a weight that goes by the name of its layer."""
    quoted = ODD_TITLE.replace("'", "''")
    layers = "".join(f"- position_embedding: {{name: {name}}}\n" for name in names)
    network = folder / "odd.yaml"
    network.write_text(f"title: '{quoted}'\ninput: [5, 8]\nlayers:\n{layers}", encoding="utf-8")
    return str(network)


def explained(folder: Path, names: tuple[str, ...]) -> Iterator[tuple[str, list[Explanation]]]:
    """Titles and what is explained under them: layers of every kind, topics, networks, wide tables, odd names."""
    for case in layer_cases():
        graph = case.network()
        yield str(case), explain(analyze(graph), "layer", explainable_quantities())
    for name in TOPICS:
        yield title_of(name), explain_topic(name)
    for name in NETWORKS:
        graph = load(name)
        report = analyze(graph)
        yield name, explain_totals(report, lambda size, name=name: analyze(load(name, input=size)))  # type: ignore[misc]
        for row in (report.rows[-1], report.rows[len(report.rows) // 2]):
            yield f"{name} · {row.path}", explain(report, row.path)
    for length in (1, 60):  # a table on one page, and one that goes on
        rows = tuple((f"{ODD_NAMES[-1]}.{row}", "conv2d 3×3/2", f"{row:,}", "-1") for row in range(length))
        table = Table(("Layer", "Type", "Value", "start"), rows, (False, False, True, True))
        yield f"wide {length}", [Explanation("params", "0", (), "A table too wide for a page.", table)]
    graph = load(odd_network(folder, names))
    report = analyze(graph)
    for row in report.rows:
        yield f"{report.graph.metadata.title} · {row.path}", explain(report, row.path)


def joined(found: Iterator[tuple[str, list[Explanation]]]) -> str:
    """One document of the bodies of many, whose preambles are alike."""
    documents = {title: explanation_latex(title, explanations, heading) for title, explanations in found}
    begin, end = "\\begin{document}\n", "\\end{document}\n"
    preambles = {document.partition(begin)[0] for document in documents.values()}
    (preamble,) = preambles
    bodies = (
        f"\\typeout{{of {re.sub('[^a-z0-9]+', ' ', title)}}}\n{document.partition(begin)[2].removesuffix(end)}\n"
        for title, document in documents.items()
    )
    return preamble + begin + "".join(bodies) + end


def compiled(document: str, folder: Path) -> list[str]:
    """What is wrong with the pages, each complaint behind the title that it is about."""
    source = folder / "explained.tex"
    source.write_text(document, encoding="utf-8")
    program = re.findall(r"\A%.*(pdflatex|xelatex).*\n% !TeX program = \1\n", document)
    done = subprocess.run(
        [*program, "-interaction=nonstopmode", "-halt-on-error", source.name],
        cwd=folder,
        capture_output=True,
        env={**os.environ, "max_print_line": "1000"},
        timeout=300,
        check=False,
    )
    log = source.with_suffix(".log").read_text(encoding="utf-8", errors="replace")
    title, found = "", []
    for line in log.splitlines():
        title = line if line.startswith("of ") else title
        if re.match(r"! |Overfull|Missing character|LaTeX Font Warning", line):
            found.append(f"{title}: {line}")
    if not found:
        assert done.returncode == 0, log[-2000:]
        assert source.with_suffix(".pdf").stat().st_size > 10_000
    return found


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> str:
    return joined(explained(tmp_path_factory.mktemp("odd"), ODD_NAMES))


@COMPILES
class TestCompiled:
    def test_every_layer_topic_and_network(self, everything: str, tmp_path: Path) -> None:
        assert compiled(everything, tmp_path) == []

    def test_sums_fit_an_article_with_the_margins_of_latex(self, everything: str, tmp_path: Path) -> None:
        narrow = re.sub(r"\\usepackage\[.*\]{geometry}\n", "", everything)
        assert len(narrow) < len(everything)
        sums_only = re.sub(r"\\begin{(longtable|tabular)}.*?\\end{\1}", "", narrow, flags=re.DOTALL)
        assert compiled(sums_only, tmp_path) == []

    def test_the_command_writes_a_file_to_compile(self, tmp_path: Path) -> None:
        written = tmp_path / "written.tex"
        asked = ("explain", "resnet152", "layer3.20.conv2", "--format", "latex", "--output", written)
        assert cnncalc(*asked).code == 0
        assert compiled(written.read_text(encoding="utf-8"), tmp_path) == []

    def test_a_complaint_is_found(self, tmp_path: Path) -> None:
        """What a check of a log is worth: it tells a page that is too narrow."""
        document = joined(iter([("wide", explain_topic("svd"))]))
        assert compiled(document.replace("margin=25mm", "textwidth=20mm"), tmp_path)


@COMPILES
@pytest.mark.parametrize("name", ["vgg16", "resnet18", "r3d_18", "bilstm"])
def test_a_sheet_of_exercises_compiles(name: str, tmp_path: Path) -> None:
    report = analyze(load(name))
    for number, topics in enumerate(((), ("forgotten", "total", "most", "receptive_field"))):
        drawn = compose(report, name, seed=number, difficulty=3, topics=topics)
        for student in ("", ODD_TITLE):
            drawn = drawn._replace(points=(Fraction(1), Fraction(2), Fraction(5, 2)), student=student)
            assert compiled(sheet_latex(drawn), tmp_path) == []


@COMPILES_CHINESE
class TestCompiledInChinese:
    def test_a_sheet_of_exercises(self, tmp_path: Path) -> None:
        report = analyze(load("resnet18"))
        with use_language("zh"):
            drawn = compose(report, "resnet18", seed=1, difficulty=3)._replace(student="李雷")
            assert compiled(sheet_latex(drawn), tmp_path) == []

    def test_every_layer_topic_and_network(self, tmp_path: Path) -> None:
        with use_language("zh"):
            assert compiled(joined(explained(tmp_path, BEYOND[:1])), tmp_path) == []

    def test_names_beyond_latin(self, tmp_path: Path) -> None:
        graph = load(odd_network(tmp_path, BEYOND))
        report = analyze(graph)
        for row in report.rows:
            document = explanation_latex(row.path, explain(report, row.path), heading)
            assert compiled(document, tmp_path) == []


def sides() -> Iterator[str]:
    for case in layer_cases():
        graph = case.network()
        for one in explain(analyze(graph), "layer", explainable_quantities()):
            for line in one.equations:
                yield from line.sides(LATEX)


@cache
def parts(formula: str) -> str:
    """A formula without what only sets it: sizes of brackets, and the two ways of a fraction."""
    return re.sub(r"\\left|\\right|\\biggl|\\biggr|\\frac|\\bigg/|[\s(){}]", "", formula)


def test_breaking_a_line_loses_nothing() -> None:
    broken = 0
    for side in set(sides()):
        lines = lines_of(side, FORMULA_WIDTH / 2)
        broken += len(lines) > 1
        assert parts("".join(lines)) == parts(side)
        assert all(re.match(r"\+|-|\\cdot|\\bmod|\\bigg/", line) for line in lines[1:]), lines
        assert all(line.count("{") == line.count("}") for line in lines)
        assert lines == [side.strip()] or width_of(side) > FORMULA_WIDTH / 2
    assert broken > 100


def test_names_in_formulas() -> None:
    spelled = {
        "k": "k",
        "C_out": r"C_{\mathrm{out}}",
        "p1": "p_{1}",
        "p_h1": "p_{h1}",
        "r_h_in": r"r_{h,\mathrm{in}}",
        "start_h_in": r"\mathrm{start}_{h,\mathrm{in}}",
        "bias_add": r"\mathrm{bias\_add}",
        "weight_ih_l0_reverse": r"\mathrm{weight\_ih\_l0\_reverse}",
        "in_proj.bias": r"\mathrm{in\_proj.bias}",
        "卷积_1": r"\text{卷积\_1}",
        "a-b": r"\text{a-b}",
    }
    assert {name: LATEX.symbol(name) for name in spelled} == spelled


def test_a_minus_behind_an_operator_has_brackets() -> None:
    a, b = Term.symbol("a", 5), Term.symbol("b", -3)
    assert (a - -b).formula() == "a − (−b)"
    assert (a * -b).formula(LATEX) == r"a \cdot (-b)"
    assert (a + b).substitution() == "5 + (-3)"
    assert (b + a).substitution(PLAIN) == "-3 + 5"
