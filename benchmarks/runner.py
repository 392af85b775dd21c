"""What the Runner and the batcher cost.

Run it with one BLAS thread::

    OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 python benchmarks/runner.py

Every comparison is interleaved: each round times all candidates one after the other, so that a
busy neighbor slows all alike. Shown are the least and the median over the rounds; ratios are of
the least.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from nndl.data import Batches, load_digits
from nndl.device import describe, paddle
from nndl.metrics import Accuracy
from nndl.runner import Callback, GradientNorms, LivePlot, Run, RunnerV3

F = paddle.nn.functional
BATCH = 64


def interleave(candidates: dict[str, Callable[[], int]], rounds: int) -> dict[str, list[float]]:
    """Time each candidate once a round; microseconds for each unit that it says it did."""
    for run in candidates.values():
        run()  # warm up
    times: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, run in candidates.items():
            start = time.perf_counter()
            units = run()
            times[name].append((time.perf_counter() - start) / units * 1e6)
    return times


def show(title: str, times: dict[str, list[float]]) -> None:
    base = min(next(iter(times.values())))
    print(f"\n{title}\n{'':44} {'least':>9} {'median':>9} {'ratio':>7}")
    for name, values in times.items():
        least, median = min(values), statistics.median(values)
        print(f"{name:44} {least:9.1f} {median:9.1f} {least / base:7.3f}")


def tiny_net() -> paddle.nn.Layer:
    return paddle.nn.Sequential(
        paddle.nn.Flatten(), paddle.nn.Linear(64, 32), paddle.nn.ReLU(), paddle.nn.Linear(32, 10)
    )


def lenet_like() -> paddle.nn.Layer:
    return paddle.nn.Sequential(
        paddle.nn.Conv2D(1, 16, 3, padding=1), paddle.nn.ReLU(), paddle.nn.MaxPool2D(2),
        paddle.nn.Conv2D(16, 32, 3, padding=1), paddle.nn.ReLU(), paddle.nn.Flatten(),
        paddle.nn.Linear(512, 10),
    )  # fmt: skip


def raw_loop(make: Callable, item: bool, epochs: int) -> Callable[[], int]:
    model = make()
    optimizer = paddle.optimizer.Adam(0.001, parameters=model.parameters())
    batches = Batches(*load_digits().train, batch_size=BATCH, shuffle=True)

    def run() -> int:
        steps = 0
        model.train()
        for _ in range(epochs):
            losses = []
            for images, labels in batches:
                loss = F.cross_entropy(model(images), labels)
                loss.backward()
                optimizer.step()
                optimizer.clear_grad()
                losses.append(loss.item() if item else loss.detach())
                steps += 1
            if not item:
                paddle.stack(losses).tolist()
        return steps

    return run


class LookOn(Callback):
    """A callback that is called at every moment of a step and counts."""

    steps = 0

    def on_backward_end(self, run: Run) -> None:
        self.steps += 1

    def on_step_end(self, run: Run) -> None:
        self.steps += 1


def with_runner(
    make: Callable, epochs: int, callbacks: tuple[Callback, ...] = (), checkpoint: str | None = None
) -> Callable[[], int]:
    model = make()
    optimizer = paddle.optimizer.Adam(0.001, parameters=model.parameters())
    runner = RunnerV3(model, optimizer, F.cross_entropy, Accuracy())
    batches = Batches(*load_digits().train, batch_size=BATCH, shuffle=True)

    def run() -> int:
        history = runner.train(
            batches, num_epochs=epochs, log_steps=0, verbose=False, callbacks=callbacks,
            checkpoint_path=checkpoint,
        )  # fmt: skip
        return len(history.train_steps)

    return run


def with_fit(make: Callable, epochs: int) -> Callable[[], int]:
    network = make()
    model = paddle.Model(network)
    optimizer = paddle.optimizer.Adam(0.001, parameters=network.parameters())
    model.prepare(optimizer, paddle.nn.CrossEntropyLoss())
    train = load_digits().train
    dataset = paddle.io.TensorDataset(
        [paddle.to_tensor(train.images), paddle.to_tensor(train.labels[:, None])]
    )

    def run() -> int:
        model.fit(dataset, batch_size=BATCH, epochs=epochs, verbose=0)
        return epochs * -(-len(train.labels) // BATCH)

    return run


def loading(size: int) -> dict[str, Callable[[], int]]:
    train = load_digits(size=size).train
    batches = Batches(*train, batch_size=BATCH, shuffle=True)
    tensors = paddle.io.TensorDataset([paddle.to_tensor(part) for part in train])

    class OneByOne(paddle.io.Dataset):
        """The way of many tutorials: lists, an image library, a transform for each sample."""

        def __init__(self):
            small = load_digits(size=8).train
            self.images = [(image[0] * 255).tolist() for image in small.images]
            self.labels = small.labels.tolist()

        def __getitem__(self, index: int):
            from PIL import Image

            image = Image.fromarray(np.array(self.images[index], dtype="uint8"))
            image = np.asarray(image.resize((size, size), Image.BILINEAR), dtype="float32")
            return (image[None] / 127.5 - 1), np.int64(self.labels[index])

        def __len__(self) -> int:
            return len(self.labels)

    loader = paddle.io.DataLoader(tensors, batch_size=BATCH, shuffle=True)
    slow = paddle.io.DataLoader(OneByOne(), batch_size=BATCH, shuffle=True)

    def walk(source) -> Callable[[], int]:
        return lambda: sum(1 for _ in source)

    return {
        "nndl.data.Batches": walk(batches),
        "paddle.io.DataLoader, tensors, no workers": walk(loader),
        "paddle.io.DataLoader, a list and Pillow": walk(slow),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    print(describe())
    with tempfile.TemporaryDirectory() as folder:
        compare(rounds, str(Path(folder) / "checkpoint"))


def compare(rounds: int, checkpoint: str) -> None:
    for title, make, epochs in (
        ("Microseconds a training step, tiny network (64-32-10)", tiny_net, 5),
        ("Microseconds a training step, small convolutional network", lenet_like, 1),
    ):
        candidates = {
            "loop by hand, losses asked for at the end": raw_loop(make, False, epochs),
            "loop by hand, loss.item() on each step": raw_loop(make, True, epochs),
            "RunnerV3": with_runner(make, epochs),
            "RunnerV3, two callbacks that look on": with_runner(
                make, epochs, (LookOn(), LivePlot())
            ),
            "RunnerV3, gradient norms on each step": with_runner(make, epochs, (GradientNorms(),)),
            "RunnerV3, a checkpoint each epoch (19 steps)": with_runner(
                make, epochs, checkpoint=checkpoint
            ),
            "paddle.Model.fit": with_fit(make, epochs),
        }
        show(title, interleave(candidates, rounds))
    for size in (8, 32):
        show(f"Microseconds a batch of {BATCH} images of {size} x {size}",
             interleave(loading(size), rounds))  # fmt: skip


if __name__ == "__main__":
    main()
