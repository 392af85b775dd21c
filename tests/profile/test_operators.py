"""An operator of ones costs what it gives: the sum of the output is the number of products."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nndl import profile
from nndl.device import paddle
from nndl.profile.operators import FREE, NORMS, PRODUCTS, Call, einsum_macs

nn, F = paddle.nn, paddle.nn.functional
ones = paddle.ones
few = st.integers(1, 4)


class Runs(nn.Layer):
    """Run a function, and keep the sum of what it gave."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        """Run it on anything but the input."""
        self.total = self.function().sum().item()


def counted(function):
    """Return the MACs of what a function of nothing runs, and the sum of its output."""
    model = Runs(function)
    (row,) = profile.count(model, [1])
    return row["macs"], model.total


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_products_of_matrices(data):
    lead = data.draw(st.lists(few, max_size=2))
    rows, inner, columns = data.draw(few), data.draw(few), data.draw(few)
    turn_x, turn_y = data.draw(st.booleans()), data.draw(st.booleans())
    x = ones([*lead, *((inner, rows) if turn_x else (rows, inner))])
    wide = [1] * data.draw(st.integers(0, len(lead)))  # axes of one number are stretched
    y = ones([*wide, *((columns, inner) if turn_y else (inner, columns))])
    found, products = counted(lambda: paddle.matmul(x, y, turn_x, turn_y))
    assert found == products
    by_name = counted(lambda: paddle.matmul(y=y, x=x, transpose_y=turn_y, transpose_x=turn_x))
    assert by_name[0] == products


A, B, V, W = [2, 3], [3, 4], [3], [2]
CALLS = {
    "@": lambda: ones(A) @ ones(B),
    "@ of a vector": lambda: ones(V) @ ones(B),
    "@ of a batch": lambda: ones([5, *A]) @ ones(B),
    "Tensor.matmul": lambda: ones(A).matmul(ones(B)),
    "reflected": lambda: ones(B).__rmatmul__(ones(A)),
    "in the room of linear algebra": lambda: paddle.linalg.matmul(ones(A), ones(B)),
    "deep in Paddle": lambda: paddle.tensor.linalg.matmul(ones(A), ones(B)),
    "mm": lambda: paddle.mm(ones(A), ones(B)),
    "bmm": lambda: paddle.bmm(ones([5, *A]), ones([5, *B])),
    "Tensor.bmm": lambda: ones([5, *A]).bmm(ones([5, *B])),
    "mv": lambda: paddle.mv(ones(A), ones(V)),
    "dot": lambda: paddle.dot(ones(V), ones(V)),
    "dot of rows": lambda: paddle.dot(ones(A), ones(A)),
    "inner": lambda: paddle.inner(ones(A), ones([4, 3])),
    "tensordot": lambda: paddle.tensordot(ones(A), ones(B), axes=1),
    "addmm": lambda: paddle.addmm(paddle.zeros([2, 4]), ones(A), ones(B)),
    "addmm_": lambda: paddle.zeros([2, 4]).addmm_(ones(A), ones(B)),
    "baddbmm": lambda: paddle.baddbmm(paddle.zeros([5, 2, 4]), ones([5, *A]), ones([5, *B])),
    "linear": lambda: F.linear(ones([5, *A]), ones(B)),
    "linear with a bias": lambda: F.linear(ones(A), ones(B), paddle.zeros([4])),
    "einsum": lambda: paddle.einsum("ij,jk->ik", ones(A), ones(B)),
    "einsum of a batch": lambda: paddle.einsum("bij,bjk->bik", ones([5, *A]), ones([5, *B])),
    "einsum with dots": lambda: paddle.einsum("...ij,jk->...ik", ones([5, 6, *A]), ones(B)),
    "einsum to one number": lambda: paddle.einsum("ij,ij->", ones(A), ones(A)),
    "einsum, output left out": lambda: paddle.einsum("ij,jk", ones(A), ones(B)),
    "a legacy operator's successor": lambda: paddle.Tensor.mm(ones(A), ones(B)),
    "conv1d": lambda: F.conv1d(ones([1, 4, 9]), ones([6, 2, 3]), stride=2, groups=2),
    "conv2d": lambda: F.conv2d(ones([1, 4, 9, 8]), ones([6, 2, 3, 2]), dilation=2, groups=2),
    "depthwise": lambda: F.conv2d(ones([1, 4, 9, 8]), ones([4, 1, 3, 2]), groups=4),
    "conv2d, channels last": lambda: F.conv2d(
        ones([1, 9, 8, 4]), ones([6, 4, 3, 2]), data_format="NHWC"
    ),
    "conv3d": lambda: F.conv3d(ones([1, 2, 5, 5, 5]), ones([3, 2, 2, 3, 1]), stride=2),
    "depthwise conv3d": lambda: F.conv3d(ones([1, 2, 5, 5, 5]), ones([2, 1, 2, 3, 1]), groups=2),
    "conv1d_transpose": lambda: F.conv1d_transpose(ones([1, 4, 9]), ones([4, 3, 3]), stride=2),
    "conv2d_transpose": lambda: F.conv2d_transpose(
        ones([1, 4, 5, 6]), ones([4, 3, 3, 2]), stride=2, groups=2
    ),
    "depthwise transposed": lambda: F.conv2d_transpose(
        ones([1, 4, 5, 6]), ones([4, 1, 3, 2]), groups=4
    ),
    "conv3d_transpose": lambda: F.conv3d_transpose(ones([1, 2, 3, 3, 3]), ones([2, 3, 2, 2, 2])),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_every_way_to_call_counts_its_products(call):
    found, products = counted(call)
    assert found == products > 0


def test_einsum_of_three_takes_two_at_a_time():
    found, _ = counted(lambda: paddle.einsum("ij,jk,kl->il", ones([2, 3]), ones(B), ones([4, 1])))
    assert found in (2 * 3 * 4 + 2 * 4 * 1, 3 * 4 * 1 + 2 * 3 * 1)


@pytest.mark.parametrize(
    ("equation", "shapes", "expected"),
    [
        ("ij,kl->il", [A, B], 0),  # sums of either alone, then an outer product
        ("ij,jkl->ik", [A, [3, 4, 5]], 2 * 3 * 4),  # l is summed before
        ("ij,ij->ij", [A, A], 0),
        ("ij->ji", [A], 0),
        ("b...,b...->b", [[2, 3], [2, 3]], 6),
    ],
)
def test_einsum_multiplies_what_is_left_to_multiply(equation, shapes, expected):
    assert einsum_macs(equation, *shapes) == expected


def test_bilinear_forms():
    found, _ = counted(lambda: F.bilinear(ones([1, 3]), ones([1, 4]), ones([5, 3, 4])))
    assert found == 5 * (3 * 4 + 4)


def test_attention_by_a_function():
    q, k = ones([1, 5, 2, 4]), ones([1, 7, 2, 4])  # (B, T, h, d)
    found, _ = counted(lambda: F.scaled_dot_product_attention(q, k, k))
    assert found == 2 * 5 * 7 * 2 * 4
    # what runs instead where the device has it
    assert PRODUCTS["flash_attn"](Call((q, k, k), {}, None)) == found


@pytest.mark.parametrize(
    "call",
    [
        lambda: ones(A) * ones(A),
        lambda: paddle.outer(ones(V), ones(W)),
        lambda: paddle.kron(ones(V), ones(W)),
        lambda: F.embedding(paddle.to_tensor([1, 2]), ones(B)),
        lambda: F.avg_pool2d(ones([1, 2, 4, 4]), 2),
        lambda: F.softmax(ones(A)) / 3 + ones(A).cumsum(0) - ones(A).mean(),
        lambda: F.unfold(ones([1, 2, 4, 4]), 2),
        lambda: F.relu_(ones(A)).reshape([-1])[1:].clip(0, 1),
        lambda: paddle.where(ones(A) > 0, ones(A), paddle.tril(ones(A))),
        lambda: F.interpolate(ones([1, 2, 4, 4]), scale_factor=2),
        lambda: F.glu(ones([2, 4])) + F.gumbel_softmax(ones([2, 2])),
    ],
)
def test_what_only_scales_moves_or_adds_is_free(call):
    assert counted(call)[0] == 0


@pytest.mark.parametrize(
    ("operator", "call"),
    [
        ("bilinear_interp", lambda: F.interpolate(ones([1, 2, 4, 4]), [8, 8], mode="bilinear")),
        ("fft_c2c", lambda: paddle.fft.fft(ones(V).astype("complex64")).real()),
        ("inverse", lambda: paddle.linalg.inv(paddle.eye(3))),
        ("matrix_power", lambda: paddle.linalg.matrix_power(paddle.eye(3), 3)),
        ("multi_dot", lambda: paddle.linalg.multi_dot([ones(A), ones(B)])),
        ("svd", lambda: paddle.linalg.svd(ones(A))[1]),
        ("matmul_v2", lambda: paddle._legacy_C_ops.matmul_v2(ones(A), ones(B))),
    ],
)
def test_an_operator_that_is_not_known_is_named(operator, call):
    with pytest.raises(ValueError, match=rf"the model itself \(Runs\) runs {operator}$"):
        counted(call)


def test_no_operator_is_of_two_kinds():
    assert not FREE & {*PRODUCTS, *NORMS} and not NORMS & set(PRODUCTS)
