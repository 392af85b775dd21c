"""Time the recurrent operators and attention against Paddle's, forward and with backward.

Run ``python benchmarks/sequences.py``; how it is measured stands in ``contenders.py`` beside it.
Paddle's attention is the faster of what it offers: its own products and softmax, which on a CPU
take half the time of its ``scaled_dot_product_attention``.
"""

import functools

from contenders import Case, main

# time, batch, hidden_size (and input_size)
RECURRENT = ((20, 8, 32), (64, 64, 128), (128, 128, 256))
# batch, heads, length, size of a head
ATTENTION = ((8, 8, 256, 64), (32, 4, 64, 32))
# batch, length, embed_dim, heads
MULTI_HEAD = ((32, 64, 128, 4),)
GOALS = (0.7, 0.7)
NO_GOALS = (None, None)


def normal(*shape):
    """Return numbers in single precision."""
    import numpy as np

    return np.random.default_rng(0).standard_normal(shape, dtype=np.float32)


def numpy_calls(op, *inputs, outputs=1):
    """Return the two things to time of an operator; its gradient is that of its first output."""
    y = op(*inputs)
    grad = normal(*(y[0] if outputs > 1 else y).shape)
    grads = (grad, *[None] * (outputs - 1)) if outputs > 1 else grad

    def forward():
        op(*inputs)

    def both():
        op(*inputs)
        op.backward(grads)

    return forward, both


def paddle_calls(function, *inputs):
    """Return the two things to time of a function or layer of Paddle."""
    import paddle  # not from nndl.device, which would always set MKL's variable

    tensors = [paddle.to_tensor(a) for a in inputs]
    grad = paddle.to_tensor(normal(*function(*tensors).shape))

    def forward():
        with paddle.no_grad():
            function(*tensors)  # on a CPU it is done when it returns

    def both():
        own = [tensor.detach() for tensor in tensors]
        for tensor in own:
            tensor.stop_gradient = False
        function(*own).backward(grad)
        if isinstance(function, paddle.nn.Layer):
            function.clear_gradients()

    return forward, both


def our_recurrent(kind, shape):
    """Return what to time of our SRN or LSTM."""
    from nndl import ops

    time, batch, size = shape
    op = getattr(ops, kind)(size, size)
    return numpy_calls(op, normal(batch, time, size), outputs=len(op.states) + 1)


def paddle_recurrent(kind, shape):
    """Return what to time of Paddle's SimpleRNN or LSTM."""
    import paddle

    class Outputs(paddle.nn.Layer):
        """The outputs alone."""

        def __init__(self):
            super().__init__()
            self.inside = getattr(paddle.nn, kind.replace("SRN", "SimpleRNN"))(size, size)

        def forward(self, x):
            return self.inside(x)[0]

    time, batch, size = shape
    return paddle_calls(Outputs(), normal(batch, time, size))


def our_attention(shape):
    """Return what to time of our scaled dot-product attention."""
    from nndl import ops

    x = normal(3, *shape)
    return numpy_calls(ops.ScaledDotProductAttention(), *x)


def paddle_attention(shape):
    """Return what to time of the same of Paddle's products and softmax."""
    import paddle

    def attention(q, k, v):
        scores = paddle.matmul(q * shape[-1] ** -0.5, k, transpose_y=True)
        return paddle.matmul(paddle.nn.functional.softmax(scores), v)

    return paddle_calls(attention, *normal(3, *shape))


def our_heads(shape):
    """Return what to time of our multi-head self-attention."""
    from nndl import ops

    *x, heads = shape
    return numpy_calls(ops.MultiHeadAttention(x[-1], heads), normal(*x))


def paddle_heads(shape):
    """Return what to time of Paddle's multi-head self-attention."""
    import paddle

    *x, heads = shape
    return paddle_calls(paddle.nn.MultiHeadAttention(x[-1], heads), normal(*x))


CASES = [
    *(
        Case(
            "{} T {}, B {}, H {}".format(kind, *shape),
            functools.partial(our_recurrent, kind, shape),
            functools.partial(paddle_recurrent, kind, shape),
            # on tiny steps the calls of NumPy cost more than what they compute
            GOALS if kind == "LSTM" and shape[-1] > 32 else NO_GOALS,
        )
        for kind in ("SRN", "LSTM")
        for shape in RECURRENT
    ),
    *(
        Case(
            "attention B {}, heads {}, T {}, d {}".format(*shape),
            functools.partial(our_attention, shape),
            functools.partial(paddle_attention, shape),
            GOALS,
        )
        for shape in ATTENTION
    ),
    *(
        Case(
            "MultiHeadAttention B {}, T {}, E {}, heads {}".format(*shape),
            functools.partial(our_heads, shape),
            functools.partial(paddle_heads, shape),
            NO_GOALS,
        )
        for shape in MULTI_HEAD
    ),
]

if __name__ == "__main__":
    main(__doc__.splitlines()[0], CASES)
