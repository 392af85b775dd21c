"""Attention by hand: scores, the weighted sum, and many heads of a sequence looking at itself."""

import math

from nndl.arithmetic.checks import flag, number, size
from nndl.device import paddle
from nndl.layers.checks import check_layer, check_real
from nndl.layers.masks import causal_mask, check_mask, masked_softmax, padding_mask

__all__ = [
    "AdditiveScore",
    "Attention",
    "BilinearScore",
    "DotProductScore",
    "MultiHeadSelfAttention",
    "ScaledDotProductScore",
]

F = paddle.nn.functional


class _Score(paddle.nn.Layer):
    """How well each input answers a query; a subclass says it in `forward`."""

    def __init__(self, input_size: int, query_size: int | None = None) -> None:
        super().__init__()
        self.input_size = size("input_size", input_size)
        same = query_size is None
        self.query_size = self.input_size if same else size("query_size", query_size)

    def _check(self, inputs: paddle.Tensor, query: paddle.Tensor) -> None:
        parameter = next(iter(self.parameters()), None)
        check_real("inputs", inputs, "batch", "positions", self.input_size, like=parameter)
        check_real("query", query, inputs.shape[0], self.query_size, like=inputs, see="inputs")

    def extra_repr(self) -> str:
        """Return the settings, for the printed layer."""
        return f"{self.input_size}, query_size={self.query_size}"


class DotProductScore(_Score):
    """The dot product of input and query: ``s(x, q) = x^T q``. It has no parameters.

    Parameters
    ----------
    input_size : int
        D: length of an input vector and of the query.

    References
    ----------
    M.-T. Luong, H. Pham and C. D. Manning, "Effective approaches to attention-based neural machine
    translation", arXiv:1508.04025, 2015.

    Examples
    --------
    >>> inputs = paddle.to_tensor([[[1.0, 0.0], [0.0, 2.0]]])
    >>> DotProductScore(2)(inputs, paddle.to_tensor([[3.0, 4.0]])).tolist()
    [[3.0, 8.0]]
    """

    def __init__(self, input_size: int) -> None:
        super().__init__(input_size)

    def forward(self, inputs: paddle.Tensor, query: paddle.Tensor) -> paddle.Tensor:
        """Return the scores (B, T) of inputs (B, T, D) for queries (B, D)."""
        self._check(inputs, query)
        return paddle.matmul(inputs, query.unsqueeze(-1)).squeeze(-1)  # (B, T)


class ScaledDotProductScore(DotProductScore):
    """The dot product by the root of its length: ``s(x, q) = x^T q / sqrt(D)``.

    The dot product of two vectors of D independent numbers of variance 1 has variance D; scaled, it
    has variance 1 at any length, and the softmax of the scores does not saturate.

    Parameters
    ----------
    input_size : int
        D: length of an input vector and of the query.

    References
    ----------
    A. Vaswani et al., "Attention is all you need", arXiv:1706.03762, 2017, section 3.2.1.

    Examples
    --------
    >>> ScaledDotProductScore(4)(paddle.ones([1, 2, 4]), paddle.ones([1, 4])).tolist()
    [[2.0, 2.0]]
    """

    def forward(self, inputs: paddle.Tensor, query: paddle.Tensor) -> paddle.Tensor:
        """Return the scores (B, T) of inputs (B, T, D) for queries (B, D)."""
        return super().forward(inputs, query) / math.sqrt(self.input_size)


class AdditiveScore(_Score):
    """A small network of input and query: ``s(x, q) = v^T tanh(W x + U q)``.

    Parameters
    ----------
    input_size : int
        D: length of an input vector.
    hidden_size : int, optional
        K: units of the network; D by default.
    query_size : int, optional
        Q: length of the query; D by default.

    Attributes
    ----------
    weight_input, weight_query : paddle.Tensor, shapes (D, K) and (Q, K)
        W and U, transposed: a row for each input.
    weight_score : paddle.Tensor, shape (K, 1)
        v.

    References
    ----------
    D. Bahdanau, K. Cho and Y. Bengio, "Neural machine translation by jointly learning to align and
    translate", arXiv:1409.0473, 2014.

    Examples
    --------
    >>> score = AdditiveScore(4, hidden_size=3, query_size=2)
    >>> tuple(score(paddle.ones([2, 5, 4]), paddle.ones([2, 2])).shape)
    (2, 5)
    """

    def __init__(
        self, input_size: int, hidden_size: int | None = None, query_size: int | None = None
    ) -> None:
        super().__init__(input_size, query_size)
        same = hidden_size is None
        hidden = self.input_size if same else size("hidden_size", hidden_size)
        self.weight_input = self.create_parameter([self.input_size, hidden])
        self.weight_query = self.create_parameter([self.query_size, hidden])
        self.weight_score = self.create_parameter([hidden, 1])

    def forward(self, inputs: paddle.Tensor, query: paddle.Tensor) -> paddle.Tensor:
        """Return the scores (B, T) of inputs (B, T, D) for queries (B, Q)."""
        self._check(inputs, query)
        seen = paddle.matmul(inputs, self.weight_input)  # (B, T, K)
        asked = paddle.matmul(query, self.weight_query).unsqueeze(1)  # (B, 1, K)
        return paddle.matmul(paddle.tanh(seen + asked), self.weight_score).squeeze(-1)  # (B, T)


class BilinearScore(_Score):
    """A dot product with a learned matrix between: ``s(x, q) = x^T W q``.

    Parameters
    ----------
    input_size : int
        D: length of an input vector.
    query_size : int, optional
        Q: length of the query; D by default.

    Attributes
    ----------
    weight : paddle.Tensor, shape (D, Q)
        W.

    References
    ----------
    M.-T. Luong, H. Pham and C. D. Manning, "Effective approaches to attention-based neural machine
    translation", arXiv:1508.04025, 2015 (the score "general").

    Examples
    --------
    >>> tuple(BilinearScore(4, query_size=3)(paddle.ones([2, 5, 4]), paddle.ones([2, 3])).shape)
    (2, 5)
    """

    def __init__(self, input_size: int, query_size: int | None = None) -> None:
        super().__init__(input_size, query_size)
        self.weight = self.create_parameter([self.input_size, self.query_size])

    def forward(self, inputs: paddle.Tensor, query: paddle.Tensor) -> paddle.Tensor:
        """Return the scores (B, T) of inputs (B, T, D) for queries (B, Q)."""
        self._check(inputs, query)
        turned = paddle.matmul(query, self.weight, transpose_y=True)  # (B, D)
        return paddle.matmul(inputs, turned.unsqueeze(-1)).squeeze(-1)  # (B, T)


class Attention(paddle.nn.Layer):
    """Soft attention: the mean of the inputs, weighted by how well each answers a query.

    ``alpha = softmax(s(x_1, q), ..., s(x_T, q))`` and ``context = sum of alpha_t x_t``.

    Parameters
    ----------
    score : paddle.nn.Layer
        Gives scores (B, T) for inputs (B, T, D) and queries (B, Q), and says the query's length as
        `query_size`: one of the four of this module, or your own.
    learned_query : bool
        Whether the query is a parameter, the same for all sequences, rather than given in the call.

    Attributes
    ----------
    query : paddle.Tensor, shape (Q,), or None
        The learned query.

    References
    ----------
    Z. Yang et al., "Hierarchical attention networks for document classification", 2016 (a learned
    query for a text).

    Examples
    --------
    >>> attention = Attention(DotProductScore(2))
    >>> inputs = paddle.to_tensor([[[1.0, 0.0], [0.0, 1.0], [5.0, 5.0]]])
    >>> query, lengths = paddle.to_tensor([[2.0, 2.0]]), paddle.to_tensor([2])
    >>> context, weights = attention(inputs, lengths, query)
    >>> context.tolist(), weights.tolist()
    ([[0.5, 0.5]], [[0.5, 0.5, 0.0]])
    """

    def __init__(self, score: paddle.nn.Layer, learned_query: bool = False) -> None:
        super().__init__()
        self.score = check_layer("score", score)
        self.query = None
        if flag("learned_query", learned_query):
            # as long as a vector of independent numbers of variance 1 / Q: about 1
            initial = paddle.nn.initializer.Normal(0.0, score.query_size**-0.5)
            self.query = self.create_parameter([score.query_size], default_initializer=initial)

    def forward(
        self,
        inputs: paddle.Tensor,
        lengths: paddle.Tensor | None = None,
        query: paddle.Tensor | None = None,
    ) -> tuple[paddle.Tensor, paddle.Tensor]:
        """Return the weighted sum of the inputs and the weights.

        Parameters
        ----------
        inputs : paddle.Tensor, shape (B, T, D)
        lengths : paddle.Tensor, shape (B,), int32 or int64, optional
            How many inputs of each sequence are real; the padding has weight 0. For a sequence of
            length 0 all weights and the context are 0.
        query : paddle.Tensor, shape (B, Q)
            What is looked for; not given where the query is learned.

        Returns
        -------
        context : paddle.Tensor, shape (B, D)
        weights : paddle.Tensor, shape (B, T)

        Raises
        ------
        TypeError
            If the lengths are no whole numbers.
        ValueError
            If a shape or a length breaks its rule, or there are two queries or none.
        """
        if (query is None) == (self.query is None):
            got = "none" if query is None else "both"
            raise ValueError(f"query must be given in the call or be learned, got {got}")
        features = getattr(self.score, "input_size", "features")
        check_real("inputs", inputs, "batch", "positions", features)
        if query is None:
            query = self.query.expand([inputs.shape[0], -1])  # (B, Q)
        scores = self.score(inputs, query)  # (B, T)
        mask = None if lengths is None else padding_mask("lengths", lengths, inputs, "inputs")
        weights = masked_softmax(scores, mask)  # (B, T)
        context = paddle.matmul(weights.unsqueeze(1), inputs).squeeze(1)  # (B, D)
        return context, weights


class MultiHeadSelfAttention(paddle.nn.Layer):
    """Each position of a sequence looks at all of them, in several ways at once.

    Queries, keys and values are three projections of the inputs, cut into heads of ``d = D / h``
    numbers; in each head ``softmax(Q K^T / sqrt(d)) V``; the heads side by side are projected once
    more. Given the same weights it equals ``paddle.nn.MultiHeadAttention`` of a sequence with
    itself, in output and gradients, except where a position may look at nothing: its weights are 0
    here.

    Parameters
    ----------
    embed_dim : int
        D: length of the vector at each position.
    num_heads : int
        h: number of heads; divides D.
    dropout : float
        Share of the weights that training sets to 0.

    Attributes
    ----------
    q_proj, k_proj, v_proj, out_proj : paddle.nn.Linear
        The projections, named as Paddle names them.
    weights : paddle.Tensor, shape (B, h, T, T), or None
        How much each position (row) looked at each other (column) in the last call, to be drawn;
        before dropout, without a gradient.

    Raises
    ------
    ValueError
        If an argument breaks its rule.

    References
    ----------
    A. Vaswani et al., "Attention is all you need", arXiv:1706.03762, 2017, section 3.2.

    Examples
    --------
    >>> attention = MultiHeadSelfAttention(embed_dim=6, num_heads=2)
    >>> tuple(attention(paddle.ones([3, 4, 6]), causal=True).shape)
    (3, 4, 6)
    >>> attention.weights[0, 0, 1].tolist()
    [0.5, 0.5, 0.0, 0.0]
    """

    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.embed_dim = size("embed_dim", embed_dim)
        self.num_heads = size("num_heads", num_heads)
        if self.embed_dim % self.num_heads:
            raise ValueError(
                f"embed_dim must be divisible by num_heads, got {embed_dim} and {num_heads}"
            )
        self.dropout = number("dropout", dropout, 0, below=1)
        self.q_proj = paddle.nn.Linear(embed_dim, embed_dim)
        self.k_proj = paddle.nn.Linear(embed_dim, embed_dim)
        self.v_proj = paddle.nn.Linear(embed_dim, embed_dim)
        self.out_proj = paddle.nn.Linear(embed_dim, embed_dim)
        self.weights: paddle.Tensor | None = None

    def forward(
        self,
        inputs: paddle.Tensor,
        lengths: paddle.Tensor | None = None,
        mask: paddle.Tensor | None = None,
        causal: bool = False,
    ) -> paddle.Tensor:
        """Return what each position gathered.

        Parameters
        ----------
        inputs : paddle.Tensor, shape (B, T, D)
        lengths : paddle.Tensor, shape (B,), int32 or int64, optional
            How many positions of each sequence are real; nothing looks at the padding.
        mask : paddle.Tensor, optional
            Of a shape that broadcasts to (B, h, T, T). Either bool, True where the row's position
            may look at the column's; or a number to be added to each score, ``-inf`` to forbid.
        causal : bool
            Whether no position may look at a later one.

        Returns
        -------
        paddle.Tensor, shape (B, T, D)

        Raises
        ------
        TypeError
            If the lengths are no whole numbers, or the mask is of another type.
        ValueError
            If a shape or a length breaks its rule.
        """
        parameter = self.q_proj.weight
        check_real("inputs", inputs, "batch", "positions", self.embed_dim, like=parameter)
        q = self._split(self.q_proj(inputs))  # (B, h, T, d)
        k = self._split(self.k_proj(inputs))  # (B, h, T, d)
        v = self._split(self.v_proj(inputs))  # (B, h, T, d)
        scores = paddle.matmul(q, k, transpose_y=True) / math.sqrt(q.shape[-1])  # (B, h, T, T)
        weights = masked_softmax(
            scores, _combine(scores, inputs, lengths, mask, causal)
        )  # (B, h, T, T)
        self.weights = weights.detach()
        weights = F.dropout(weights, self.dropout, training=self.training)
        heads = paddle.matmul(weights, v)  # (B, h, T, d)
        joined = heads.transpose([0, 2, 1, 3]).flatten(2)  # (B, T, h * d)
        return self.out_proj(joined)  # (B, T, D)

    def _split(self, x: paddle.Tensor) -> paddle.Tensor:
        """Cut the vector at each position into heads: (B, T, D) -> (B, h, T, d)."""
        size = self.embed_dim // self.num_heads
        return x.reshape([x.shape[0], x.shape[1], self.num_heads, size]).transpose([0, 2, 1, 3])

    def extra_repr(self) -> str:
        """Return the settings, for the printed layer."""
        return f"{self.embed_dim}, num_heads={self.num_heads}, dropout={self.dropout}"


def _combine(
    scores: paddle.Tensor,
    inputs: paddle.Tensor,
    lengths: paddle.Tensor | None,
    mask: paddle.Tensor | None,
    causal: bool,
) -> paddle.Tensor | None:
    """Make one mask for scores (B, h, T, T) of the three that may be given."""
    if mask is not None:
        check_mask(mask, scores, "inputs")
    allowed = None
    if lengths is not None:
        allowed = padding_mask("lengths", lengths, inputs, "inputs")  # (B, T)
        allowed = allowed.unsqueeze([1, 2])  # (B, 1, 1, T)
    if flag("causal", causal):
        earlier = causal_mask(scores.shape[3])  # (T, T)
        allowed = earlier if allowed is None else allowed & earlier  # (B, 1, T, T)
    if mask is None or allowed is None:
        return mask if allowed is None else allowed
    if mask.dtype == paddle.bool:
        return mask & allowed
    return paddle.where(allowed, mask, paddle.full([], -math.inf, mask.dtype))
