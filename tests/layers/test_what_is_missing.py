"""What a layer type still lacks besides its class: a test says it in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from cnncalc.execution import kernels
from cnncalc.layers.catalogue import ADDRESSES
from tests.support.cases import Case, layer_cases
from tests.support.torch_layers import torch_layer


def missing(name: str, cases: Sequence[Case]) -> Iterator[str]:
    """What a type lacks, in words."""
    table = f"tests/cases/layers/{name}.yaml"
    if len(cases) < 2:
        yield f"two cases or more in {table}"
    if cases and not any("ops" in case.expect for case in cases):
        yield f"operations by kind, be there none, in {table}: `ops`"
    if name not in kernels.KERNELS:
        yield f"the kernel of `{name}` in execution/kernels/__init__.py"
    for case in cases:
        try:
            torch_layer(name, dict(case.options), case.inputs)
        except LookupError as error:
            yield str(error)
            return


@pytest.mark.parametrize("name", ADDRESSES)
def test_nothing_is_missing(name: str) -> None:
    assert [*missing(name, [case for case in layer_cases() if case.type == name])] == []


def test_what_is_missing_is_said() -> None:
    case = Case("softer", "map", {}, ((3, 4, 5),), {"output": [3, 4, 5], "macs": 0}, "nobody")
    assert [*missing("softer", [])] == [
        "two cases or more in tests/cases/layers/softer.yaml",
        "the kernel of `softer` in execution/kernels/__init__.py",
    ]
    assert [*missing("softer", [case, case])] == [
        "operations by kind, be there none, in tests/cases/layers/softer.yaml: `ops`",
        "the kernel of `softer` in execution/kernels/__init__.py",
        "torch has no module and no tensor method named `softer`: build it in cnncalc.oracles.torch.layers",
    ]
