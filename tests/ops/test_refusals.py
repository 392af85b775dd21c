"""What constructors and loops refuse, in words that name the argument, its value and the rule."""

import inspect

import numpy as np
import pytest
from examples import functions

from nndl import ops

NAN = float("nan")
# flags, seeds and numbers by the name of the argument: what each refuses, and its words
ARGUMENTS = {
    "approximate": ("no", "approximate must be True or False, got 'no'"),
    "bias": ("False", "bias must be True or False, got 'False'"),
    "causal": (1, "causal must be True or False, got 1"),
    "exclusive": (NAN, "exclusive must be True or False, got nan"),
    "input_grad": (None, "input_grad must be True or False, got None"),
    "keepdims": ("False", "keepdims must be True or False, got 'False'"),
    "reverse": (0, "reverse must be True or False, got 0"),
    "scaled": ("x", "scaled must be True or False, got 'x'"),
    "seed": (None, "seed must be an integer from 0 to 4294967295, got None"),
    "activation": ("sigmoid", "activation must be 'tanh' or 'relu', got 'sigmoid'"),
    "axis": (1.5, "axis must be an integer, got 1.5"),
    "axes": ("01", "axes must be a tuple of integers, got '01'"),
    "epsilon": (NAN, "epsilon must be a number >"),
    "exponent": (NAN, "exponent must be a finite number, got nan"),
    "groups": (0, "groups must be a positive integer, got 0"),
    "ignore_index": ("2", "ignore_index must be an integer, got '2'"),
    "label_smoothing": ("0.1", "label_smoothing must be a number >= 0 and < 1, got '0.1'"),
    "mode": (None, "mode must be 'upscale_in_train' or 'downscale_in_infer', got None"),
    "momentum": (True, "momentum must be a number >= 0 and <= 1, got True"),
    "negative_slope": (NAN, "negative_slope must be a finite number, got nan"),
    "p": (NAN, "p must be a number >= 0 and <= 1, got nan"),
    "padding_idx": ("2", "padding_idx must be an integer of at least 0, got '2'"),
    "pos_weight": (NAN, "pos_weight must be a number > 0, got nan"),
    "reduction": (None, "reduction must be 'mean' or 'sum' or 'none', got None"),
    "scale": (NAN, "scale must be a finite number, got nan"),
    "shape": ("ab", "shape must be an integer of at least -1, got 'ab'"),
    "start_axis": (-1, "start_axis must be an integer of at least 0, got -1"),
}
ARGUMENTS |= {
    name: (0, f"{name} must be a positive integer, got 0")
    for name in (
        "embed_dim",
        "embedding_dim",
        "hidden_size",
        "in_channels",
        "in_features",
        "input_size",
        "kdim",
        "kernel_size",
        "key_size",
        "normalized_shape",
        "num_embeddings",
        "num_features",
        "num_heads",
        "out_channels",
        "out_features",
        "query_size",
        "stride",
        "dilation",
        "vdim",
    )
}
ARGUMENTS["padding"] = (-1, "padding must be an integer of at least 0, got -1")
NEEDED = {"normalized_shape": 4, "num_heads": 2, "exponent": 2.0, "shape": (4,), "index": 0}
# what holds operators, names or arrays has tests of its own
OTHER = {"direction", "index", "mask", "named", "nodes", "inputs", "ops", "score", "bias of conv2d"}


def arguments():
    """Yield a constructor or function, one of its arguments, and the others that it needs."""
    for name in ops.__all__:
        thing = getattr(ops, name)
        if name in functions():
            values = functions()[name]
            for argument in list(inspect.signature(thing).parameters)[len(values) :]:
                yield name, argument, values, {}
        elif inspect.isclass(thing) and issubclass(thing, ops.Op) and thing is not ops.Op:
            signature = inspect.signature(thing).parameters.values()
            needed = {p.name: NEEDED.get(p.name, 4) for p in signature if p.default is p.empty}
            for parameter in signature:
                yield name, parameter.name, (), needed


CASES = [case for case in arguments() if case[1] not in OTHER | {"sequence_length"}]
IDS = [f"{name}-{argument}" for name, argument, *_ in CASES]


@pytest.mark.parametrize(("name", "argument", "values", "others"), CASES, ids=IDS)
def test_every_argument_is_checked_and_named(name, argument, values, others):
    """An argument that is new falls under it: it must have its entry in ARGUMENTS."""
    if (name, argument) in {("conv2d", "bias"), ("conv2d_loop", "bias")}:
        wrong, words = "ab", "bias must hold real numbers, got <U2"
    else:
        wrong, words = ARGUMENTS[argument]
    with pytest.raises((TypeError, ValueError)) as caught:
        getattr(ops, name)(*values, **{**others, argument: wrong})
    assert str(caught.value).startswith(words)


X, H, PARAMS = np.ones((2, 3, 4)), np.ones((2, 5)), dict(ops.SRN(4, 5).params)
Q, K, V = np.ones((3, 4)), np.ones((2, 4)), np.ones((2, 1))
ROWS = np.ones((2, 3))
REFUSED = [
    (lambda: ops.srn_loop(X, H, None), "params must be a mapping of names to arrays, got None"),
    (lambda: ops.srn_loop(X, H, {}), "params must be weight_ih, weight_hh, bias_ih, bias_hh, dif"),
    (
        lambda: ops.srn_loop(X, H, {**PARAMS, "bias_ih": np.ones(4)}),
        "bias_ih must have the rows of weight_hh 5, got 4",
    ),
    (
        lambda: ops.lstm_loop(X, H, H, PARAMS),
        "weight_hh must have 4 * hidden_size rows, got shape (5, 5)",
    ),
    (lambda: ops.srn_loop(X[..., :2], H, PARAMS), "x must have shape (batch, time, 4), got (2, 3,"),
    (lambda: ops.srn_loop(X, H[:1], PARAMS), "h must have shape (2, 5), got (1, 5)"),
    (
        lambda: ops.srn_loop(X, H, PARAMS, sequence_length=[4, 1]),
        "sequence_length must be from 0 to 3, got 4",
    ),
    (
        lambda: ops.srn_loop(X, H, PARAMS, sequence_length=[1]),
        "sequence_length must have shape (2,), got (1,)",
    ),
    (
        lambda: ops.srn_loop_backward(X, H, PARAMS, X, H),
        "grad_outputs must have the output's shape (2, 3, 5), got (2, 3, 4)",
    ),
    (
        lambda: ops.srn_loop_backward(X, H, PARAMS, np.ones((2, 3, 5)), H[0]),
        "grad_last must have the output's shape (2, 5), got (5,)",
    ),
    (lambda: ops.attention_loop(X, X, X), "q must have 2 axes, got shape (2, 3, 4)"),
    (lambda: ops.attention_loop(Q, K[:, :3], V), "q and k must have shapes (..., T, d) and (..., "),
    (lambda: ops.attention_loop(Q, K, V[:1]), "k and v must have shapes (..., S, d) and (..., S, "),
    (
        lambda: ops.attention_loop(Q, K, V, np.ones(5)),
        "mask must broadcast to the scores' shape (3",
    ),
    (
        lambda: ops.attention_loop_backward(Q, K, V, V),
        "grad_y must have the output's shape (3, 1), got (2, 1)",
    ),
    (
        lambda: ops.normalize_loop(ROWS, ROWS[0], ROWS),
        "weight must have the shape of x (2, 3), got",
    ),
    (
        lambda: ops.normalize_loop(ROWS, ROWS, ROWS.T),
        "bias must have the shape of x (2, 3), got (3",
    ),
    (lambda: ops.normalize_loop(*[ROWS[:, :0]] * 3), "x must have a number or more in each row"),
    (
        lambda: ops.CrossEntropy()(ROWS[:, :0], [0, 0]),
        "logits must have one class or more, got shape (2, 0)",
    ),
    (lambda: ops.Reshape((-1, 2, -1)), "shape must have one -1 at most, got (-1, 2, -1)"),
    (lambda: ops.Reshape(2**70), "shape must be an integer of at most 2147483647, got 11805"),
    (lambda: ops.Transpose((1, 0))(X), "axes must be an order of 3 axes, got (1, 0) for x of sha"),
    (
        lambda: ops.attention_loop(Q, K, V, np.ones((3, 3))),
        "mask must broadcast to the scores' shape (3, 2), got (3, 3): a row for each query in q",
    ),
    (
        lambda: ops.attention_loop_backward(Q[1:], K, V, np.ones((3, 1))),
        "grad_y must have the output's shape (2, 1), got (3, 1), for q of shape (2, 4) and v of",
    ),
    (
        lambda: ops.srn_loop_backward(X[:, 1:], H, PARAMS, np.ones((2, 3, 5)), H),
        "grad_outputs must have the output's shape (2, 2, 5), got (2, 3, 5), for x of shape (2, 2",
    ),
    (lambda: ops.Sum(axis=2)(ROWS), "axis must be one of x's 2, got 2"),
    (
        lambda: ops.Mean(axis=(0, -2))(ROWS),
        "axis must name each axis once, got (0, -2) for an array",
    ),
    (lambda: ops.Attention(None), "score must be an Op, got NoneType"),
    (lambda: ops.Graph(None), "nodes must be a mapping of names, got NoneType"),
    (
        lambda: ops.Graph({"y": (ops.Tanh(), "x")}, "x"),
        "inputs must be a sequence of names, got 'x'",
    ),
    (
        lambda: ops.Graph({"y": (ops.Tanh(), "x")}, None),
        "inputs must be a sequence of names, got No",
    ),
    (lambda: ops.Graph({1: (ops.Tanh(), "x")}), "name of an operator must be a word without a dot"),
    (lambda: ops.Sequential(None), "operator '0' must be an Op, got NoneType"),
    (
        lambda: ops.Tanh().set_state_dict(None),
        "state must be a mapping of names to arrays, got None",
    ),
    (lambda: ops.check_gradients(np.tanh, [ROWS]), "op must be an Op, got ufunc"),
    (
        lambda: ops.check_gradients(ops.Tanh(), []),
        "inputs must be a sequence of at least one array",
    ),
    (lambda: ops.check_gradients(ops.Tanh(), [ROWS], eps=0), "eps must be a number > 0, got 0"),
    (
        lambda: ops.check_gradients(ops.Tanh(), [ROWS], seed=-1),
        "seed must be an integer from 0 to 4",
    ),
]


@pytest.mark.parametrize(("call", "words"), REFUSED, ids=[words for _, words in REFUSED])
def test_refusals_name_argument_value_and_rule(call, words):
    with pytest.raises((TypeError, ValueError)) as caught:
        call()
    assert str(caught.value).startswith(words)


def test_numpys_own_flags_integers_and_numbers_count():
    assert ops.Linear(np.int64(3), np.uint8(2), np.bool_(False), np.int32(1)).params.keys() == {
        "weight"
    }
    assert ops.Sum(np.int64(1), np.bool_(True))(ROWS).shape == (2, 1)
    assert ops.Dropout(np.float32(0.5)).p == 0.5 and ops.Power(np.float16(2))(ROWS).sum() == 6
    labels = np.array([7, 7], np.uint8)
    assert ops.CrossEntropy(ignore_index=np.int64(7))(ROWS, labels) == 0
