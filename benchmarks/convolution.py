"""Time the fast NumPy convolution against Paddle's, forward and forward with backward.

Run ``python benchmarks/convolution.py``; how it is measured stands in ``contenders.py`` beside it.
"""

import functools

from contenders import Case, main

# batch, in_channels, size, out_channels, kernel_size, stride, padding
SHAPES = (
    (64, 1, 32, 6, 5, 1, 0),
    (64, 3, 32, 64, 3, 1, 1),
    (64, 64, 32, 64, 3, 1, 1),
    (32, 64, 56, 64, 3, 1, 1),
    (8, 3, 224, 64, 7, 2, 3),
)
GOALS = (0.5, 0.6)


def numbers(shape):
    """Return an input, a weight and the settings of a shape."""
    import numpy as np

    batch, depth, size, outputs, kernel, stride, padding = shape
    rng = np.random.default_rng(0)
    x = rng.standard_normal((batch, depth, size, size), dtype=np.float32)
    weight = rng.standard_normal((outputs, depth, kernel, kernel), dtype=np.float32)
    return x, weight, {"stride": stride, "padding": padding}


def numpy_calls(shape):
    """Return the two things to time, on NumPy."""
    from nndl import ops

    x, weight, settings = numbers(shape)
    grad_y = ops.conv2d(x, weight, **settings)

    def forward():
        ops.conv2d(x, weight, **settings)

    def both():
        ops.conv2d(x, weight, **settings)
        ops.conv2d_backward(x, weight, grad_y, **settings)

    return forward, both


def paddle_calls(shape):
    """Return the two things to time, on Paddle."""
    import paddle  # not from nndl.device, which would always set MKL's variable

    x, weight, settings = numbers(shape)
    x, weight = paddle.to_tensor(x), paddle.to_tensor(weight)
    conv2d = paddle.nn.functional.conv2d
    grad_y = paddle.ones_like(conv2d(x, weight, **settings))

    def forward():
        with paddle.no_grad():
            conv2d(x, weight, **settings)  # on a CPU it is done when it returns

    def both():
        a, b = x.detach(), weight.detach()
        a.stop_gradient = b.stop_gradient = False
        conv2d(a, b, **settings).backward(grad_y)

    return forward, both


CASES = [
    Case(
        "B {}, D {}, M {}, P {}, U {}, S {}, padding {}".format(*shape),
        functools.partial(numpy_calls, shape),
        functools.partial(paddle_calls, shape),
        GOALS,
    )
    for shape in SHAPES
]

if __name__ == "__main__":
    main(__doc__.splitlines()[0], CASES)
