"""Masks: which positions of a sequence are real, and which one position may look at."""

from nndl.arithmetic.checks import size
from nndl.device import as_tensor, paddle
from nndl.layers.checks import check_real, check_shape, dtype_name

__all__ = ["causal_mask", "lengths_to_mask", "masked_softmax"]

F = paddle.nn.functional


def lengths_to_mask(lengths: paddle.Tensor, max_length: int | None = None) -> paddle.Tensor:
    """Say of each position whether it lies within its sequence.

    Parameters
    ----------
    lengths : paddle.Tensor, shape (B,), int32 or int64
        How many positions of each sequence are real; any shape, a single number included.
    max_length : int, optional
        T: how many positions there are; by default as many as the longest sequence has.

    Returns
    -------
    paddle.Tensor, shape (B, T), bool
        True at the real positions, False at the padding.

    Raises
    ------
    TypeError
        If the lengths are not whole numbers.
    ValueError
        If one of them is below 0 or above `max_length`.

    Examples
    --------
    >>> lengths_to_mask(paddle.to_tensor([1, 3])).tolist()
    [[True, False, False], [True, True, True]]
    >>> lengths_to_mask(paddle.to_tensor(2), max_length=3).tolist()
    [True, True, False]
    """
    lengths = _whole("lengths", lengths)
    if max_length is None:
        max_length = max(int(lengths.max()), 0) if lengths.size else 0
    return _within("lengths", lengths, size("max_length", max_length, least=0), "max_length")


def padding_mask(
    name: str, lengths: paddle.Tensor, sequences: paddle.Tensor, see: str
) -> paddle.Tensor:
    """Return the mask (B, T) of one length for each of B sequences of T positions.

    `name` and `see` are what the caller calls the lengths and the sequences, for the words of a
    refusal.
    """
    lengths = _whole(name, lengths)
    if paddle.in_dynamic_mode():
        check_shape(name, lengths, (sequences.shape[0],), see)
    return _within(name, lengths, sequences.shape[1], see)


def causal_mask(length: int) -> paddle.Tensor:
    """Let each position look at itself and at what comes before, not at what comes after.

    Parameters
    ----------
    length : int
        T: how many positions there are.

    Returns
    -------
    paddle.Tensor, shape (T, T), bool
        True where the position of the row may look at that of the column.

    Raises
    ------
    ValueError
        If `length` is not a positive integer.

    Examples
    --------
    >>> causal_mask(3).astype("int64").tolist()
    [[1, 0, 0], [1, 1, 0], [1, 1, 1]]
    """
    positions = paddle.arange(size("length", length))
    return positions <= positions.unsqueeze(-1)  # (T, T)


def masked_softmax(scores: paddle.Tensor, mask: paddle.Tensor | None = None) -> paddle.Tensor:
    """Turn scores into weights that are 0 where the mask forbids, and sum to 1 elsewhere.

    Parameters
    ----------
    scores : paddle.Tensor, shape (..., T)
    mask : paddle.Tensor, optional
        Of a shape that broadcasts to that of the scores. Either bool, True where a position may be
        looked at; or of the scores' type, a number to be added to each score, ``-inf`` to forbid.

    Returns
    -------
    paddle.Tensor, shape (..., T)
        Where nothing may be looked at, all weights are 0 (and not NaN).

    Raises
    ------
    TypeError
        If the mask is of another type.
    ValueError
        If its shape does not broadcast to that of the scores.

    Examples
    --------
    >>> scores = paddle.to_tensor([[1.0, 1.0, 9.0], [1.0, 2.0, 3.0]])
    >>> mask = paddle.to_tensor([[True, True, False], [False, False, False]])
    >>> masked_softmax(scores, mask).tolist()
    [[0.5, 0.5, 0.0], [0.0, 0.0, 0.0]]
    """
    check_real("scores", scores)
    if mask is None:
        return F.softmax(scores, axis=-1)
    check_mask(mask, scores, "scores")
    if mask.dtype == paddle.bool:
        allowed = mask
    else:
        allowed = mask != float("-inf")
        scores = scores + mask
    # the lowest number and not -inf: a row of nothing else would be 0 / 0
    lowest = paddle.full([], paddle.finfo(scores.dtype).min, scores.dtype)
    weights = F.softmax(paddle.where(allowed, scores, lowest), axis=-1)
    return weights * allowed.astype(weights.dtype)


def check_mask(mask: paddle.Tensor, scores: paddle.Tensor, see: str) -> None:
    """Check that a mask has a type and a shape that fit the scores, which come of `see`."""
    if not paddle.in_dynamic_mode():
        return
    if not isinstance(mask, paddle.Tensor):
        raise TypeError(f"mask must be a paddle.Tensor, got {type(mask).__name__}")
    if mask.dtype not in (paddle.bool, scores.dtype):
        raise TypeError(
            f"mask must be bool (True: may be looked at) or {dtype_name(scores)} (added to the "
            f"scores), got {dtype_name(mask)}: see {see}"
        )
    axes = zip(reversed(mask.shape), reversed(scores.shape), strict=False)
    if mask.ndim > scores.ndim or any(m not in (1, s) for m, s in axes):
        raise ValueError(
            f"mask must have a shape that broadcasts to that of the scores {tuple(scores.shape)}, "
            f"got {tuple(mask.shape)}: see {see}"
        )


def _whole(name: str, lengths: paddle.Tensor) -> paddle.Tensor:
    lengths = as_tensor(lengths, name)
    if lengths.dtype not in (paddle.int32, paddle.int64):
        raise TypeError(f"{name} must be int32 or int64, got {dtype_name(lengths)}")
    return lengths


def _within(name: str, lengths: paddle.Tensor, positions: int, see: str) -> paddle.Tensor:
    """Compare each position with each length, (B, T)."""
    # a graph that is being exported has no numbers yet to look at
    if paddle.in_dynamic_mode() and lengths.size:
        for extreme in (int(lengths.min()), int(lengths.max())):
            if not 0 <= extreme <= positions:
                raise ValueError(
                    f"{name} must be from 0 to the number of positions {positions}, "
                    f"got {extreme}: see {see}"
                )
    return paddle.arange(positions, dtype=lengths.dtype) < lengths.unsqueeze(-1)
