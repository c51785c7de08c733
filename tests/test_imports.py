"""Who may import whom, read from the sources; and what a command really loads, seen in processes of their own."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.command import HANGS_AFTER, environment

SOURCES = Path(__file__).parents[1] / "src" / "cnncalc"

MAY_IMPORT = {
    "core": set(),
    "layers": {"core"},
    "language": {"core", "layers"},
    "analysis": {"core", "layers"},
    "execution": {"core"},
    "explain": {"core", "layers", "analysis", "transform"},
    "transform": {"core", "layers", "analysis"},
    "homework": {"core", "layers", "language", "analysis", "explain", "transform"},
    "oracles": {"core", "analysis", "execution"},
    "display": {"core", "analysis", "explain"},
    "exporters": {"core", "analysis", "explain"},
    "cli": {
        *("core", "layers", "language", "analysis", "explain", "transform", "execution", "oracles", "homework"),
        *("display", "exporters"),
    },
}
"""Package -> packages of ours that it may import besides itself."""

BESIDES = {
    "display.reference": {"layers", "language"},  # shows the docstrings and options of layer types
    "display.collection": {"language"},  # shows entries of the collection
    "display.verification": {"execution"},  # shows checks, whose module needs no NumPy
    "exporters.collection": {"language"},
    "exporters.verification": {"execution"},
    "display.marks": {"homework"},  # show sheets of answers, marked
    "display.items": {"homework"},
    "exporters.marks": {"homework"},
    "exporters.items": {"homework"},
    "exporters.quiz": {"homework"},
    "exporters.quiz_latex": {"homework"},
    "execution.verify.measure": {"analysis"},  # the one place where rule and measurement meet
    "analysis.report": {"display", "exporters"},  # to Python a report prints as its table; imported when it does
    "analysis.compare": {"display", "exporters", "language"},  # likewise, and Python names networks as a command does
}
"""Modules that may import more than their package."""

WITHOUT_DELAY = (
    "cnncalc.cli",
    *(f"cnncalc.core.{name}" for name in ("errors", "translation", "suggest", "text")),
)
"""What a command's module may import before it runs: the frame of the command line, and how it reports errors."""

ONLY_IN = {
    "rich": "display",
    "typer": "cli",
    "yaml": "language",
    "pydantic": "layers",
    "numpy": "execution",
    "threadpoolctl": "execution",
    "psutil": "execution",
    "PIL": "execution",
    "torch": "oracles",
    **dict.fromkeys(("fvcore", "thop", "ptflops", "torchinfo", "calflops"), "oracles"),
}
"""Third-party packages that belong to one package of ours."""

ALSO = {
    ("pydantic", "language.options"),  # reads pydantic's errors
    ("numpy", "oracles"),  # hands arrays over
}
NEVER = {"torch", "tensorflow", "keras", "onnx"}


class Import(NamedTuple):
    """One imported name, and whether the import waits until a function is called or only a type checker sees it."""

    module: str  # that imports, without `cnncalc.`
    target: str
    in_function: bool
    for_types: bool
    line: int

    def __str__(self) -> str:
        return f"{self.module}:{self.line} imports {self.target}"

    @property
    def package(self) -> str:
        return self.module.partition(".")[0]

    @property
    def of_ours(self) -> str:
        """The package of ours that is imported, or nothing."""
        first, _, rest = self.target.partition(".")
        return rest.partition(".")[0] if first == "cnncalc" else ""


def imports_of(tree: ast.AST, module: str, in_function: bool = False, for_types: bool = False) -> Iterator[Import]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield Import(module, name.name, in_function, for_types, node.lineno)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}:{node.lineno}: imports are absolute"
            for name in node.names:
                target = f"{node.module}.{name.name}" if node.module in ("cnncalc", *PACKAGES) else str(node.module)
                yield Import(module, target, in_function, for_types, node.lineno)
        else:
            typing = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
            function = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
            yield from imports_of(node, module, in_function or function, for_types or typing)


PACKAGES = [f"cnncalc.{path.parent.name}" for path in SOURCES.glob("*/__init__.py")]
MODULES = {
    ".".join(path.relative_to(SOURCES).with_suffix("").parts): ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted(SOURCES.rglob("*.py"))
}
IMPORTS = [found for module, tree in MODULES.items() for found in imports_of(tree, module)]
IN_PACKAGES = [one for one in IMPORTS if "." in one.module]


def test_every_package_has_its_rule() -> None:
    assert {package.partition(".")[2] for package in PACKAGES} == set(MAY_IMPORT)
    assert set(BESIDES) <= set(MODULES)
    assert len(IMPORTS) > 300


def test_packages_import_what_they_may() -> None:
    wrong = [
        str(one)
        for one in IN_PACKAGES
        if one.of_ours and one.of_ours not in {one.package} | MAY_IMPORT[one.package] | BESIDES.get(one.module, set())
    ]
    assert wrong == []


def test_no_exception_is_idle() -> None:
    for module, packages in BESIDES.items():
        assert packages <= {one.of_ours for one in IMPORTS if one.module == module}
        assert not packages & MAY_IMPORT[module.partition(".")[0]]


@pytest.mark.parametrize(("module", "count"), [("analysis.report", 3), ("analysis.compare", 6)])
def test_what_shows_a_report_is_imported_when_it_is_shown(module: str, count: int) -> None:
    shown = [one for one in IMPORTS if one.module == module and one.of_ours in BESIDES[module]]
    assert len(shown) >= count
    assert all(one.in_function or one.for_types for one in shown)


def test_commands_import_what_they_need_when_they_run() -> None:
    wrong = [
        str(one)
        for one in IMPORTS
        if one.package in ("cli", "__main__", "__init__")
        and one.of_ours
        and not (one.in_function or one.for_types)
        and not one.target.startswith(WITHOUT_DELAY)
    ]
    assert wrong == []


def test_third_party_packages_stay_where_they_belong() -> None:
    used = {}
    for one in IMPORTS:
        first = one.target.partition(".")[0]
        if first not in sys.stdlib_module_names and first != "cnncalc":
            used[str(one)] = (first, one.module)
    assert {first for first, _ in used.values()} == set(ONLY_IN)
    wrong = [
        place
        for place, (first, module) in used.items()
        if module.partition(".")[0] != ONLY_IN[first]
        and (first, module) not in ALSO
        and (first, module.partition(".")[0]) not in ALSO
        # emit hands the console through, and names its type only
        and not any(one.for_types for one in IMPORTS if str(one) == place)
    ]
    assert wrong == []


def test_a_tool_that_numbers_are_held_against_is_imported_when_it_is_asked_for() -> None:
    used = {one.target for one in IMPORTS if one.target.startswith("cnncalc.oracles") and one.package != "oracles"}
    assert used == set()  # `verify --against` finds the module by its name


def test_core_needs_the_standard_library_only() -> None:
    wrong = [
        str(one)
        for one in IMPORTS
        if one.package == "core" and one.target.partition(".")[0] not in {*sys.stdlib_module_names, "cnncalc"}
    ]
    assert wrong == []


# What is really loaded


def loaded(tmp_path: Path, *arguments: str) -> set[str]:
    """Every module in memory when a command has ended."""
    report = tmp_path / "modules.txt"
    program = (
        "import atexit, sys\n"
        f"report = {str(report)!r}\n"
        "atexit.register(lambda: open(report, 'w').write(' '.join(sys.modules)))\n"
        "from cnncalc.__main__ import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        env=environment(),
        timeout=HANGS_AFTER,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    modules = set(report.read_text().split())
    assert "cnncalc.cli.app" in modules
    return modules


HEAVY = {
    "numpy",
    "torch",
    "psutil",
    "PIL",
    "safetensors",
    "threadpoolctl",
    "rich",
    "yaml",
    "asyncio",
    "unittest",
    "multiprocessing",
    "hypothesis",
}
"""What takes time to load. Typer brings pydantic along, whether or not a layer is made."""


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("--version", set()),
        ("list", {"yaml", "rich"}),
        ("show vgg16", {"yaml"}),
        ("layers", {"rich"}),
        ("layers conv2d", {"rich"}),
        ("schema", set()),
        ("summarize vgg16", {"yaml", "rich"}),
        ("summarize vgg16 --format json", {"yaml"}),
        ("summarize vgg16 --format csv", {"yaml"}),
        ("summarize vgg16 --format markdown", {"yaml"}),
        ("compare vgg16 alexnet", {"yaml", "rich"}),
        ("compare vgg16 alexnet --format json", {"yaml"}),
        ("layer relu --input 3x9x8", {"yaml", "rich"}),
        ("layer relu --input 3x9x8 --format json", {"yaml"}),
        ("summarize nothing", {"yaml", "rich"}),
        ("quiz vgg16 --difficulty 3", {"yaml"}),
        ("verify lenet5", {"yaml", "rich", "numpy", "psutil", "threadpoolctl"}),
        ("verify lenet5 --format json", {"yaml", "numpy", "psutil", "threadpoolctl"}),
        ("run lenet5 --format json", {"yaml", "numpy", "psutil", "threadpoolctl"}),
        ("verify nothing", {"yaml", "rich"}),
        ("check lenet5 c1.params=156", {"yaml", "rich"}),
        ("check lenet5 c1.params=156 --format json", {"yaml"}),
    ],
)
def test_a_command_loads_what_it_needs(tmp_path: Path, arguments: str, expected: set[str]) -> None:
    modules = loaded(tmp_path, *arguments.split())
    assert not modules & NEVER
    assert modules & HEAVY == expected
    assert any(name.startswith("cnncalc.display.") for name in modules) is ("rich" in expected)


def test_a_command_loads_the_layers_it_meets(tmp_path: Path) -> None:
    modules = loaded(tmp_path, "layer", "relu", "--input", "3x9x8", "--format", "json")
    assert {name for name in modules if name.startswith("cnncalc.layers.")} == {
        "cnncalc.layers.base",
        "cnncalc.layers.option_types",
        "cnncalc.layers.catalogue",
        "cnncalc.layers.at_node",
        "cnncalc.layers.activation",
    }


@pytest.mark.parametrize("arguments", ["list", "show vgg16", "--help", "summarize vgg16 --columns nothing"])
def test_a_command_without_layers_loads_none(tmp_path: Path, arguments: str) -> None:
    assert not [name for name in loaded(tmp_path, *arguments.split()) if name.startswith("cnncalc.layers.")]
