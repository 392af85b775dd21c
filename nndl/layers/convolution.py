"""The convolution layer by hand: Paddle's automatic differentiation, no convolution of Paddle's."""

from nndl.arithmetic.checks import grouped_channels, pair
from nndl.device import paddle
from nndl.layers.checks import check_attr
from nndl.layers.windows import check_maps, output_maps, taps
from nndl.ops.convolution_shapes import Size, window_settings

__all__ = ["Conv2D"]


class Conv2D(paddle.nn.Layer):
    """A convolution layer built of padding, slices and matrix products.

    Automatic differentiation gives its gradients; given the same weights it equals
    ``paddle.nn.Conv2D`` in output and gradients.

    Parameters
    ----------
    in_channels, out_channels : int
        D and P: how many maps come in and go out; both divisible by `groups`.
    kernel_size : int or (int, int)
        Height and width of the kernels.
    stride, padding, dilation : int or (int, int)
        Step between windows, zeros on each side, distance between taps.
    groups : int
        Into how many independent convolutions the channels are split.
    weight_attr : paddle.ParamAttr, optional
        How the kernels are initialized, as for ``paddle.nn.Conv2D``.
    bias_attr : paddle.ParamAttr or False, optional
        The same for the bias; False for a layer without one.

    Attributes
    ----------
    weight : paddle.Tensor, shape (P, D / groups, U, V)
    bias : paddle.Tensor of shape (P,), or None

    Raises
    ------
    ValueError
        If an argument breaks its rule.

    Examples
    --------
    >>> layer = Conv2D(3, 8, kernel_size=3, stride=2, padding=1)
    >>> tuple(layer(paddle.ones([2, 3, 8, 8])).shape)
    (2, 8, 4, 4)
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Size,
        stride: Size = 1,
        padding: Size = 0,
        dilation: Size = 1,
        groups: int = 1,
        weight_attr: paddle.ParamAttr | None = None,
        bias_attr: paddle.ParamAttr | bool | None = None,
    ) -> None:
        super().__init__()
        self.stride, self.padding, self.dilation = window_settings(stride, padding, dilation)
        in_channels, out_channels, self.groups = grouped_channels(in_channels, out_channels, groups)
        self.kernel_size = pair("kernel_size", kernel_size)
        check_attr("weight_attr", weight_attr)
        check_attr("bias_attr", bias_attr, or_false=True)
        shape = [out_channels, in_channels // self.groups, *self.kernel_size]
        # what paddle.nn.Conv2D draws its kernels from, whatever the groups
        inputs = in_channels * shape[2] * shape[3]
        initial = paddle.nn.initializer.Normal(0.0, (2.0 / inputs) ** 0.5)
        self.weight = self.create_parameter(
            shape, attr=weight_attr, default_initializer=initial
        )  # (P, D/g, U, V)
        self.bias = self.create_parameter([out_channels], attr=bias_attr, is_bias=True)

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        """Return the convolution of a batch.

        Parameters
        ----------
        x : paddle.Tensor, shape (B, D, M, N)

        Returns
        -------
        paddle.Tensor, shape (B, P, M', N')

        Raises
        ------
        ValueError
            If x has not D channels, or the kernel is larger than the padded input.
        """
        check_maps(x, self.weight.shape[1] * self.groups, like=self.weight)
        settings = (self.stride, self.padding, self.dilation)
        rows, columns = output_maps(x, self.kernel_size, *settings)
        seen = taps(x, self.kernel_size, *settings)  # U*V of (B, D, M', N')
        seen = paddle.stack(seen, axis=2)  # (B, D, U*V, M', N')
        seen = seen.reshape([x.shape[0], self.groups, -1, rows * columns])  # (B, g, D/g*U*V, M'*N')
        # the leading 1: Paddle 3.3's matmul has no gradient for three axes times four
        kernels = self.weight.reshape([1, self.groups, -1, seen.shape[2]])  # (1, g, P/g, D/g*U*V)
        y = paddle.matmul(kernels, seen)  # (B, g, P/g, M'*N')
        y = y.reshape([x.shape[0], -1, rows, columns])  # (B, P, M', N')
        return y if self.bias is None else y + self.bias.reshape([-1, 1, 1])
