"""Time the normalizations, the cross-entropy and the activations against Paddle's.

Run ``python benchmarks/operators.py``; how it is measured stands in ``contenders.py`` beside it.
Paddle's gradients are those of every input and parameter, as ours are.
"""

from collections.abc import Callable

from contenders import Calls, Case, main


def numbers(*shape):
    """Return single-precision numbers of a shape."""
    import numpy as np

    return np.random.default_rng(0).standard_normal(shape, dtype=np.float32)


def labels(rows, classes):
    """Return a label for each row."""
    import numpy as np

    return np.random.default_rng(0).integers(0, classes, rows)


def ours(op, *inputs) -> Calls:
    """Return the two things to time, of an operator of NumPy."""
    import numpy as np

    grad = np.ones_like(op(*inputs))

    def both():
        op(*inputs)
        op.backward(grad)

    return lambda: op(*inputs), both


def paddles(function, *inputs) -> Calls:
    """Return the two things to time, of a function of Paddle's."""
    import paddle  # not from nndl.device, which would always set MKL's variable

    tensors = [paddle.to_tensor(x) for x in inputs]
    grad = paddle.ones_like(function(*tensors))

    def forward():
        with paddle.no_grad():
            function(*tensors)  # on a CPU it is done when it returns

    def both():
        leaves = [t.detach() for t in tensors]
        for leaf in leaves:
            leaf.stop_gradient = not leaf.is_floating_point()
        function(*leaves).backward(grad)

    return forward, both


def layer_norm(rows, features) -> Case:
    def numpy_calls():
        from nndl import ops

        return ours(ops.LayerNorm(features), numbers(rows, features))

    def paddle_calls():
        from paddle.nn.functional import layer_norm

        x, weight, bias = numbers(rows, features), numbers(features), numbers(features)
        return paddles(lambda t, w, b: layer_norm(t, features, w, b), x, weight, bias)

    return Case(f"layer norm {rows} x {features}", numpy_calls, paddle_calls, (3.0, 0.6))


def batch_norm(*shape) -> Case:
    channels = shape[1]

    def numpy_calls():
        from nndl import ops

        return ours(ops.BatchNorm(channels), numbers(*shape))

    def paddle_calls():
        import paddle

        mean, variance = paddle.zeros([channels]), paddle.ones([channels])

        def function(t, weight, bias):
            return paddle.nn.functional.batch_norm(t, mean, variance, weight, bias, training=True)

        return paddles(function, numbers(*shape), numbers(channels), numbers(channels))

    title = "batch norm " + " x ".join(map(str, shape))
    return Case(title, numpy_calls, paddle_calls, (None, None))


def cross_entropy(rows, classes, goal) -> Case:
    def numpy_calls():
        from nndl import ops

        return ours(ops.CrossEntropy(), numbers(rows, classes), labels(rows, classes))

    def paddle_calls():
        from paddle.nn.functional import cross_entropy

        return paddles(cross_entropy, numbers(rows, classes), labels(rows, classes))

    title = f"softmax and cross-entropy {rows} x {classes}"
    return Case(title, numpy_calls, paddle_calls, (None, goal))


def activation(name: str, theirs: str, size=(1024, 1024), **options) -> Case:
    def numpy_calls():
        from nndl import ops

        return ours(getattr(ops, name)(**options), numbers(*size))

    def paddle_calls():
        import paddle

        function: Callable = getattr(paddle.nn.functional, theirs)
        return paddles(lambda t: function(t, **options), numbers(*size))

    words = ", ".join([theirs, *(f"{key}={value}" for key, value in options.items())])
    return Case(f"{words} {size[0]} x {size[1]}", numpy_calls, paddle_calls, (None, None))


CASES = [
    layer_norm(4096, 512),
    layer_norm(64, 128),
    batch_norm(64, 64, 32, 32),
    batch_norm(256, 128),
    cross_entropy(64, 10, 0.5),
    cross_entropy(4096, 1000, 1.8),
    activation("Logistic", "sigmoid"),
    activation("Tanh", "tanh"),
    activation("ReLU", "relu"),
    activation("LeakyReLU", "leaky_relu", negative_slope=0.1),
    activation("GELU", "gelu"),
    activation("GELU", "gelu", approximate=True),
    activation("Softmax", "softmax", axis=-1),
    activation("LogSoftmax", "log_softmax", axis=-1),
]

if __name__ == "__main__":
    main(__doc__.splitlines()[0], CASES)
