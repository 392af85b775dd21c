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
from nndl.layers.recurrent import LSTM, SRN
from nndl.layers.transformer import PositionalEncoding, TransformerBlock, sinusoids

__all__ = [
    "LSTM",
    "SRN",
    "AdditiveScore",
    "Attention",
    "BilinearScore",
    "Conv2D",
    "DotProductScore",
    "MultiHeadSelfAttention",
    "PositionalEncoding",
    "ScaledDotProductScore",
    "TransformerBlock",
    "causal_mask",
    "lengths_to_mask",
    "masked_softmax",
    "sinusoids",
]
