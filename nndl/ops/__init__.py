"""The operators in NumPy: forward, backward, and a plain loop beside each fast version."""

from nndl.ops.base import Op
from nndl.ops.composition import Graph, Sequential
from nndl.ops.convolution import Conv2D, conv2d, conv2d_backward
from nndl.ops.convolution_loop import conv2d_loop, conv2d_loop_backward, correlate2d_loop
from nndl.ops.gradient_check import GradientReport, check_gradients

__all__ = [
    "Conv2D",
    "GradientReport",
    "Graph",
    "Op",
    "Sequential",
    "check_gradients",
    "conv2d",
    "conv2d_backward",
    "conv2d_loop",
    "conv2d_loop_backward",
    "correlate2d_loop",
]
