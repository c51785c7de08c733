"""A few hundred random lines of torch; by hand the fuzzer runs for as long as it is told to."""

from __future__ import annotations

from random import Random

from tests.fuzz.fuzz_lines import drawn, fault_of, faults


def test_entries_for_lines_of_torch_give_what_torch_gives() -> None:
    assert list(faults(2026, iter(range(300)))) == []


def test_another_result_is_found() -> None:
    assert fault_of("relu", [3]) == "accepted"
    assert fault_of("conv2d: {in_channels: 4}", [4, 20, 18]) == "['missing-option', 'missing-option', 'unknown-option']"


def test_lines_are_drawn_by_seed_and_number() -> None:
    assert drawn(Random("1:2")) == drawn(Random("1:2"))
