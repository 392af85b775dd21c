"""Costs of layers that read sequences: recurrence and attention, for one sample."""

from nndl.arithmetic.checks import flag, integer
from nndl.arithmetic.costs import linear_parameters

__all__ = ["attention_macs", "attention_parameters", "recurrent_macs", "recurrent_parameters"]


def recurrent_parameters(
    input_size: int, hidden_size: int, gates: int = 1, bias: bool = True
) -> int:
    """Return the number of parameters of one direction of a recurrent layer.

    Parameters
    ----------
    input_size, hidden_size : int
        Lengths of the input vector and of the state.
    gates : int
        Blocks of weights: 1 for a simple recurrent network, 3 for a GRU, 4 for an LSTM.
    bias : bool
        Whether there are biases: as in the framework, one for the input and one for the state.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If an argument is not a positive integer.

    Examples
    --------
    >>> recurrent_parameters(32, 64, gates=4)
    25088
    """
    weights = recurrent_macs(input_size, hidden_size, 1, gates)
    biases = 2 * integer("gates", gates) * integer("hidden_size", hidden_size)
    return weights + (biases if flag("bias", bias) else 0)


def recurrent_macs(input_size: int, hidden_size: int, steps: int, gates: int = 1) -> int:
    """Return the multiply-accumulates of the matrix products of a recurrent layer, one sample.

    Parameters
    ----------
    input_size, hidden_size : int
        Lengths of the input vector and of the state.
    steps : int
        Length of the sequence.
    gates : int
        Blocks of weights: 1 for a simple recurrent network, 3 for a GRU, 4 for an LSTM.

    Returns
    -------
    int
        The products of a gate with a state, element by element, are not counted.

    Raises
    ------
    ValueError
        If an argument is not a positive integer.

    Examples
    --------
    >>> recurrent_macs(32, 64, steps=10, gates=4)
    245760
    """
    inputs, units = integer("input_size", input_size), integer("hidden_size", hidden_size)
    return integer("steps", steps) * integer("gates", gates) * units * (inputs + units)


def attention_parameters(model_size: int, bias: bool = True) -> int:
    """Return the parameters of multi-head attention: four square projections.

    The number does not depend on how many heads share them.

    Parameters
    ----------
    model_size : int
        Length of each vector over all heads.
    bias : bool
        Whether each projection has a bias.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If `model_size` is not a positive integer.

    Examples
    --------
    >>> attention_parameters(64)
    16640
    """
    size = integer("model_size", model_size)
    return 4 * linear_parameters(size, size, bias)


def attention_macs(query_length: int, key_length: int, model_size: int) -> int:
    """Return the multiply-accumulates of multi-head attention for one sample.

    Parameters
    ----------
    query_length, key_length : int
        Number of query vectors, and of key and value vectors.
    model_size : int
        Length of each vector over all heads.

    Returns
    -------
    int
        Four projections, the scores and the weighted sums; the last two grow with
        ``query_length * key_length``.

    Raises
    ------
    ValueError
        If an argument is not a positive integer.

    Examples
    --------
    >>> attention_macs(10, 10, 64)
    176640
    """
    queries, keys = integer("query_length", query_length), integer("key_length", key_length)
    size = integer("model_size", model_size)
    return 2 * (queries + keys) * size * size + 2 * queries * keys * size
