"""Two layers with one state, one by hand and one of Paddle's, run side by side in double precision.

Paddle's layers convert only a part of themselves by ``astype``: they must be made in a double
precision world.
"""

from contextlib import contextmanager

import numpy as np

from nndl.device import paddle


@contextmanager
def double_precision():
    """Let new parameters be float64."""
    paddle.set_default_dtype("float64")
    try:
        yield
    finally:
        paddle.set_default_dtype("float32")


def draw_state(layer, seed=0):
    """Give a layer parameters and statistics that no default would have."""
    rng = np.random.default_rng(seed)
    for name, tensor in layer.state_dict().items():
        numbers = rng.standard_normal(tuple(tensor.shape))
        if name.endswith("_variance"):
            numbers = rng.uniform(0.5, 2.0, numbers.shape)
        elif numbers.ndim > 1:  # a kernel or a matrix: as much comes out as goes in
            inputs = numbers.size / numbers.shape[0] if numbers.ndim == 4 else numbers.shape[0]
            numbers *= (2.0 / inputs) ** 0.5
        elif name.endswith("weight"):
            numbers = rng.uniform(0.5, 1.5, numbers.shape)
        tensor.set_value(numbers.astype(str(tensor.dtype).split(".")[-1]))


def exact_settings(model):
    """Set what Paddle's batch normalization keeps in single precision to what is exact there."""
    for layer in model.sublayers():
        if type(layer).__name__ == "BatchNorm2D":
            dashed = "_" if isinstance(layer, paddle.nn.BatchNorm2D) else ""
            setattr(layer, f"{dashed}momentum", 0.875)
            setattr(layer, f"{dashed}epsilon", 2.0**-10)


def statistics(layer):
    """Return the running statistics of a layer, in the order in which they are computed."""
    state = layer.state_dict().items()
    return [tensor.numpy() for name, tensor in state if name.endswith(("_mean", "_variance"))]


def run(layer, numbers):
    """Return the output, and the gradients of the input and of each learned parameter."""
    x = paddle.to_tensor(numbers, stop_gradient=False)
    y = layer(x)
    (y * y.detach().cos()).sum().backward()  # any loss that weighs the outputs differently
    learned = {n: p for n, p in layer.named_parameters() if not p.stop_gradient}
    return y.numpy(), [x.grad.numpy(), *(p.grad.numpy() for p in learned.values())]
