"""Time pooling on NumPy against Paddle's, forward and forward with backward.

Run ``python benchmarks/pooling.py``; how it is measured stands in ``contenders.py`` beside it.
"""

from functools import partial

import numpy as np
from contenders import Case, main

# batch, channels, size, then kernel_size, stride, padding
SHAPES = (
    ((64, 6, 28), (2, 2, 0)),
    ((64, 64, 32), (2, 2, 0)),
    ((8, 64, 112), (3, 2, 0)),
    ((8, 64, 112), (3, 2, 1)),
)


def arrays(shape, windows):
    """Return an input and the output's gradient."""
    batch, channels, size = shape
    kernel, stride, padding = windows
    maps = (size + 2 * padding - kernel) // stride + 1
    rng = np.random.default_rng(0)
    x = rng.standard_normal((batch, channels, size, size), dtype=np.float32)
    return x, rng.standard_normal((batch, channels, maps, maps), dtype=np.float32)


def numpy_calls(kind, shape, windows):
    """Return the two things to time, on NumPy."""
    from nndl import ops

    x, grad_y = arrays(shape, windows)
    pool, backward = getattr(ops, f"{kind}_pool2d"), getattr(ops, f"{kind}_pool2d_backward")

    def forward():
        return pool(x, *windows)

    def both():
        return forward(), backward(x, grad_y, *windows)

    return forward, both


def paddle_calls(kind, shape, windows):
    """Return the two things to time, on Paddle."""
    import paddle  # not from nndl.device, which would always set MKL's variable

    x, grad_y = (paddle.to_tensor(a) for a in arrays(shape, windows))
    pool = getattr(paddle.nn.functional, f"{kind}_pool2d")

    def forward():
        with paddle.no_grad():
            return pool(x, *windows)

    def both():
        a = x.detach()
        a.stop_gradient = False
        y = pool(a, *windows)
        y.backward(grad_y)
        return y, a.grad

    return forward, both


CASES = [
    Case(
        "{} {} x {} x {m} x {m}, k{} s{} p{}".format(kind, *shape[:2], *windows, m=shape[2]),
        partial(numpy_calls, kind, shape, windows),
        partial(paddle_calls, kind, shape, windows),
        goals=(1.1, 2.2),
    )
    for kind in ("max", "avg")
    for shape, windows in SHAPES
]

if __name__ == "__main__":
    main(__doc__.splitlines()[0], CASES)
