"""One training run on several processes: each takes a share of every batch.

Under ``python -m paddle.distributed.launch`` the same script runs once for each process. Every
process draws the same batches and computes on every so-many-th sample of each; Paddle's own engine
(:class:`paddle.DataParallel`) gives all of them the mean gradient. So the weights are those of one
process with the same batches, up to rounding and what layers do across samples (batch
normalization sees its share only).

A loader whose sampler is a :class:`paddle.io.DistributedBatchSampler` has shared out the samples
already: its batches are taken whole.
"""

import os
from collections.abc import Iterable
from typing import Any

from nndl.device import paddle
from nndl.runner import checks
from nndl.runner.backends import LayerBackend, call

__all__: list[str] = []


class Parallel:
    """The processes that train together, and what this one has of the work.

    Attributes
    ----------
    rank, size : int
        Which process this is, of how many.
    """

    def __init__(self) -> None:
        launched = int(os.environ.get("PADDLE_TRAINERS_NUM", "1")) > 1
        if launched and not paddle.distributed.is_initialized():
            paddle.distributed.init_parallel_env()
        together = paddle.distributed.is_initialized()
        self.rank = paddle.distributed.get_rank() if together else 0
        self.size = paddle.distributed.get_world_size() if together else 1

    def wrap(self, model: Any) -> Any:
        """Give the model whose gradients are the mean over the processes."""
        return model if self.size == 1 else paddle.DataParallel(model)

    def share(self, loader: Any, inputs: Any, labels: Any) -> tuple[Any, Any, float]:
        """Give this process's samples of a batch, and how much their mean loss weighs.

        Gradients are averaged over the processes, each weighing the same. With the weights, that
        is the mean over the samples, also where the shares differ in size.
        """
        if self.size == 1 or is_sharded(loader):
            return inputs, labels, 1.0
        number = checks.batch_size(labels, inputs)
        chosen = self.chosen(number)
        weight = len(range(self.rank, number, self.size)) * self.size / number
        return take(inputs, chosen), take(labels, chosen), weight

    def chosen(self, number: int) -> Any:
        """Give the places of this process's samples; it has at least one, if only for company."""
        mine = range(self.rank, number, self.size) or range(1)
        return paddle.to_tensor(list(mine), dtype="int64")

    def mean(self, values: Any) -> Any:
        """Average a tensor over the processes."""
        if self.size == 1:
            return values
        total = values.clone()
        paddle.distributed.all_reduce(total)
        return total / self.size

    def gathered(self, value: Any, number: int) -> Any:
        """Put the outputs for every process's share together, in the order of the batch."""
        if isinstance(value, (tuple, list)):
            return type(value)(self.gathered(part, number) for part in value)
        rows = -(-number // self.size)
        missing = rows - value.shape[0]
        if missing:  # all must send the same shape
            value = paddle.concat([value] + [value[:1]] * missing)
        parts: list[Any] = []
        paddle.distributed.all_gather(parts, value)
        whole = paddle.stack(parts, axis=1)  # (rows, size, ...)
        return whole.reshape([rows * self.size, *value.shape[1:]])[:number]

    def joined(self, value: Any) -> Any:
        """Put all processes' batches behind each other; all of them are as long."""
        if isinstance(value, (tuple, list)):
            return type(value)(self.joined(part) for part in value)
        parts: list[Any] = []
        paddle.distributed.all_gather(parts, value)
        return paddle.concat(parts)

    def everybodys(self, value: Any) -> list[Any]:
        """Give the plain values of all processes, by rank."""
        if self.size == 1:
            return [value]
        values: list[Any] = []
        paddle.distributed.all_gather_object(values, value)
        return values

    def level_buffers(self, model: Any) -> None:
        """Give all processes the mean of what layers keep without learning it."""
        if self.size > 1:
            for buffer in model.buffers():
                if buffer.is_floating_point():
                    buffer.set_value(self.mean(buffer))

    def wait(self) -> None:
        """Wait for the other processes."""
        if self.size > 1:
            paddle.distributed.barrier()

    def words(self) -> str:
        """Say that there are several."""
        return f" {self.size} processes share each batch." if self.size > 1 else ""


class ParallelBackend(LayerBackend):
    """A layer that is measured by several processes, each on its share of every batch."""

    def __init__(self, model: Any, parallel: Parallel, is_sharded: bool):
        super().__init__(model)
        self.parallel, self.is_sharded = parallel, is_sharded

    def outputs_and_labels(self, inputs: Any, labels: Any, source: str) -> tuple[Any, Any]:
        """Run the model on this share, and give the outputs and labels of all of them."""
        if self.is_sharded:
            outputs = call(self.model, inputs, source)
            return self.parallel.joined(outputs), self.parallel.joined(labels)
        number = checks.batch_size(labels, inputs)
        mine = take(inputs, self.parallel.chosen(number))
        return self.parallel.gathered(call(self.model, mine, source), number), labels


def is_sharded(loader: Iterable) -> bool:
    """Tell whether a loader gives each process samples of its own."""
    sampler = getattr(loader, "batch_sampler", None)
    return isinstance(sampler, paddle.io.DistributedBatchSampler)


def take(values: Any, chosen: Any) -> Any:
    """Take some samples out of each of several arrays, or of the one that there is."""
    if isinstance(values, dict):
        return {name: take(value, chosen) for name, value in values.items()}
    if isinstance(values, (tuple, list)):
        return tuple(take(value, chosen) for value in values)
    return paddle.gather(values, chosen)  # unlike index_select, of bytes too
