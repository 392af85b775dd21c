"""LeNet-5, the convolutional network that read the digits on checks."""

from nndl.arithmetic.checks import size
from nndl.device import paddle
from nndl.layers import operators
from nndl.layers.checks import check_real

__all__ = ["LeNet"]


class LeNet(paddle.nn.Layer):
    """LeNet-5 for pictures of 32 x 32 pixels, with ReLU.

    Three convolutions of 5 x 5 with a maximum and an average pooling between them, and two linear
    layers. For one channel and 10 classes it has 61,706 parameters and does 416,520
    multiply-accumulates a picture.

    Parameters
    ----------
    num_classes : int
        How many logits it gives.
    in_channels : int
        1 for grey pictures, 3 for RGB.
    by_hand : bool
        Whether convolution and pooling are those of :mod:`nndl.layers`; Paddle's own by default.
        The two are equal, and one's state fits the other.

    Raises
    ------
    ValueError
        If an argument is no positive integer.

    References
    ----------
    Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based learning applied to document
    recognition", 1998.

    Examples
    --------
    >>> model = LeNet()
    >>> tuple(model(paddle.ones([2, 1, 32, 32])).shape), sum(p.size for p in model.parameters())
    ((2, 10), 61706)
    """

    def __init__(self, num_classes: int = 10, in_channels: int = 1, by_hand: bool = False) -> None:
        super().__init__()
        nn = operators(by_hand)
        self.in_channels = size("in_channels", in_channels)
        self.conv1 = nn.Conv2D(self.in_channels, 6, 5)
        self.pool1 = nn.MaxPool2D(2, 2)
        self.conv2 = nn.Conv2D(6, 16, 5)
        self.pool2 = nn.AvgPool2D(2, 2)
        self.conv3 = nn.Conv2D(16, 120, 5)
        self.linear1 = paddle.nn.Linear(120, 84)
        self.linear2 = paddle.nn.Linear(84, size("num_classes", num_classes))
        self.relu = paddle.nn.ReLU()

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        """Return the logits of a batch.

        Parameters
        ----------
        x : paddle.Tensor, shape (N, in_channels, 32, 32)

        Returns
        -------
        paddle.Tensor, shape (N, num_classes)

        Raises
        ------
        ValueError
            If x has another shape.
        """
        check_real("x", x, "batch", self.in_channels, 32, 32, like=self.linear1.weight)
        x = self.pool1(self.relu(self.conv1(x)))  # (N, 6, 14, 14)
        x = self.pool2(self.relu(self.conv2(x)))  # (N, 16, 5, 5)
        x = self.relu(self.conv3(x)).flatten(1)  # (N, 120)
        x = self.relu(self.linear1(x))  # (N, 84)
        return self.linear2(x)  # (N, num_classes)
