"""Residual networks: ResNet18, its deeper and narrower relatives, and plain ones to compare."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from nndl.arithmetic.checks import choice, size
from nndl.device import paddle
from nndl.layers import Bottleneck, GlobalAvgPool2D, ResBlock, operators
from nndl.layers.windows import check_maps

__all__ = ["Model_ResNet18", "ResNet", "load_from_paddle"]

#: Depth -> the block and how many of them are in each of the four stages.
FOUR_STAGES: dict[int, tuple[type, list[int]]] = {
    18: (ResBlock, [2, 2, 2, 2]),
    34: (ResBlock, [3, 4, 6, 3]),
    50: (Bottleneck, [3, 4, 6, 3]),
    101: (Bottleneck, [3, 4, 23, 3]),
    152: (Bottleneck, [3, 8, 36, 3]),
}


STEMS = ("imagenet", "cifar")


def _plan(depth: int) -> tuple[type, list[int]]:
    """Return the block and how many of them are in each stage."""
    depth = size("depth", depth)
    if depth in FOUR_STAGES:
        return FOUR_STAGES[depth]
    blocks, rest = divmod(depth - 2, 6)
    if blocks < 1 or rest:
        raise ValueError(
            f"depth must be one of {', '.join(map(str, FOUR_STAGES))} (four stages), or 6 n + 2 "
            f"such as 8, 20, 32 or 56 (three stages), got {depth}"
        )
    return ResBlock, [blocks] * 3


def _stem(kind: str, in_channels: int, channels: int, by_hand: bool) -> paddle.nn.Layer:
    """Return the layers before the first block."""
    nn = operators(by_hand)
    if choice("stem", kind, STEMS) == "cifar":
        window, pool = {"kernel_size": 3, "stride": 1, "padding": 1}, []
    else:
        window = {"kernel_size": 7, "stride": 2, "padding": 3}
        pool = [("maxpool", nn.MaxPool2D(kernel_size=3, stride=2, padding=1))]
    return paddle.nn.Sequential(
        ("conv1", nn.Conv2D(in_channels, channels, bias_attr=False, **window)),
        ("bn1", nn.BatchNorm2D(channels)),
        ("relu", paddle.nn.ReLU()),
        *pool,
    )


class ResNet(paddle.nn.Layer):
    """A residual network: a stem, stages of residual blocks, the mean of each map, a linear layer.

    Each stage after the first halves the maps' height and width and doubles their number.

    Parameters
    ----------
    depth : int
        Layers with weights, shortcuts not counted. 18, 34, 50, 101 and 152 are the networks with
        four stages that were made for ImageNet (from 50 on with bottlenecks). Any other ``6 n + 2``
        (8, 14, 20, 32, 56, ...) has three stages of n blocks, as made for CIFAR-10.
    width : int, optional
        Channels of the first stage; by default 64 with four stages and 16 with three.
    in_channels : int
        1 for grey pictures, 3 for RGB.
    num_classes : int
        How many logits it gives.
    use_residual : bool
        Whether the blocks have shortcuts; without, it is the plain network of the same depth.
    stem : {"imagenet", "cifar"}, optional
        For large pictures: 7 x 7 with stride 2, then a maximum pooling with stride 2. For small
        ones: 3 x 3 with stride 1. The first by default with four stages, the second with three.
    by_hand : bool
        Whether convolution, normalization and pooling are those of :mod:`nndl.layers`; Paddle's
        own, several times faster, by default. The two are equal, and one's state fits the other.

    Raises
    ------
    ValueError
        If an argument breaks its rule.

    References
    ----------
    K. He, X. Zhang, S. Ren and J. Sun, "Deep residual learning for image recognition",
    arXiv:1512.03385, 2015.

    Examples
    --------
    >>> model = ResNet(depth=20, width=8, in_channels=1)
    >>> tuple(model(paddle.ones([2, 1, 8, 8])).shape)
    (2, 10)
    >>> [len(stage) for stage in model.stages.children()]
    [3, 3, 3]
    """

    def __init__(
        self,
        depth: int = 18,
        width: int | None = None,
        in_channels: int = 3,
        num_classes: int = 10,
        use_residual: bool = True,
        stem: str | None = None,
        by_hand: bool = False,
    ) -> None:
        super().__init__()
        block, counts = _plan(depth)
        small = len(counts) == 3
        width = (16 if small else 64) if width is None else size("width", width)
        stem = ("cifar" if small else "imagenet") if stem is None else stem
        self.stem = _stem(stem, size("in_channels", in_channels), width, by_hand)
        stages, channels, inner = [], width, width
        for number, count in enumerate(counts, start=1):
            blocks = []
            for place in range(count):
                stride = 2 if number > 1 and place == 0 else 1
                blocks.append(block(channels, inner, stride, use_residual, by_hand))
                channels = inner * block.expansion
            stages.append((f"layer{number}", paddle.nn.Sequential(*blocks)))
            inner *= 2
        self.stages = paddle.nn.Sequential(*stages)
        self.pool = GlobalAvgPool2D()
        self.fc = paddle.nn.Linear(channels, size("num_classes", num_classes))

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        """Return the logits of a batch.

        Parameters
        ----------
        x : paddle.Tensor, shape (N, in_channels, H, W)

        Returns
        -------
        paddle.Tensor, shape (N, num_classes)
        """
        weight = self.stem.conv1.weight
        check_maps(x, weight.shape[1], like=weight)
        x = self.stages(self.stem(x))  # (N, C, H', W')
        x = self.pool(x).flatten(1)  # (N, C)
        return self.fc(x)  # (N, num_classes)


class Model_ResNet18(ResNet):  # noqa: N801 - the name under which the course published it
    """ResNet18: four stages of two residual blocks, with 64, 128, 256 and 512 channels.

    Parameters
    ----------
    in_channels : int
        1 for grey pictures, 3 for RGB.
    num_classes : int
        How many logits it gives.
    use_residual : bool
        Whether the blocks have shortcuts; without, it is the plain network, to compare with.
    stem : {"imagenet", "cifar"}
        What comes before the blocks: see `ResNet`. The first leaves a 32 x 32 picture a single
        number a map in the last stage; the second suits it better.
    by_hand : bool
        As for `ResNet`.

    Raises
    ------
    ValueError
        If an argument breaks its rule.

    Examples
    --------
    >>> model = Model_ResNet18(stem="cifar")
    >>> tuple(model(paddle.ones([1, 3, 32, 32])).shape)
    (1, 10)
    """

    def __init__(
        self,
        in_channels: int = 3,
        num_classes: int = 10,
        use_residual: bool = True,
        stem: str = "imagenet",
        by_hand: bool = False,
    ) -> None:
        super().__init__(
            18,
            in_channels=in_channels,
            num_classes=num_classes,
            use_residual=use_residual,
            stem=choice("stem", stem, STEMS),
            by_hand=by_hand,
        )


def _paddles_name(name: str) -> str:
    """Return what a tensor of our state is called in ``paddle.vision.models``."""
    return name.removeprefix("stem.").removeprefix("stages.").replace("shortcut", "downsample")


def load_from_paddle(model: ResNet, state: Mapping[str, Any]) -> None:
    """Give a model every tensor of a ResNet of ``paddle.vision.models``, or change nothing.

    Parameters
    ----------
    model : ResNet
        Of the same depth and width, with shortcuts and the ImageNet stem.
    state : mapping of str to paddle.Tensor or array
        What ``paddle.vision.models.resnet18().state_dict()`` returns: the weights, and the running
        statistics of batch normalization.

    Raises
    ------
    ValueError
        If a tensor of either side has no partner, or a partner of another shape; all are named.

    Examples
    --------
    >>> theirs = paddle.vision.models.resnet18(num_classes=10)
    >>> load_from_paddle(Model_ResNet18(), theirs.state_dict())
    >>> load_from_paddle(Model_ResNet18(num_classes=7), theirs.state_dict())
    Traceback (most recent call last):
    ...
    ValueError: state must fit the model: fc.weight has shape (512, 10), not (512, 7); fc.bias has
    shape (10,), not (7,)
    """
    if not isinstance(model, ResNet):
        raise TypeError(f"model must be a ResNet, got {type(model).__name__}")
    if not isinstance(state, Mapping):
        raise TypeError(f"state must be a mapping of names to tensors, got {type(state).__name__}")
    ours = {_paddles_name(name): tensor for name, tensor in model.state_dict().items()}
    faults = [f"the state lacks {name}" for name in ours if name not in state]
    faults += [f"the model has no {name}" for name in state if name not in ours]
    for name, tensor in ours.items():
        if name in state and tuple(state[name].shape) != tuple(tensor.shape):
            shapes = tuple(state[name].shape), tuple(tensor.shape)
            faults.append(f"{name} has shape {shapes[0]}, not {shapes[1]}")
    if faults:
        raise ValueError("state must fit the model: " + "; ".join(faults))
    for name, tensor in ours.items():
        tensor.set_value(np.asarray(state[name]).astype(str(tensor.dtype).split(".")[-1]))
