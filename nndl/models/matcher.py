"""Whether two sentences mean the same, told by a Transformer encoder."""

from nndl.arithmetic.checks import size
from nndl.device import paddle
from nndl.layers import PositionalEncoding, TransformerBlock
from nndl.layers.checks import check_ids, padding_token
from nndl.layers.masks import padding_mask

__all__ = ["SentencePairMatcher"]


class SentencePairMatcher(paddle.nn.Layer):
    """Match a pair of sentences that are read as one sequence: ``[CLS] a [SEP] b [SEP]``.

    The vectors of token, segment (0 up to the first [SEP], 1 after it) and position are added; in
    each Transformer block all tokens look at all, so that the two sentences meet from the first
    block on; the vector that comes out at [CLS], the first position, is classified. Padding changes
    no result.

    Parameters
    ----------
    vocab_size : int
        V: how many different tokens there are, padding, [CLS] and [SEP] included.
    embed_dim : int
        D: length of a token's vector.
    num_heads : int
        Attention heads of each block; divides D.
    ffn_dim : int, optional
        Hidden units of the network in each block; 4 D by default.
    num_layers : int
        Number of blocks.
    num_classes : int
        C: how many logits it gives.
    dropout : float
        As for `nndl.layers.TransformerBlock`, and of the sum of the three vectors.
    max_length : int
        How many tokens a pair may have.
    padding_idx : int
        The token that fills up; its vector is 0 and does not learn.

    Attributes
    ----------
    blocks : paddle.nn.LayerList
        The Transformer blocks; ``blocks[i].self_attn.weights`` are the attention weights of the
        last call, to be drawn.

    Raises
    ------
    ValueError
        If an argument breaks its rule.

    References
    ----------
    J. Devlin, M.-W. Chang, K. Lee and K. Toutanova, "BERT: pre-training of deep bidirectional
    transformers for language understanding", arXiv:1810.04805, 2018 (the form of the input).

    Examples
    --------
    >>> model = SentencePairMatcher(100, embed_dim=8, num_heads=2)
    >>> ids = paddle.to_tensor([[1, 5, 6, 2, 5, 2], [1, 7, 2, 2, 0, 0]])
    >>> segments = paddle.to_tensor([[0, 0, 0, 0, 1, 1], [0, 0, 0, 1, 0, 0]])
    >>> tuple(model(ids, segments, paddle.to_tensor([6, 4])).shape)
    (2, 2)
    """

    def __init__(
        self,
        vocab_size: int,
        embed_dim: int,
        num_heads: int,
        ffn_dim: int | None = None,
        num_layers: int = 1,
        num_classes: int = 2,
        dropout: float = 0.1,
        max_length: int = 512,
        padding_idx: int = 0,
    ) -> None:
        super().__init__()
        embed_dim, vocab_size = size("embed_dim", embed_dim), size("vocab_size", vocab_size)
        ffn_dim = 4 * embed_dim if ffn_dim is None else ffn_dim
        num_layers, num_classes = size("num_layers", num_layers), size("num_classes", num_classes)
        padding_idx = padding_token(padding_idx, vocab_size)
        # small, as BERT's: vectors of variance 1 would drown the positions
        small = paddle.ParamAttr(initializer=paddle.nn.initializer.Normal(0.0, embed_dim**-0.5))
        self.tokens = paddle.nn.Embedding(vocab_size, embed_dim, padding_idx, weight_attr=small)
        self.segments = paddle.nn.Embedding(2, embed_dim, weight_attr=small)
        self.positions = PositionalEncoding(embed_dim, max_length, dropout)
        self.blocks = paddle.nn.LayerList(
            [TransformerBlock(embed_dim, num_heads, ffn_dim, dropout) for _ in range(num_layers)]
        )
        self.linear = paddle.nn.Linear(embed_dim, num_classes)

    def forward(
        self, ids: paddle.Tensor, segments: paddle.Tensor, lengths: paddle.Tensor
    ) -> paddle.Tensor:
        """Return the logits of a batch of pairs.

        Parameters
        ----------
        ids : paddle.Tensor, shape (B, T), int32 or int64
            The tokens' numbers, filled up at the end.
        segments : paddle.Tensor, shape (B, T), int32 or int64
            0 where a token belongs to the first sentence, 1 where to the second; anything of the
            two at the padding.
        lengths : paddle.Tensor, shape (B,), int32 or int64
            How many tokens of each pair are real.

        Returns
        -------
        paddle.Tensor, shape (B, C)

        Raises
        ------
        TypeError
            If the ids, the segments or the lengths are no whole numbers.
        ValueError
            If a shape or a length breaks its rule.
        """
        check_ids("ids", ids, self.tokens.weight.shape[0])
        check_ids("segments", segments, 2)
        if paddle.in_dynamic_mode() and segments.shape != ids.shape:
            raise ValueError(
                f"segments must have the shape of ids {tuple(ids.shape)}, "
                f"got {tuple(segments.shape)}"
            )
        padding_mask("lengths", lengths, ids, "ids")  # here, where the words fit
        x = self.positions(self.tokens(ids) + self.segments(segments))  # (B, T, D)
        for block in self.blocks:
            x = block(x, lengths)  # (B, T, D)
        return self.linear(x[:, 0])  # (B, C)
