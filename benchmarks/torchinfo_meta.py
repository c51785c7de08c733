"""torchinfo on torch's meta device: the fastest way that torch's tools have to summarize ResNet-152."""

from __future__ import annotations

import torchinfo
from torch_resnet import resnet

if __name__ == "__main__":
    torchinfo.summary(resnet("resnet152", "meta"), (1, 3, 224, 224), device="meta")
