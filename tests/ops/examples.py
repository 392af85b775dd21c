"""An example of everything public in `nndl.ops`, for the tests of what all of it promises."""

from collections.abc import Mapping

import numpy as np

from nndl import ops

# no operator by itself, or nothing that computes in the type of what it is given
WITHOUT_EXAMPLE = {
    "Op": "what every operator is made of",
    "GradientReport": "what the gradient check returns",
    "Variable": "its operators have examples",
    "apply": "records any operator",
    "check_gradients": "runs any operator, in double precision",
}


def numbers(seed, *shape):
    return np.random.default_rng(seed).standard_normal(shape)


def operators():
    """Return operators and their inputs by name; behind a comma stands what is special."""
    x, maps, steps = numbers(0, 3, 4), numbers(1, 2, 2, 5, 5), numbers(2, 2, 3, 4)
    q, k, v = numbers(3, 2, 3, 4), numbers(4, 2, 5, 4), numbers(5, 2, 5, 4)
    mask = np.random.default_rng(6).random((3, 5)) < 0.5
    square = ops.Multiply()
    return {
        "Add": (ops.Add(), (x, x[0])),
        "AdditiveScore": (ops.AdditiveScore(4, 4, 3), (q, k)),
        "Attention": (ops.Attention(ops.AdditiveScore(4, 4, 3)), (q, k, v)),
        "Attention, masked": (ops.Attention(ops.DotScore()), (q, k, v, mask)),
        "AvgPool2D": (ops.AvgPool2D(2), (maps,)),
        "AvgPool2D, padded": (ops.AvgPool2D(3, 2, 1, exclusive=False), (maps,)),
        "BatchNorm": (ops.BatchNorm(4), (x,)),
        "BatchNorm, of maps": (ops.BatchNorm(2), (maps,)),
        "BiLSTM": (ops.BiLSTM(4, 3), (steps,)),
        "BiSRN": (ops.BiSRN(4, 3), (steps,)),
        "BilinearScore": (ops.BilinearScore(4, 4), (q, k)),
        "BinaryCrossEntropy": (ops.BinaryCrossEntropy(), (x, (x > 0).astype(int))),
        "Conv2D": (ops.Conv2D(2, 4, 3, padding=1, groups=2), (maps,)),
        "CrossEntropy": (ops.CrossEntropy(label_smoothing=0.1), (x, np.array([0, 3, 1]))),
        "CrossEntropy, each": (ops.CrossEntropy("none"), (x, np.array([0, 3, 1]))),
        "Divide": (ops.Divide(), (x, np.abs(x) + 1)),
        "DotScore": (ops.DotScore(scaled=True), (q, k)),
        "Dropout": (ops.Dropout(0.3), (x,)),
        "Embedding": (ops.Embedding(4, 3), (np.array([[1, 0], [3, 1]]),)),
        "Exp": (ops.Exp(), (x,)),
        "Flatten": (ops.Flatten(0), (x,)),
        "GELU": (ops.GELU(), (x,)),
        "GELU, by a tangent": (ops.GELU(True), (x,)),
        "GlobalAvgPool2D": (ops.GlobalAvgPool2D(), (maps,)),
        "Graph": (ops.Graph({"f": (square, "x", "x"), "y": (ops.Add(), "f", "x")}), (x,)),
        "Index": (ops.Index((slice(1), [0, 0])), (x,)),
        "LSTM": (ops.LSTM(4, 3), (steps,)),
        "LSTMCell": (ops.LSTMCell(4, 3), (x, x[:, :3], x[:, 1:])),
        "LayerNorm": (ops.LayerNorm(4), (x,)),
        "LeakyReLU": (ops.LeakyReLU(0.1), (x,)),
        "Linear": (ops.Linear(4, 2), (x,)),
        "Log": (ops.Log(), (np.abs(x) + 0.1,)),
        "LogSoftmax": (ops.LogSoftmax(), (x,)),
        "Logistic": (ops.Logistic(), (x,)),
        "MatMul": (ops.MatMul(), (x, x.T)),
        "MaxPool2D": (ops.MaxPool2D(2), (maps,)),
        "MaxPool2D, padded": (ops.MaxPool2D(3, 2, 1), (maps,)),
        "Mean": (ops.Mean(), (x,)),
        "Mean, of rows": (ops.Mean(axis=1, keepdims=True), (x,)),
        "MultiHeadAttention": (ops.MultiHeadAttention(4, 2), (q, k, v)),
        "Multiply": (ops.Multiply(), (x, x + 1)),
        "Pow": (ops.Pow(), (np.abs(x) + 0.5, x)),
        "Power": (ops.Power(3), (x,)),
        "ReLU": (ops.ReLU(), (x,)),
        "Reshape": (ops.Reshape((4, -1)), (x,)),
        "SRN": (ops.SRN(4, 3), (steps, x[:2, :3])),
        "SRN, of rectifiers": (ops.SRN(4, 3, activation="relu"), (steps,)),
        "SRNCell": (ops.SRNCell(4, 3), (x,)),
        "ScaledDotProductAttention": (ops.ScaledDotProductAttention(), (q, k, v)),
        "ScaledDotProductAttention, causal": (ops.ScaledDotProductAttention(True), (k, k, v)),
        "Sequential": (ops.Sequential(ops.Linear(4, 3), ops.Tanh()), (x,)),
        "Softmax": (ops.Softmax(), (x,)),
        "SquaredError": (ops.SquaredError(), (x, 2 * x)),
        "Subtract": (ops.Subtract(), (x, x + 1)),
        "Sum": (ops.Sum(axis=(0, 1)), (x,)),
        "Tanh": (ops.Tanh(), (x,)),
        "Transpose": (ops.Transpose(), (x,)),
    }


def functions():
    """Return what each function that computes is called with, the loops and the fast ones."""
    maps, kernels, rows = numbers(0, 1, 2, 5, 5), numbers(1, 3, 2, 2, 2), numbers(2, 3, 4)
    grad_maps, pooled = numbers(3, 1, 3, 4, 4), numbers(4, 1, 2, 2, 2)
    q, k, v = numbers(5, 3, 4), numbers(6, 5, 4), numbers(7, 5, 2)
    x, h = numbers(8, 2, 3, 4), numbers(9, 2, 3)
    grads, last = numbers(10, 2, 3, 3), numbers(11, 2, 3)
    srn, lstm = dict(ops.SRN(4, 3).params), dict(ops.LSTM(4, 3).params)
    return {
        "attention_loop": (q, k, v),
        "attention_loop_backward": (q, k, v, numbers(12, 3, 2)),
        "attention_weights_loop": (q, k),
        "avg_pool2d": (maps, 2),
        "avg_pool2d_backward": (maps, pooled, 2),
        "avg_pool2d_loop": (maps, 2),
        "avg_pool2d_loop_backward": (maps, pooled, 2),
        "conv2d": (maps, kernels),
        "conv2d_backward": (maps, kernels, grad_maps),
        "conv2d_loop": (maps, kernels),
        "conv2d_loop_backward": (maps, kernels, grad_maps),
        "correlate2d_loop": (maps[0, 0], kernels[0, 0]),
        "lstm_loop": (x, h, h, lstm),
        "lstm_loop_backward": (x, h, h, lstm, grads, last, last),
        "max_pool2d": (maps, 2),
        "max_pool2d_backward": (maps, pooled, 2),
        "max_pool2d_loop": (maps, 2),
        "max_pool2d_loop_backward": (maps, pooled, 2),
        "normalize_loop": (rows, rows + 1, rows + 2),
        "srn_loop": (x, h, srn),
        "srn_loop_backward": (x, h, srn, grads, last),
    }


def public(kind):
    """Return the public names of `nndl.ops` that are classes, or functions."""
    return {name for name in ops.__all__ if kind(getattr(ops, name))} - WITHOUT_EXAMPLE.keys()


def arrays_in(value):
    """Return all arrays in arrays, tuples and dictionaries, however nested."""
    if isinstance(value, Mapping):
        value = tuple(value.values())
    if isinstance(value, (tuple, list)):
        return [array for part in value for array in arrays_in(part)]
    return [] if value is None else [value]


def converted(value, dtype):
    """Return the same with floating-point arrays in another type."""
    if isinstance(value, Mapping):
        return {name: converted(part, dtype) for name, part in value.items()}
    if isinstance(value, (tuple, list)):
        return tuple(converted(part, dtype) for part in value)
    floating = isinstance(value, np.ndarray) and value.dtype.kind == "f"
    return value.astype(dtype) if floating else value


def output_and_gradients(op, inputs):
    """Return the outputs, the gradients of the inputs, and those of the parameters."""
    y = op(*inputs)
    grads = tuple(np.cos(part) for part in y) if isinstance(y, tuple) else np.cos(y)
    return [y, op.backward(grads), dict(op.grads)]
