"""Layers by hand, as `paddle.nn.Layer`."""

from nndl.layers.convolution import Conv2D
from nndl.layers.normalization import BatchNorm2D, LayerNorm
from nndl.layers.operators import operators
from nndl.layers.pooling import AvgPool2D, GlobalAvgPool2D, MaxPool2D
from nndl.layers.residual import Bottleneck, ResBlock

__all__ = [
    "AvgPool2D",
    "BatchNorm2D",
    "Bottleneck",
    "Conv2D",
    "GlobalAvgPool2D",
    "LayerNorm",
    "MaxPool2D",
    "ResBlock",
    "operators",
]
