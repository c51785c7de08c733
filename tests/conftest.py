from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent.parent))  # so that tests.support is found wherever pytest was started


# A shared machine decides how long an example takes, and every run must see the same ones.
settings.register_profile("cnncalc", deadline=None, derandomize=True)
settings.load_profile("cnncalc")


SLOW = frozenset(
    {
        *("test_memory_of_built_ins", "test_memory", "test_verify", "test_mutations", "test_against_torch"),
        *("test_output", "test_cli", "test_screen", "test_readme", "test_languages", "test_hostile", "test_progress"),
        *("test_check", "test_foreign_files", "test_run", "test_list", "test_json", "test_work", "test_quiz"),
        "test_schema_agrees",
        *("test_mistakes", "test_worked_examples", "test_architectures", "test_layers_against_torch", "test_graph"),
        *("test_fuzz", "test_fuzz_descriptions", "test_fuzz_files", "test_fuzz_layers", "test_latex", "test_summary"),
        *("test_completion", "test_hints"),
        *("test_latex_tables", "test_formats", "test_compare"),
    }
)
"""Modules that start processes, run whole networks or have thousands of cases: `-m "not slow"` leaves out what is in
them."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.stem in SLOW:
            item.add_marker(pytest.mark.slow)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--regenerate-golden",
        action="store_true",
        help="write tests/golden and the pages' screens anew from what the commands print now, instead of comparing; "
        "then read the diff",
    )
