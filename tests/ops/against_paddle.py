"""Run an operator and its counterpart of Paddle on the same numbers, forward and backward."""

from collections.abc import Callable, Sequence

import numpy as np
from equality import compare

from nndl.device import paddle
from nndl.ops import Op


def hold_equal(
    name: str,
    op: Op,
    theirs: Callable,
    inputs: Sequence[np.ndarray],
    params: Sequence[str] = (),
    seed: int = 0,
    tolerance: float = 1e-9,
) -> None:
    """Compare output, gradients of every floating-point input, and of the named parameters.

    `theirs` is called with tensors: the inputs, then the parameters in the order named.
    """
    tensors = [paddle.to_tensor(x) for x in (*inputs, *(op.params[n] for n in params))]
    for tensor in tensors:
        tensor.stop_gradient = "float" not in str(tensor.dtype)
    y, expected = op(*inputs), theirs(*tensors)
    grad = np.random.default_rng(seed).standard_normal(np.shape(y))
    expected.backward(paddle.to_tensor(grad))
    back = op.backward(grad)
    back = list(back) if isinstance(back, tuple) else [back]
    pairs = [
        # what a constant result does not depend on has no gradient in Paddle
        (ours, np.zeros(t.shape) if t.grad is None else t.grad)
        for ours, t in zip([*back, *(op.grads[n] for n in params)], tensors, strict=True)
        if not t.stop_gradient and ours is not None
    ]
    compare(name, [y], [expected], *zip(*pairs, strict=True), tolerance=tolerance)
