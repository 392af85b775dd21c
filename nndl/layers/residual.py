"""Residual blocks: layers that learn what to add to their input."""

from nndl.arithmetic.checks import flag, size
from nndl.device import paddle
from nndl.layers.operators import operators
from nndl.layers.windows import check_maps

__all__ = ["Bottleneck", "ResBlock"]


def _shortcut(in_channels: int, out_channels: int, stride: int, by_hand: bool) -> paddle.nn.Layer:
    """Return the identity, or where the shapes differ a 1 x 1 convolution that makes them equal."""
    if stride == 1 and in_channels == out_channels:
        return paddle.nn.Identity()
    nn = operators(by_hand)
    return paddle.nn.Sequential(
        nn.Conv2D(in_channels, out_channels, 1, stride=stride, bias_attr=False),
        nn.BatchNorm2D(out_channels),
    )


class ResBlock(paddle.nn.Layer):
    """Two convolutions, and a shortcut around them: ``relu(residual(x) + shortcut(x))``.

    The shortcut is the identity, so that a gradient reaches the input unchanged. Where the block
    changes the shape, it is a 1 x 1 convolution with batch normalization.

    Parameters
    ----------
    in_channels, out_channels : int
        Maps that come in and go out.
    stride : int
        Step of the first convolution.
    use_residual : bool
        Whether there is a shortcut. Without one this is a plain block, the control in an
        experiment; it then holds no parameter of a shortcut either.
    by_hand : bool
        Whether its operators are those of :mod:`nndl.layers`; Paddle's own, several times faster,
        by default. The two are equal, and one's state fits the other.

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
    >>> block = ResBlock(8, 16, stride=2)
    >>> tuple(block(paddle.ones([2, 8, 6, 6])).shape)
    (2, 16, 3, 3)
    >>> [name for name in block.state_dict() if name.startswith("shortcut")]
    ['shortcut.0.weight', 'shortcut.1.weight', 'shortcut.1.bias', 'shortcut.1._mean',
     'shortcut.1._variance']
    """

    expansion = 1  # maps that go out, in multiples of the inner ones

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        stride: int = 1,
        use_residual: bool = True,
        by_hand: bool = False,
    ) -> None:
        super().__init__()
        in_channels = size("in_channels", in_channels)
        out_channels, stride = size("out_channels", out_channels), size("stride", stride)
        nn = operators(by_hand)
        self.conv1 = nn.Conv2D(
            in_channels, out_channels, 3, stride=stride, padding=1, bias_attr=False
        )
        self.bn1 = nn.BatchNorm2D(out_channels)
        self.conv2 = nn.Conv2D(out_channels, out_channels, 3, padding=1, bias_attr=False)
        self.bn2 = nn.BatchNorm2D(out_channels)
        self.relu = paddle.nn.ReLU()
        self.use_residual = flag("use_residual", use_residual)
        if self.use_residual:
            self.shortcut = _shortcut(in_channels, out_channels, stride, by_hand)

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        """Return the maps of the block.

        Parameters
        ----------
        x : paddle.Tensor, shape (N, in_channels, H, W)

        Returns
        -------
        paddle.Tensor, shape (N, out_channels, H', W')
            ``H' = ceil(H / stride)``, ``W' = ceil(W / stride)``.
        """
        check_maps(x, self.conv1.weight.shape[1], like=self.conv1.weight)
        y = self.relu(self.bn1(self.conv1(x)))  # (N, out_channels, H', W')
        y = self.bn2(self.conv2(y))
        if self.use_residual:
            y = y + self.shortcut(x)
        return self.relu(y)


class Bottleneck(paddle.nn.Layer):
    """The residual block of deep networks: 1 x 1 to fewer maps, 3 x 3, 1 x 1 back to many.

    Parameters
    ----------
    in_channels : int
        Maps that come in.
    channels : int
        Maps of the 3 x 3 convolution; four times as many go out.
    stride : int
        Step of the 3 x 3 convolution.
    use_residual, by_hand : bool
        As for `ResBlock`.

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
    >>> tuple(Bottleneck(8, 4, stride=2)(paddle.ones([2, 8, 6, 6])).shape)
    (2, 16, 3, 3)
    """

    expansion = 4

    def __init__(
        self,
        in_channels: int,
        channels: int,
        stride: int = 1,
        use_residual: bool = True,
        by_hand: bool = False,
    ) -> None:
        super().__init__()
        in_channels, channels = size("in_channels", in_channels), size("channels", channels)
        stride = size("stride", stride)
        nn = operators(by_hand)
        out_channels = self.expansion * channels
        self.conv1 = nn.Conv2D(in_channels, channels, 1, bias_attr=False)
        self.bn1 = nn.BatchNorm2D(channels)
        self.conv2 = nn.Conv2D(channels, channels, 3, stride=stride, padding=1, bias_attr=False)
        self.bn2 = nn.BatchNorm2D(channels)
        self.conv3 = nn.Conv2D(channels, out_channels, 1, bias_attr=False)
        self.bn3 = nn.BatchNorm2D(out_channels)
        self.relu = paddle.nn.ReLU()
        self.use_residual = flag("use_residual", use_residual)
        if self.use_residual:
            self.shortcut = _shortcut(in_channels, out_channels, stride, by_hand)

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        """Return the maps of the block.

        Parameters
        ----------
        x : paddle.Tensor, shape (N, in_channels, H, W)

        Returns
        -------
        paddle.Tensor, shape (N, 4 * channels, H', W')
            ``H' = ceil(H / stride)``, ``W' = ceil(W / stride)``.
        """
        check_maps(x, self.conv1.weight.shape[1], like=self.conv1.weight)
        y = self.relu(self.bn1(self.conv1(x)))  # (N, channels, H, W)
        y = self.relu(self.bn2(self.conv2(y)))  # (N, channels, H', W')
        y = self.bn3(self.conv3(y))  # (N, 4 * channels, H', W')
        if self.use_residual:
            y = y + self.shortcut(x)
        return self.relu(y)
