"""The Transformer block by hand, and the positions that it needs to be told."""

import numpy as np

from nndl.arithmetic.checks import choice, flag, number, size
from nndl.device import paddle
from nndl.layers.attention import MultiHeadSelfAttention
from nndl.layers.checks import check_real
from nndl.layers.normalization import LayerNorm

__all__ = ["PositionalEncoding", "TransformerBlock", "sinusoids"]

ACTIVATIONS = {"relu": paddle.nn.functional.relu, "gelu": paddle.nn.functional.gelu}


def sinusoids(length: int, embed_dim: int) -> np.ndarray:
    """Return a vector for each position, of sines and cosines of ever longer waves.

    Number 2i of the vector at position p is ``sin(p / 10000 ** (2i / D))``, number 2i + 1 the
    cosine of the same.

    Parameters
    ----------
    length : int
        T: how many positions.
    embed_dim : int
        D: length of a vector; where it is odd, the last sine has no cosine.

    Returns
    -------
    numpy.ndarray, shape (T, D), float64

    Raises
    ------
    ValueError
        If an argument is not a positive integer.

    References
    ----------
    A. Vaswani et al., "Attention is all you need", arXiv:1706.03762, 2017, section 3.5.

    Examples
    --------
    >>> sinusoids(2, 3).round(3)
    array([[0.   , 1.   , 0.   ],
           [0.841, 0.54 , 0.002]])
    """
    positions = np.arange(size("length", length))[:, None]  # (T, 1)
    numbers = np.arange(size("embed_dim", embed_dim))  # (D,)
    even = numbers - numbers % 2  # 0 0 2 2 4 4 ...: a sine and its cosine have one wave
    angles = positions / 10000.0 ** (even / len(numbers))  # (T, D)
    return np.where(numbers % 2 == 0, np.sin(angles), np.cos(angles))


class PositionalEncoding(paddle.nn.Layer):
    """Add to each vector of a sequence what tells its position: attention sees no order.

    Parameters
    ----------
    embed_dim : int
        D: length of the vector at each position, even or odd.
    max_length : int
        How many positions a sequence may have.
    dropout : float
        Share of the sums that training sets to 0.

    Raises
    ------
    ValueError
        If an argument breaks its rule.

    References
    ----------
    A. Vaswani et al., "Attention is all you need", arXiv:1706.03762, 2017, section 3.5.

    Examples
    --------
    >>> PositionalEncoding(4)(paddle.zeros([1, 2, 4]))[0, 0].tolist()
    [0.0, 1.0, 0.0, 1.0]
    """

    def __init__(self, embed_dim: int, max_length: int = 1000, dropout: float = 0.0) -> None:
        super().__init__()
        table = paddle.to_tensor(sinusoids(size("max_length", max_length), embed_dim))
        # not of the state: it can be computed
        self.register_buffer(
            "table", table.astype(paddle.get_default_dtype()), persistable=False
        )  # (max_length, D)
        self.dropout = paddle.nn.Dropout(number("dropout", dropout, 0, 1))

    def forward(self, inputs: paddle.Tensor) -> paddle.Tensor:
        """Return the inputs with their positions' vectors added.

        Parameters
        ----------
        inputs : paddle.Tensor, shape (B, T, D)

        Returns
        -------
        paddle.Tensor, shape (B, T, D)

        Raises
        ------
        ValueError
            If the shape is another, or T above `max_length`.
        """
        longest, width = self.table.shape
        check_real("inputs", inputs, "batch", f"at most {longest} positions", width)
        if paddle.in_dynamic_mode() and inputs.shape[1] > longest:
            raise ValueError(
                f"inputs must have shape (batch, at most {longest} positions, {width}), "
                f"got {tuple(inputs.shape)}"
            )
        return self.dropout(inputs + self.table[: inputs.shape[1]].astype(inputs.dtype))


class TransformerBlock(paddle.nn.Layer):
    """Self-attention, then a small network at each position, each with Add & Norm.

    ``H = LN(X + attention(X))`` and ``Y = LN(H + network(H))``: a residual connection around each,
    and two layer normalizations with parameters of their own. With `norm_first` the inputs of the
    two are normalized instead, ``H = X + attention(LN(X))``, so that the way past them is free.
    Given the same weights it equals ``paddle.nn.TransformerEncoderLayer`` in output and gradients.

    Parameters
    ----------
    embed_dim : int
        D: length of the vector at each position.
    num_heads : int
        Number of attention heads; divides D.
    ffn_dim : int
        Hidden units of the network.
    dropout : float
        Share that training sets to 0 of the attention weights, of the hidden units, and of what is
        added to the residual connection.
    activation : "relu" or "gelu"
        The nonlinear function of the network.
    norm_first : bool
        Whether to normalize before attention and network instead of after.

    Attributes
    ----------
    self_attn : MultiHeadSelfAttention
        Its `weights` can be drawn.
    linear1, linear2 : paddle.nn.Linear
        The network.
    norm1, norm2 : LayerNorm
        All are named as Paddle names them, so that the state of one fits the other.

    Raises
    ------
    ValueError
        If an argument breaks its rule.

    References
    ----------
    A. Vaswani et al., "Attention is all you need", arXiv:1706.03762, 2017.
    R. Xiong et al., "On layer normalization in the Transformer architecture", arXiv:2002.04745,
    2020 (normalizing first).

    Examples
    --------
    >>> block = TransformerBlock(embed_dim=8, num_heads=2, ffn_dim=16)
    >>> tuple(block(paddle.ones([3, 5, 8]), lengths=paddle.to_tensor([5, 2, 1])).shape)
    (3, 5, 8)
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        ffn_dim: int,
        dropout: float = 0.1,
        activation: str = "relu",
        norm_first: bool = False,
    ) -> None:
        super().__init__()
        self.activation = choice("activation", activation, tuple(ACTIVATIONS))
        self.norm_first = flag("norm_first", norm_first)
        self.self_attn = MultiHeadSelfAttention(embed_dim, num_heads, dropout)
        self.linear1 = paddle.nn.Linear(embed_dim, size("ffn_dim", ffn_dim))
        self.linear2 = paddle.nn.Linear(ffn_dim, embed_dim)
        self.norm1 = LayerNorm(embed_dim)
        self.norm2 = LayerNorm(embed_dim)
        self.dropout = paddle.nn.Dropout(dropout)

    def forward(
        self,
        inputs: paddle.Tensor,
        lengths: paddle.Tensor | None = None,
        mask: paddle.Tensor | None = None,
        causal: bool = False,
    ) -> paddle.Tensor:
        """Return the new vectors.

        Parameters
        ----------
        inputs : paddle.Tensor, shape (B, T, D)
        lengths, mask, causal
            Who may look at whom, as for `MultiHeadSelfAttention`. What comes out at the padding
            means nothing.

        Returns
        -------
        paddle.Tensor, shape (B, T, D)
        """
        parameter = self.linear1.weight
        check_real("inputs", inputs, "batch", "positions", parameter.shape[0], like=parameter)
        if self.norm_first:
            hidden = inputs + self._attend(self.norm1(inputs), lengths, mask, causal)
            return hidden + self._network(self.norm2(hidden))
        hidden = self.norm1(inputs + self._attend(inputs, lengths, mask, causal))
        return self.norm2(hidden + self._network(hidden))

    def _attend(self, x: paddle.Tensor, *masks: paddle.Tensor | bool | None) -> paddle.Tensor:
        return self.dropout(self.self_attn(x, *masks))  # (B, T, D)

    def _network(self, x: paddle.Tensor) -> paddle.Tensor:
        hidden = ACTIVATIONS[self.activation](self.linear1(x))  # (B, T, ffn_dim)
        return self.dropout(self.linear2(self.dropout(hidden)))  # (B, T, D)

    def extra_repr(self) -> str:
        """Return the settings, for the printed layer."""
        return f"activation={self.activation!r}, norm_first={self.norm_first}"
