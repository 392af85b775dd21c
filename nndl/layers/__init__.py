"""Layers by hand, as `paddle.nn.Layer`."""

from nndl.layers.convolution import Conv2D

__all__ = ["Conv2D"]
