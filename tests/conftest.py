from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent.parent))  # so that tests.support is found wherever pytest was started


# A shared machine decides how long an example takes, and every run must see the same ones.
settings.register_profile("cnncalc", deadline=None, derandomize=True)
settings.load_profile("cnncalc")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--regenerate-golden",
        action="store_true",
        help="write tests/golden and the pages' screens anew from what the commands print now, instead of comparing; "
        "then read the diff",
    )
