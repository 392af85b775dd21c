"""Pooling layers by hand: the strided slices of a window, compared or averaged."""

from nndl.arithmetic.checks import flag, pair
from nndl.device import paddle
from nndl.layers.precision import in_single
from nndl.layers.windows import check_maps, taps
from nndl.ops.convolution_shapes import Size

__all__ = ["AvgPool2D", "GlobalAvgPool2D", "MaxPool2D"]


class _Pool2D(paddle.nn.Layer):
    """What the two poolings share: the window."""

    def __init__(self, kernel_size: Size, stride: Size | None = None, padding: Size = 0) -> None:
        super().__init__()
        self.kernel_size = pair("kernel_size", kernel_size)
        self.stride = self.kernel_size if stride is None else pair("stride", stride)
        self.padding = pair("padding", padding, least=0)
        # else a window could lie in the padding alone
        if any(2 * p > k for p, k in zip(self.padding, self.kernel_size, strict=True)):
            raise ValueError(
                f"padding must be at most half of kernel_size, got padding {padding} "
                f"and kernel_size {kernel_size}"
            )

    def extra_repr(self) -> str:
        """Return the window, for the printed layer."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class MaxPool2D(_Pool2D):
    """Take the greatest number that each window sees.

    Equal to ``paddle.nn.MaxPool2D`` in output and gradient. Where several numbers of a window are
    the greatest, the first of them, row by row, gets the whole gradient, as in Paddle. Unlike
    Paddle 3.3, a NaN counts as the greatest number, so that none is hidden, and a window of minus
    infinities has minus infinity, not the lowest finite number.

    Parameters
    ----------
    kernel_size : int or (int, int)
        Height and width of the window.
    stride : int or (int, int), optional
        Step between windows; the window's size by default, so that none overlap.
    padding : int or (int, int)
        Rows and columns added on each side, which are never the greatest; at most half the window.

    Raises
    ------
    ValueError
        If an argument breaks its rule.

    Examples
    --------
    >>> x = paddle.to_tensor([[[[1.0, 5.0, 2.0, 0.0], [3.0, 4.0, 8.0, 6.0]]]])
    >>> MaxPool2D(2)(x).tolist()
    [[[[5.0, 8.0]]]]
    """

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        """Return the maxima.

        Parameters
        ----------
        x : paddle.Tensor, shape (N, C, H, W)

        Returns
        -------
        paddle.Tensor, shape (N, C, H', W')

        Raises
        ------
        ValueError
            If x is no batch of maps, or the window is larger than the padded input.
        """
        check_maps(x)
        p1, p2 = self.padding
        if p1 or p2:  # copies of the nearest cells, which the windows see anyway
            x = paddle.nn.functional.pad(x, [p2, p2, p1, p1], mode="replicate")
        greatest, *others = taps(x, self.kernel_size, self.stride, (0, 0))
        for seen in others:
            # not paddle.maximum: in a tie it would share the gradient between the two
            stays = (greatest >= seen) | paddle.isnan(greatest)
            greatest = paddle.where(stays, greatest, seen)
        return greatest


class AvgPool2D(_Pool2D):
    """Take the mean of the numbers that each window sees.

    Equal to ``paddle.nn.AvgPool2D`` in output and gradient.

    Parameters
    ----------
    kernel_size : int or (int, int)
        Height and width of the window.
    stride : int or (int, int), optional
        Step between windows; the window's size by default, so that none overlap.
    padding : int or (int, int)
        Rows and columns of zeros on each side; at most half the window.
    exclusive : bool
        Whether the padding is excluded from the mean; else its zeros count.

    Raises
    ------
    ValueError
        If an argument breaks its rule.

    Examples
    --------
    >>> x = paddle.to_tensor([[[[1.0, 5.0], [3.0, 7.0]]]])
    >>> AvgPool2D(2)(x).tolist(), AvgPool2D((1, 2), padding=(0, 1), exclusive=False)(x).tolist()
    ([[[[4.0]]]], [[[[0.5, 2.5], [1.5, 3.5]]]])
    """

    def __init__(
        self,
        kernel_size: Size,
        stride: Size | None = None,
        padding: Size = 0,
        exclusive: bool = True,
    ) -> None:
        super().__init__(kernel_size, stride, padding)
        self.exclusive = flag("exclusive", exclusive)

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        """Return the means.

        Parameters
        ----------
        x : paddle.Tensor, shape (N, C, H, W)

        Returns
        -------
        paddle.Tensor, shape (N, C, H', W')

        Raises
        ------
        ValueError
            If x is no batch of maps, or the window is larger than the padded input.
        """
        check_maps(x)
        window = self.kernel_size, self.stride, self.padding
        total = sum(taps(in_single(x), *window))  # (N, C, H', W')
        count = self.kernel_size[0] * self.kernel_size[1]
        if self.exclusive and any(self.padding):  # how many real numbers each window sees
            count = sum(taps(paddle.ones([1, 1, *x.shape[2:]], dtype=total.dtype), *window))
        return (total / count).astype(x.dtype)


class GlobalAvgPool2D(paddle.nn.Layer):
    """Take the mean of each whole map: one number a map, whatever its size.

    Equal to ``paddle.nn.AdaptiveAvgPool2D(1)``.

    References
    ----------
    M. Lin, Q. Chen and S. Yan, "Network in network", arXiv:1312.4400, 2013.

    Examples
    --------
    >>> GlobalAvgPool2D()(paddle.ones([2, 3, 5, 4])).shape == [2, 3, 1, 1]
    True
    """

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        """Return the means.

        Parameters
        ----------
        x : paddle.Tensor, shape (N, C, H, W)

        Returns
        -------
        paddle.Tensor, shape (N, C, 1, 1)

        Raises
        ------
        ValueError
            If x is no batch of maps.
        """
        check_maps(x)
        return in_single(x).mean(axis=[2, 3], keepdim=True).astype(x.dtype)  # (N, C, 1, 1)
