"""What a layer asks of its tensors: kinds, precision, shape; and what passes all the same."""

import numpy as np
import pytest

from nndl.device import paddle
from nndl.layers import (
    LSTM,
    SRN,
    AvgPool2D,
    BatchNorm2D,
    Conv2D,
    DotProductScore,
    LayerNorm,
    MultiHeadSelfAttention,
    PositionalEncoding,
    TransformerBlock,
)
from nndl.models import BiLSTMClassifier, LeNet, ResNet, SentencePairMatcher

MAPS = paddle.ones([2, 4, 6, 6])
SEQUENCES = paddle.ones([2, 3, 4])
LAYERS = {
    "Conv2D": (Conv2D(4, 2, 3), MAPS, "x"),
    "BatchNorm2D": (BatchNorm2D(4), MAPS, "x"),
    "LayerNorm": (LayerNorm(6), MAPS, "x"),
    "LSTM": (LSTM(4, 2), SEQUENCES, "inputs"),
    "SRN": (SRN(4, 2), SEQUENCES, "inputs"),
    "attention": (MultiHeadSelfAttention(4, 2), SEQUENCES, "inputs"),
    "transformer": (TransformerBlock(4, 2, 8), SEQUENCES, "inputs"),
    "LeNet": (LeNet(), paddle.ones([1, 1, 32, 32]), "x"),
    "ResNet": (ResNet(8, width=2, in_channels=4), MAPS, "x"),
}


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("spoil", [lambda x: None, lambda x: x.numpy(), lambda x: x.tolist(), str])
def test_what_is_no_tensor_is_refused(name, spoil):
    layer, x, argument = LAYERS[name]
    with pytest.raises(TypeError, match=rf"^{argument} must be a paddle\.Tensor, got "):
        layer(spoil(x))


@pytest.mark.parametrize("name", LAYERS)
def test_double_precision_is_not_mixed_with_single(name):
    layer, x, argument = LAYERS[name]
    with pytest.raises(
        TypeError, match=rf"^{argument} must be float32, like .* got float64: astyp"
    ):
        layer(x.astype("float64"))
    with pytest.raises(TypeError, match=f"^{argument} must hold floating-point numbers"):
        layer(x.astype("int64"))


@pytest.mark.parametrize("name", ["Conv2D", "LSTM", "attention", "transformer"])
def test_mixed_precision_may_meet_half_a_number(name):
    layer, x, _ = LAYERS[name]
    with paddle.amp.auto_cast(dtype="bfloat16"):
        y = layer(paddle.nn.Linear(x.shape[-1], x.shape[-1])(x))
    y = y[0] if isinstance(y, tuple) else y
    assert np.isfinite(y.astype("float32").numpy()).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Conv2D(1, 1, 3, bias_attr="False"), "bias_attr must be a paddle.ParamAttr, False"),
        (lambda: Conv2D(1, 1, 3, weight_attr=False), "weight_attr must be a paddle.ParamAttr or N"),
        (lambda: Conv2D(2**70, 1, 3), "in_channels must be an integer of at most 2147483647"),
        (lambda: PositionalEncoding(4, dropout=2), "dropout must be a number >= 0 and <= 1, got 2"),
        (lambda: AvgPool2D(2, exclusive="no"), "exclusive must be True or False, got 'no'"),
        (lambda: BatchNorm2D(1, momentum=float("nan")), "momentum must be a number >= 0 and <= 1"),
        (lambda: LSTM(1, 1, forget_bias="1"), "forget_bias must be a number"),
        (lambda: LeNet(by_hand="False"), "by_hand must be True or False, got 'False'"),
        (
            lambda: MultiHeadSelfAttention(4, 2)(SEQUENCES, causal="no"),
            "causal must be True or False, got 'no'",
        ),
        (
            lambda: DotProductScore(4)(SEQUENCES, paddle.ones([3, 4])),
            "query must have shape (2, 4), got (3, 4): see inputs",
        ),
    ],
)
def test_refusals_name_argument_value_and_rule(call, message):
    with pytest.raises((TypeError, ValueError)) as caught:
        call()
    assert message in str(caught.value)


@pytest.mark.parametrize("ids", [[[3, 7]], [[-1, 2]]])
def test_a_token_beyond_the_table_is_refused(ids):
    """Paddle's embedding would read memory that is not its own."""
    ids = paddle.to_tensor(ids)
    lengths = paddle.to_tensor([2])
    with pytest.raises(ValueError, match="ids must be from 0 to 6, got "):
        BiLSTMClassifier(7, 2, 2, 2)(ids, lengths)
    with pytest.raises(ValueError, match="ids must be from 0 to 6, got "):
        SentencePairMatcher(7, 2, 1)(ids, ids, lengths)
    with pytest.raises(ValueError, match="segments must be from 0 to 1, got 2"):
        SentencePairMatcher(7, 2, 1)(paddle.to_tensor([[1, 2]]), ids * 0 + 2, lengths)
