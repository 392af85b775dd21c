"""Whole networks, built of the operators or of the layers."""

from nndl.models.lenet import LeNet
from nndl.models.mlp_ops import mlp_ops
from nndl.models.resnet import Model_ResNet18, ResNet, load_from_paddle

__all__ = [
    "LeNet",
    "Model_ResNet18",
    "ResNet",
    "load_from_paddle",
    "mlp_ops",
]
