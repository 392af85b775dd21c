"""Whole networks, built of the operators or of the layers."""

from nndl.models.lenet import LeNet
from nndl.models.lenet_ops import lenet_ops
from nndl.models.matcher import SentencePairMatcher
from nndl.models.mlp_ops import mlp_ops
from nndl.models.resnet import Model_ResNet18, ResNet, load_from_paddle
from nndl.models.text import BiLSTMClassifier

__all__ = [
    "BiLSTMClassifier",
    "LeNet",
    "Model_ResNet18",
    "ResNet",
    "SentencePairMatcher",
    "lenet_ops",
    "load_from_paddle",
    "mlp_ops",
]
