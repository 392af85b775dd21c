"""Every refusal names the argument, the value given and the rule."""

import numpy as np
import pytest

from nndl import arithmetic as a

BAD = [
    (lambda: a.output_size(8, 3, stride=0), "stride must be a positive integer, got 0"),
    (lambda: a.output_size(8, 3, padding=-1), "padding must be an integer of at least 0, got -1"),
    (lambda: a.output_size(8, 2.5), "kernel_size must be a positive integer, got 2.5"),
    (lambda: a.output_size(8.0, 3), "input_size must be a positive integer, got 8.0"),
    (lambda: a.output_size(8, True), "kernel_size must be a positive integer, got True"),
    (lambda: a.output_size(8, 3, dilation="2"), "dilation must be a positive integer, got '2'"),
    (lambda: a.output_size(4, 3, dilation=2), "spans 5, got input_size 4"),
    (lambda: a.transposed_output_size(3, 3, 2, 0, 1, 2), "output_padding must be smaller"),
    (lambda: a.transposed_output_size(1, 1, padding=1), "padding must leave an output"),
    (lambda: a.padding_for("same", 4), "odd effective kernel size, got 4"),
    (lambda: a.padding_for("sames", 3), 'mode must be "valid", "same" or "full", got \'sames\''),
    (lambda: a.conv_parameters(3, 4, 3, groups=2), "in_channels must be divisible by groups"),
    (lambda: a.conv_parameters(4, 3, 3, groups=2), "out_channels must be divisible by groups"),
    (lambda: a.conv_parameters(1, 1, (3, 3, 3)), "one integer or a pair"),
    (lambda: a.conv_macs(1, 1, 3, 0), "output_size must be a positive integer, got 0"),
    (lambda: a.linear_parameters(0, 1), "in_features must be a positive integer, got 0"),
    (lambda: a.pool_macs("mean", 1, 2, 2), 'kind must be "max" or "avg", got \'mean\''),
    (lambda: a.recurrent_macs(3, 4, 0), "steps must be a positive integer, got 0"),
    (lambda: a.attention_macs(0, 3, 4), "query_length must be a positive integer, got 0"),
    (lambda: a.norm_parameters(0), "channels must be a positive integer, got 0"),
    (lambda: a.norm_macs(1.0), "elements must be a positive integer, got 1.0"),
    (lambda: a.conv_macs(1, 1, (3, 2.5), 4), "kernel_size must be a positive integer, got 2.5"),
    (lambda: a.attention_parameters(False), "model_size must be a positive integer, got False"),
    (lambda: a.recurrent_parameters(1, 2, gates=0), "gates must be a positive integer, got 0"),
    (lambda: a.output_size(8, np.True_), "kernel_size must be a positive integer, got"),
    (lambda: a.output_size(8, np.array([2, 3])), "kernel_size must be a positive integer, got arr"),
    (lambda: a.output_size(8, np.array(2.5)), "kernel_size must be a positive integer, got array"),
    (lambda: a.output_size(8, int), "kernel_size must be a positive integer, got <class 'int'>"),
    (lambda: a.output_size(8, None), "kernel_size must be a positive integer, got None"),
]


@pytest.mark.parametrize(("call", "words"), BAD, ids=[words[:40] for _, words in BAD])
def test_refusal(call, words):
    with pytest.raises(ValueError) as caught:
        call()
    assert words in str(caught.value)


CALLS = {
    "output_size": (200, 3, 2, 100, 1),
    "transposed_output_size": (200, 3, 4, 1, 2, 3),
    "never_visited": (200, 2, 5, 100, 2),
    "padding_for": ("full", 200, 2),
    "effective_kernel_size": (200, 2),
    "conv_parameters": (100, 200, 5, 2),
    "conv_macs": (100, 200, (5, 3), 100, 2),
    "conv_flops": (100, 200, 5, (100, 90), 2),
    "linear_parameters": (200, 100),
    "linear_macs": (200, 100),
    "pool_macs": ("max", 100, 20, 30),
    "pool_operations": ("avg", 100, 20, 30),
    "norm_parameters": (200,),
    "norm_macs": (200,),
    "recurrent_parameters": (200, 100, 4),
    "recurrent_macs": (200, 100, 30, 4),
    "attention_parameters": (200,),
    "attention_macs": (100, 200, 50),
    "receptive_field": ([(200, 2, 50, 2), (200, 100, 3, 1)],),
}


def as_uint8(value):
    """Return the value with each integer in NumPy's smallest type."""
    if isinstance(value, (tuple, list)):
        return type(value)(map(as_uint8, value))
    return np.uint8(value) if isinstance(value, int) else value


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", CALLS)
def test_numpy_integers_never_wrap_around(name):
    call, arguments = getattr(a, name), CALLS[name]
    small = call(*map(as_uint8, arguments))
    assert small == call(*arguments)
    assert "uint8" not in repr(small) and not isinstance(small, np.generic)


def test_pooling_counts_as_the_book_says():
    # maximum: no multiplication; average: one division an output beside its additions
    assert a.pool_macs("max", 6, 2, 14) == a.pool_macs("avg", 6, 2, 14) == 0
    outputs = 6 * 14 * 14
    assert a.pool_operations("avg", 6, 2, 14) - a.pool_operations("max", 6, 2, 14) == outputs
