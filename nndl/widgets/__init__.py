"""Explorers: what a reader moves to see how an operator works, on a page and in a notebook alike.

Make one the last expression of a cell and it is shown. It needs no kernel and no network: the page
carries the program and the state. ``.live()`` gives the twin whose settings Python can read back.

Examples
--------
>>> from nndl.widgets import ConvStepper
>>> ConvStepper(kernel_size=3, stride=2)
ConvStepper(stride=2)
"""

from nndl.widgets.backprop_graph import BackpropGraph
from nndl.widgets.channels import ConvChannels
from nndl.widgets.convolution_stepper import ConvStepper
from nndl.widgets.descent_path import DescentPath
from nndl.widgets.network_cost import NetworkCost
from nndl.widgets.picture_kernel import PictureKernel
from nndl.widgets.pooling_shift import PoolingShift
from nndl.widgets.receptive_field import ReceptiveField
from nndl.widgets.transposed import TransposedConv

__all__ = [
    "BackpropGraph",
    "ConvChannels",
    "ConvStepper",
    "DescentPath",
    "NetworkCost",
    "PictureKernel",
    "PoolingShift",
    "ReceptiveField",
    "TransposedConv",
]
