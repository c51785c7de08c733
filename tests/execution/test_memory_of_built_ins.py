"""Every built-in network takes the memory that is predicted of it, when it is run and when it is verified."""

from __future__ import annotations

import pytest

from cnncalc.language import collection
from tests.execution.test_memory import assert_told, on_linux

SMALLER = {
    "nnunet_brain_tumour_3d": [4, 64, 64, 64],
    "fcn_resnet50": [3, 260, 260],
    "fcn_resnet101": [3, 260, 260],
    "deeplabv3_resnet101": [3, 260, 260],
    "retinanet_resnet50_fpn": [3, 400, 400],
    "unet": [1, 380, 380],
    "fcn8s_vgg16": [3, 250, 250],
    "fcn16s_vgg16": [3, 250, 250],
    "openpose_coco": [3, 184, 184],
    "openpose_mpi": [3, 184, 184],
}
"""Inputs of networks that take seconds at their own size, or are much like another that is run at its own."""

NOT_VERIFIED = ("vit_h_14", "vit_l_16", "vit_l_32", "yolo_v1", "two_stream")
"""What takes longest to draw weights for, and needs no more than to be run."""


@on_linux
@pytest.mark.parametrize("name", collection.names())
def test_what_is_predicted_is_taken(name: str) -> None:
    case = {"built_in": name, **({"input": SMALLER[name]} if name in SMALLER else {})}
    assert_told(case)


VERIFIED = [name for number, name in enumerate(collection.names()) if number % 6 == 0 and name not in NOT_VERIFIED]


@on_linux
@pytest.mark.parametrize("name", VERIFIED)
def test_what_is_predicted_is_taken_to_verify(name: str) -> None:
    case = {"built_in": name, "verify": True, **({"input": SMALLER[name]} if name in SMALLER else {})}
    assert_told(case)
