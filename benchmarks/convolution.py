"""Time the fast NumPy convolution against Paddle's, forward and forward with backward.

Run ``python benchmarks/convolution.py``; how it is measured stands in ``contenders.py`` beside it.
The first two shapes miss the goal of forward: the matrix product alone, of 6 x 25 and of 64 x 27
kernels, takes about half of Paddle's time.
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
    """Return an input, kernels, the output's gradient, and the settings."""
    batch, depth, size, outputs, kernel, stride, padding = shape
    maps = (size + 2 * padding - kernel) // stride + 1
    rng = np.random.default_rng(0)
    x = rng.standard_normal((batch, depth, size, size), dtype=np.float32)
    weight = rng.standard_normal((outputs, depth, kernel, kernel), dtype=np.float32)
    grad_y = rng.standard_normal((batch, outputs, maps, maps), dtype=np.float32)
    return x, weight, grad_y, {"stride": stride, "padding": padding}


def numpy_calls(shape):
    """Return the two things to time, on NumPy."""
    from nndl import ops

    x, weight, grad_y, settings = arrays(shape)

    def forward():
        return ops.conv2d(x, weight, **settings)

    def both():
        return forward(), ops.conv2d_backward(x, weight, grad_y, **settings)

    return forward, both


def paddle_calls(shape):
    """Return the two things to time, on Paddle."""
    import paddle  # not from nndl.device, which would always set MKL's variable

    x, weight, grad_y, settings = arrays(shape)
    x, weight, grad_y = (paddle.to_tensor(a) for a in (x, weight, grad_y))
    conv2d = paddle.nn.functional.conv2d

    def forward():
        with paddle.no_grad():
            return conv2d(x, weight, **settings)  # on a CPU it is done when it returns

    def both():
        a, b = x.detach(), weight.detach()
        a.stop_gradient = b.stop_gradient = False
        y = conv2d(a, b, **settings)
        y.backward(grad_y)
        return y, a.grad, b.grad

    return forward, both


LABEL = "{} x {} x {m} x {m} -> {}, k{} s{} p{}"
CASES = [
    Case(
        LABEL.format(*shape[:2], *shape[3:], m=shape[2]),
        partial(numpy_calls, shape),
        partial(paddle_calls, shape),
        goals=(0.5, 0.6),
    )
    for shape in SHAPES
]

if __name__ == "__main__":
    main(__doc__.splitlines()[0], CASES)
