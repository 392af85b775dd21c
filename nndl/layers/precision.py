"""Half precision: fit to keep numbers, not to sum them."""

from nndl.device import paddle

__all__ = ["in_single"]

HALF = paddle.float16, paddle.bfloat16


def in_single(x: paddle.Tensor) -> paddle.Tensor:
    """Return numbers in half precision in single, others as they are.

    A sum in half precision overflows beyond 65504, and loses what is small beside it.

    Parameters
    ----------
    x : paddle.Tensor
        Any shape.

    Returns
    -------
    paddle.Tensor

    Examples
    --------
    >>> in_single(paddle.ones([2]).astype("float16")).dtype == paddle.float32
    True
    """
    return x.astype("float32") if x.dtype in HALF else x
