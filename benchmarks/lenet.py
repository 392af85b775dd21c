"""Time a training step of LeNet-5 on NumPy operators against the same in Paddle.

Run ``python benchmarks/lenet.py``; how it is measured stands in ``contenders.py`` beside it. A step
is what training does with a batch of 64 pictures: forward, cross-entropy, backward, Adam.
"""

import numpy as np
from contenders import Case, main

BATCH = 64


def batch():
    """Return pictures and labels."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((BATCH, 1, 32, 32), dtype=np.float32)
    return x, rng.integers(0, 10, BATCH)


def numpy_calls():
    """Return what to time, on NumPy: the logits, and a step."""
    from nndl.models import lenet_ops
    from nndl.ops import CrossEntropy
    from nndl.optim import Adam

    x, labels = batch()
    net, loss = lenet_ops(), CrossEntropy()
    net.ops["conv1"].input_grad = False  # nor does Paddle compute what nobody asks for
    adam = Adam(net)

    def forward():
        return net(x)

    def step():
        loss(net(x), labels)
        grad_logits, _ = loss.backward()
        net.backward(grad_logits)
        adam.step()

    return forward, step


def paddle_calls():
    """Return what to time, on Paddle: the logits, and a step."""
    import paddle  # not from nndl.device, which would always set MKL's variable

    nn = paddle.nn
    x, labels = (paddle.to_tensor(a) for a in batch())
    net = nn.Sequential(
        *(nn.Conv2D(1, 6, 5), nn.ReLU(), nn.MaxPool2D(2)),
        *(nn.Conv2D(6, 16, 5), nn.ReLU(), nn.AvgPool2D(2)),
        *(nn.Conv2D(16, 120, 5), nn.ReLU(), nn.Flatten()),
        *(nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)),
    )
    loss, adam = nn.CrossEntropyLoss(), paddle.optimizer.Adam(parameters=net.parameters())

    def forward():
        with paddle.no_grad():
            return net(x)

    def step():
        loss(net(x), labels).backward()
        adam.step()
        adam.clear_grad()

    return forward, step


CASES = [Case(f"LeNet-5, batch {BATCH}", numpy_calls, paddle_calls, goals=(None, 0.6))]

if __name__ == "__main__":
    main(__doc__.splitlines()[0], CASES, parts=("forward", "training step"))
