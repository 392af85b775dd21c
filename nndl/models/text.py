"""Text classification with a bidirectional LSTM."""

from nndl.arithmetic.checks import choice, flag, size
from nndl.device import as_tensor, paddle
from nndl.layers import (
    LSTM,
    AdditiveScore,
    Attention,
    BilinearScore,
    DotProductScore,
    ScaledDotProductScore,
)
from nndl.layers.checks import check_ids, padding_token
from nndl.layers.masks import padding_mask

__all__ = ["BiLSTMClassifier"]

SCORES = {
    "additive": AdditiveScore,
    "dot": DotProductScore,
    "scaled_dot": ScaledDotProductScore,
    "bilinear": BilinearScore,
}


class BiLSTMClassifier(paddle.nn.Layer):
    """Tell the class of a text: embedding, bidirectional LSTM, pooling, linear layer.

    Pooling is the mean over the real positions or, with attention, their sum weighted by how well
    they answer a learned query. Padding changes no result.

    Parameters
    ----------
    vocab_size : int
        V: how many different tokens there are, the padding included.
    embed_dim : int
        Length of a token's vector.
    hidden_size : int
        H: length of the LSTM's state in each direction.
    num_classes : int
        C: how many logits it gives.
    attention : None, "additive", "dot", "scaled_dot" or "bilinear"
        The score of the attention; the mean without.
    padding_idx : int
        The token that fills up; its vector is 0 and does not learn.
    by_hand : bool
        Whether the LSTM is that of :mod:`nndl.layers`; Paddle's own, several times faster, by
        default. The two are equal, and one's state fits the other.

    Attributes
    ----------
    weights : paddle.Tensor, shape (B, T), or None
        With attention, the weight of each token in the last call, to be drawn; without a gradient.

    Raises
    ------
    ValueError
        If an argument breaks its rule.

    References
    ----------
    Z. Yang et al., "Hierarchical attention networks for document classification", 2016.

    Examples
    --------
    >>> model = BiLSTMClassifier(100, embed_dim=8, hidden_size=6, num_classes=2, attention="dot")
    >>> ids, lengths = paddle.to_tensor([[5, 6, 7], [8, 0, 0]]), paddle.to_tensor([3, 1])
    >>> tuple(model(ids, lengths).shape), model.weights[1].tolist()
    ((2, 2), [1.0, 0.0, 0.0])
    """

    def __init__(
        self,
        vocab_size: int,
        embed_dim: int,
        hidden_size: int,
        num_classes: int,
        attention: str | None = None,
        padding_idx: int = 0,
        by_hand: bool = False,
    ) -> None:
        super().__init__()
        attention = choice("attention", attention, (None, *SCORES))
        vocab_size, embed_dim = size("vocab_size", vocab_size), size("embed_dim", embed_dim)
        hidden_size = size("hidden_size", hidden_size)
        num_classes = size("num_classes", num_classes)
        padding_idx = padding_token(padding_idx, vocab_size)
        self.embedding = paddle.nn.Embedding(vocab_size, embed_dim, padding_idx)
        recurrent = LSTM if flag("by_hand", by_hand) else paddle.nn.LSTM
        self.lstm = recurrent(embed_dim, hidden_size, direction="bidirect")
        score = None if attention is None else SCORES[attention](2 * hidden_size)
        self.attention = None if score is None else Attention(score, learned_query=True)
        self.linear = paddle.nn.Linear(2 * hidden_size, num_classes)
        self.weights: paddle.Tensor | None = None

    def forward(self, ids: paddle.Tensor, lengths: paddle.Tensor) -> paddle.Tensor:
        """Return the logits of a batch of texts.

        Parameters
        ----------
        ids : paddle.Tensor, shape (B, T), int32 or int64
            The tokens' numbers, filled up at the end.
        lengths : paddle.Tensor, shape (B,), int32 or int64
            How many tokens of each text are real.

        Returns
        -------
        paddle.Tensor, shape (B, C)

        Raises
        ------
        TypeError
            If the ids or the lengths are no whole numbers.
        ValueError
            If a shape or a length breaks its rule.
        """
        lengths = as_tensor(lengths, "lengths")
        check_ids("ids", ids, self.embedding.weight.shape[0])
        mask = padding_mask("lengths", lengths, ids, "ids")  # (B, T)
        vectors = self.embedding(ids)  # (B, T, embed_dim)
        states, _ = self.lstm(vectors, sequence_length=lengths)  # (B, T, 2H), 0 at the padding
        if self.attention is None:
            real = mask.astype(states.dtype).sum(axis=1, keepdim=True)  # (B, 1)
            pooled = states.sum(axis=1) / real.clip(min=1.0)  # (B, 2H); 0 for an empty text
        else:
            pooled, weights = self.attention(states, lengths)  # (B, 2H), (B, T)
            self.weights = weights.detach()
        return self.linear(pooled)  # (B, C)
