"""What Paddle's operators cost: which multiply and add, which do not, and which are not known.

`PRODUCTS` and `NORMS` say how to count an operator, by its name in ``paddle._C_ops``; `FREE` lists
those that hold no multiply-accumulate. An operator in none of the three is not known here, and what
runs it can't be counted.

A multiply-accumulate (MAC) is a multiplication whose product is added to a sum inside one operator.
As in published tables, these are free: products element by element (gates, scales, masks), also
where another operator adds them up later; sums, means, variances, lengths and poolings; the
functions of one number; losses; the look-up in an embedding. A product with a zero of the padding
counts, and so does one with a weight of attention that a mask made zero.
"""

from collections.abc import Callable
from math import prod
from typing import Any, NamedTuple

__all__ = ["FREE", "NORMS", "PRODUCTS", "Call", "einsum_macs", "is_free", "plain_name"]


class Call(NamedTuple):
    """One call of an operator: what went in, and what came out.

    Examples
    --------
    >>> Call((), {"x": 3}, None).given(0, "input", "x")
    3
    """

    args: tuple
    kwargs: dict[str, Any]
    output: Any

    def given(self, place: int, *names: str, otherwise: Any = None) -> Any:
        """Return the argument at a place, or under one of its names."""
        if place < len(self.args):
            return self.args[place]
        return next((self.kwargs[name] for name in names if name in self.kwargs), otherwise)

    @property
    def result(self) -> Any:
        """The first of the outputs."""
        return self.output[0] if isinstance(self.output, (tuple, list)) else self.output


def _matmul(call: Call) -> int:
    x, transposed = call.given(0, "x", "input"), call.given(2, "transpose_x", otherwise=False)
    summed = x.shape[-2] if transposed and len(x.shape) > 1 else x.shape[-1]
    return prod(call.result.shape) * summed


def _matmul_reflected(call: Call) -> int:  # `x.__rmatmul__(y)` is y @ x
    return prod(call.result.shape) * call.args[1].shape[-1]


def _last_axis(call: Call) -> int:
    return prod(call.result.shape) * call.given(0, "x", "input").shape[-1]


def _matmul_onto(call: Call) -> int:  # the first argument is what the product is added to
    return prod(call.result.shape) * call.given(1, "x", "mat1", "batch1").shape[-1]


def _conv(call: Call) -> int:
    weight = call.given(1, "filter", "weight")  # (P, D / groups, U, V), whatever the data format
    return prod(call.result.shape) * prod(weight.shape[1:])


def _conv_transposed(call: Call) -> int:
    x, weight = call.given(0, "x", "input"), call.given(1, "filter", "weight")
    return prod(x.shape) * prod(weight.shape[1:])  # (D, P / groups, U, V)


def _bilinear(call: Call) -> int:
    left, right = call.given(0, "x", "x1"), call.given(1, "y", "x2")  # (B, I), (B, J)
    # x^T W for each output (I J), then its product with y (J)
    return prod(call.result.shape) * (left.shape[-1] + 1) * right.shape[-1]


def _rnn(call: Call) -> int:
    x, weights = call.given(0, "x"), call.given(2, "weight_list")  # (T, B, D); biases among them
    return x.shape[0] * x.shape[1] * sum(prod(w.shape) for w in weights if len(w.shape) == 2)


def _attention(call: Call) -> int:
    q, k, v = (call.given(i, name) for i, name in enumerate(("q", "k", "v")))  # (B, T, h, d)
    return prod(q.shape[:-1]) * k.shape[1] * (q.shape[-1] + v.shape[-1])


def _einsum(call: Call) -> int:
    operands, equation = call.given(0, "x"), call.given(1, "equation")
    return einsum_macs(equation, *(operand.shape for operand in operands))


def _labels(term: str, shape: list[int]) -> dict[Any, int]:
    """Return the size of each label of an operand; axes behind dots count from the right."""
    before, dots, after = term.partition("...")
    hidden = len(shape) - len(before) - len(after)
    names = [*before, *(("...", i) for i in range(hidden, 0, -1)), *after] if dots else list(before)
    return dict(zip(names, shape, strict=True))


def einsum_macs(equation: str, *shapes: list[int]) -> int:
    """Return the multiply-accumulates of a sum of products over labels.

    Parameters
    ----------
    equation : str
        With its output, such as ``"ij,jk->ik"``.
    *shapes : list of int
        Of one or two operands; with more, Paddle takes two at a time.

    Returns
    -------
    int
        A label of one operand alone, missing in the output, is summed before anything is
        multiplied. Where nothing is summed after the product, it is one element by element.

    Examples
    --------
    >>> einsum_macs("bij,jk->bik", [2, 5, 4], [4, 3])
    120
    >>> einsum_macs("i,j->ij", [5], [4]), einsum_macs("ii->", [4, 4])
    (0, 0)
    """
    terms, _, output = equation.replace(" ", "").partition("->")
    operands = [_labels(*pair) for pair in zip(terms.split(","), shapes, strict=True)]
    if len(operands) == 1:
        return 0
    left, right = operands
    kept = {label for label in left | right if (label if len(label) == 1 else "...") in output}
    summed = {label for label in left if label in right} - kept
    sizes = [max(left.get(label, 1), right.get(label, 1)) for label in kept | summed]
    return prod(sizes) if summed else 0


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Operator -> the multiply-accumulates of a call.
PRODUCTS: dict[str, Callable[[Call], int]] = {
    "matmul": _matmul,
    "__matmul__": _matmul,
    "__rmatmul__": _matmul_reflected,
    **dict.fromkeys(("bmm", "dot", "linear", "linear_v2", "mv"), _last_axis),
    **dict.fromkeys(("addmm", "addmm_", "baddbmm", "baddbmm_"), _matmul_onto),
    **dict.fromkeys(("conv2d", "conv3d", "depthwise_conv2d"), _conv),
    **dict.fromkeys(("depthwise_conv2d_bias", "depthwise_conv3d_bias"), _conv),
    **dict.fromkeys(("conv2d_transpose", "conv3d_transpose"), _conv_transposed),
    **dict.fromkeys(("conv2d_transpose_bias", "depthwise_conv2d_transpose"), _conv_transposed),
    **dict.fromkeys(("flash_attn", "memory_efficient_attention"), _attention),
    "bilinear": _bilinear,
    "einsum": _einsum,
    "rnn": _rnn,
}
#: Normalizations: one multiply-accumulate a number of the output (`nndl.arithmetic.norm_macs`).
NORMS = _words(
    """
    batch_norm batch_norm_ fast_ln fast_rms_norm group_norm instance_norm layer_norm rms_norm
    sync_batch_norm_
    """
)
#: No multiply-accumulate, by name without the mark of the in-place variant.
FREE = _words(
    """
    abs acos acosh add add_n all allclose amax amin angle any arange argmax argmin argsort
    as_complex as_real as_strided asin asinh assign assign_out assign_value atan atan2 atanh
    bce_loss bernoulli binomial bitwise_and bitwise_not bitwise_or bitwise_xor broadcast_tensors
    cast ceil celu channel_shuffle clip coalesce_tensor complex concat conj copysign cos cosh
    crop cross_entropy_with_softmax cummax cummin cumprod cumsum data diag diag_embed diagonal
    dirichlet div_scale divide dropout elementwise_pow elu embedding
    embedding_with_scaled_gradient empty empty_like equal equal_all erf erfinv exp expand
    expand_as expm1 exponential eye fill fill_diagonal fill_diagonal_tensor flatten flip floor
    floor_divide fmax fmin fold fractional_max_pool2d fractional_max_pool3d frame frobenius_norm
    full full_batch_size_like full_int_array full_like full_with_tensor gather gather_nd
    gaussian gaussian_inplace gelu greater_equal greater_than gumbel_softmax hardshrink
    hardsigmoid hardswish hardtanh heaviside histogram huber_loss identity_loss imag increment
    index_add index_elementwise_get index_elementwise_put index_elementwise_put_with_tensor
    index_put index_sample index_select index_select_strided is_empty isclose isfinite isinf
    isnan kldiv_loss kron kthvalue l1_norm label_smooth leaky_relu lerp less_equal less_than
    linspace log log10 log1p log2 log_loss log_softmax logcumsumexp logical_and logical_not
    logical_or logical_xor logit logsigmoid logspace logsumexp lp_pool2d masked_fill
    masked_select max max_pool2d_with_index max_pool3d_with_index max_with_index maximum maxout
    mean mean_all median memcpy_d2h memcpy_h2d meshgrid min min_with_index minimum mish mode
    multinomial multiplex multiply nanmedian nansum nearest_interp nextafter nll_loss nonzero
    norm not_equal npu_identity numel one_hot ones ones_like overlap_add p_norm pad pad3d
    pixel_shuffle pixel_unshuffle pool2d pool3d pow prelu prod put_along_axis randint random
    randperm range_v2 real reciprocal reduce_as relu relu6 remainder repeat_interleave
    repeat_interleave_with_tensor_index reshape reverse rint roll round rrelu rsqrt scale
    scatter scatter_nd_add searchsorted selu sequence_mask set set_value set_value_with_tensor
    shape shape64 share_data shuffle_channel sigmoid sigmoid_cross_entropy_with_logits sign silu
    sin sinh slice softmax softplus softshrink softsign split split_with_num sqrt square
    squared_l2_norm squeeze stack stanh std strided_slice subtract sum swiglu swish
    take_along_axis tan tanh tanh_shrink temporal_shift tensor_unfold thresholded_relu tile topk
    trace trans_layout transpose tril tril_indices triu triu_indices trunc trunc_divide
    truncated_gaussian_random unbind unfold uniform uniform_inplace
    uniform_random_batch_size_like unique unique_consecutive unpool unpool3d unsqueeze unstack
    var variance view_dtype view_shape view_slice where zeros zeros_like
    """
)


def plain_name(event: str) -> str:
    """Return the operator's name in what Paddle's profiler calls a run of it.

    Examples
    --------
    >>> plain_name("relu_ dygraph"), plain_name("pd_op.matmul")
    ('relu_', 'matmul')
    """
    return event.split()[0].removeprefix("pd_op.")


def is_free(name: str) -> bool:
    """Tell whether an operator, or that of which it is the in-place variant, holds no MAC.

    Examples
    --------
    >>> is_free("relu_"), is_free("matmul"), is_free("fft_r2c")
    (True, False, False)
    """
    return name in FREE or name.removesuffix("_") in FREE
