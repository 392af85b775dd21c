"""Layers by hand, as `paddle.nn.Layer`."""

from nndl.layers.attention import (
    AdditiveScore,
    Attention,
    BilinearScore,
    DotProductScore,
    MultiHeadSelfAttention,
    ScaledDotProductScore,
)
from nndl.layers.convolution import Conv2D
from nndl.layers.masks import causal_mask, lengths_to_mask, masked_softmax
from nndl.layers.normalization import BatchNorm2D, LayerNorm
from nndl.layers.operators import operators
from nndl.layers.pooling import AvgPool2D, GlobalAvgPool2D, MaxPool2D
from nndl.layers.recurrent import LSTM, SRN
from nndl.layers.residual import Bottleneck, ResBlock
from nndl.layers.transformer import PositionalEncoding, TransformerBlock, sinusoids

__all__ = [
    "LSTM",
    "SRN",
    "AdditiveScore",
    "Attention",
    "AvgPool2D",
    "BatchNorm2D",
    "BilinearScore",
    "Bottleneck",
    "Conv2D",
    "DotProductScore",
    "GlobalAvgPool2D",
    "LayerNorm",
    "MaxPool2D",
    "MultiHeadSelfAttention",
    "PositionalEncoding",
    "ResBlock",
    "ScaledDotProductScore",
    "TransformerBlock",
    "causal_mask",
    "lengths_to_mask",
    "masked_softmax",
    "operators",
    "sinusoids",
]
