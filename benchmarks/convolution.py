"""Time the fast NumPy convolution against Paddle's, forward and forward with backward.

Run ``python benchmarks/convolution.py``; how it is measured stands in ``contenders.py`` beside it.
The goals are of the operator that a layer is, kernels and bias: Paddle adds the bias in a pass of
its own, which takes longer than its product on maps of few channels. The same shapes without a
bias stand below, without a goal, to show how much of the difference that is.
"""

from functools import partial

import numpy as np
from contenders import Case, main

# batch, in_channels, size, out_channels, kernel_size, stride, padding
SHAPES = (
    (64, 1, 32, 6, 5, 1, 0),
    (64, 3, 32, 64, 3, 1, 1),
    (64, 64, 32, 64, 3, 1, 1),
    (32, 64, 56, 64, 3, 1, 1),
    (8, 3, 224, 64, 7, 2, 3),
)


def arrays(shape):
    """Return an input, kernels, a bias, the output's gradient, and the settings."""
    batch, depth, size, outputs, kernel, stride, padding = shape
    maps = (size + 2 * padding - kernel) // stride + 1
    rng = np.random.default_rng(0)
    x = rng.standard_normal((batch, depth, size, size), dtype=np.float32)
    weight = rng.standard_normal((outputs, depth, kernel, kernel), dtype=np.float32)
    bias = rng.standard_normal(outputs, dtype=np.float32)
    grad_y = rng.standard_normal((batch, outputs, maps, maps), dtype=np.float32)
    return x, weight, bias, grad_y, {"stride": stride, "padding": padding}


def numpy_calls(shape, with_bias=True):
    """Return the two things to time, on NumPy."""
    from nndl import ops

    x, weight, bias, grad_y, settings = arrays(shape)

    def forward():
        return ops.conv2d(x, weight, bias if with_bias else None, **settings)

    def both():
        return forward(), ops.conv2d_backward(x, weight, grad_y, **settings)

    return forward, both


def paddle_calls(shape, with_bias=True):
    """Return the two things to time, on Paddle."""
    import paddle  # not from nndl.device, which would always set MKL's variable

    x, weight, bias, grad_y, settings = arrays(shape)
    x, weight, bias, grad_y = (paddle.to_tensor(a) for a in (x, weight, bias, grad_y))
    conv2d = paddle.nn.functional.conv2d

    def forward():
        with paddle.no_grad():  # on a CPU it is done when it returns
            return conv2d(x, weight, bias if with_bias else None, **settings)

    def both():
        leaves = [tensor.detach() for tensor in (x, weight, bias)]
        for leaf in leaves:
            leaf.stop_gradient = False
        y = conv2d(*leaves[: 2 + with_bias], **settings)
        y.backward(grad_y)
        return y, [leaf.grad for leaf in leaves]

    return forward, both


LABEL = "{} x {} x {m} x {m} -> {}, k{} s{} p{}"
CASES = [
    Case(
        LABEL.format(*shape[:2], *shape[3:], m=shape[2]) + ("" if with_bias else ", no bias"),
        partial(numpy_calls, shape, with_bias),
        partial(paddle_calls, shape, with_bias),
        goals=(0.5, 0.6) if with_bias else (None, None),
    )
    for with_bias in (True, False)
    for shape in SHAPES
]

if __name__ == "__main__":
    main(__doc__.splitlines()[0], CASES)
