"""The operators in NumPy: forward, backward, and a plain loop beside each fast version."""

from nndl.ops.activation import GELU, LeakyReLU, Logistic, LogSoftmax, ReLU, Softmax, Tanh
from nndl.ops.arithmetic import Add, Divide, Exp, Log, Mean, Multiply, Pow, Power, Subtract, Sum
from nndl.ops.attention import MultiHeadAttention, ScaledDotProductAttention
from nndl.ops.attention_loop import attention_loop, attention_loop_backward, attention_weights_loop
from nndl.ops.attention_scores import AdditiveScore, Attention, BilinearScore, DotScore
from nndl.ops.base import Op
from nndl.ops.composition import Graph, Sequential
from nndl.ops.convolution import Conv2D, conv2d, conv2d_backward
from nndl.ops.convolution_loop import conv2d_loop, conv2d_loop_backward, correlate2d_loop
from nndl.ops.dropout import Dropout
from nndl.ops.gradient_check import GradientReport, check_gradients
from nndl.ops.indexing import Index
from nndl.ops.linear import Embedding, Flatten, Linear, MatMul, Reshape, Transpose
from nndl.ops.loss import BinaryCrossEntropy, CrossEntropy, SquaredError
from nndl.ops.normalization import BatchNorm, LayerNorm, normalize_loop
from nndl.ops.pooling import (
    AvgPool2D,
    GlobalAvgPool2D,
    MaxPool2D,
    avg_pool2d,
    avg_pool2d_backward,
    max_pool2d,
    max_pool2d_backward,
)
from nndl.ops.pooling_loop import (
    avg_pool2d_loop,
    avg_pool2d_loop_backward,
    max_pool2d_loop,
    max_pool2d_loop_backward,
)
from nndl.ops.recurrent import LSTM, SRN, LSTMCell, SRNCell
from nndl.ops.recurrent_bidirectional import BiLSTM, BiSRN
from nndl.ops.recurrent_loop import lstm_loop, lstm_loop_backward, srn_loop, srn_loop_backward
from nndl.ops.tape import Variable, apply

__all__ = [
    "GELU",
    "LSTM",
    "SRN",
    "Add",
    "AdditiveScore",
    "Attention",
    "AvgPool2D",
    "BatchNorm",
    "BiLSTM",
    "BiSRN",
    "BilinearScore",
    "BinaryCrossEntropy",
    "Conv2D",
    "CrossEntropy",
    "Divide",
    "DotScore",
    "Dropout",
    "Embedding",
    "Exp",
    "Flatten",
    "GlobalAvgPool2D",
    "GradientReport",
    "Graph",
    "Index",
    "LSTMCell",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "Log",
    "LogSoftmax",
    "Logistic",
    "MatMul",
    "MaxPool2D",
    "Mean",
    "MultiHeadAttention",
    "Multiply",
    "Op",
    "Pow",
    "Power",
    "ReLU",
    "Reshape",
    "SRNCell",
    "ScaledDotProductAttention",
    "Sequential",
    "Softmax",
    "SquaredError",
    "Subtract",
    "Sum",
    "Tanh",
    "Transpose",
    "Variable",
    "apply",
    "attention_loop",
    "attention_loop_backward",
    "attention_weights_loop",
    "avg_pool2d",
    "avg_pool2d_backward",
    "avg_pool2d_loop",
    "avg_pool2d_loop_backward",
    "check_gradients",
    "conv2d",
    "conv2d_backward",
    "conv2d_loop",
    "conv2d_loop_backward",
    "correlate2d_loop",
    "lstm_loop",
    "lstm_loop_backward",
    "max_pool2d",
    "max_pool2d_backward",
    "max_pool2d_loop",
    "max_pool2d_loop_backward",
    "normalize_loop",
    "srn_loop",
    "srn_loop_backward",
]
