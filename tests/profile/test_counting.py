"""The cost of a model, counted while it runs, is what the arithmetic finds from the settings."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nndl import arithmetic, layers, profile
from nndl.arithmetic import network_cost, network_totals
from nndl.device import paddle
from nndl.models import BiLSTMClassifier, SentencePairMatcher, lenet_ops

nn, F = paddle.nn, paddle.nn.functional
few = st.integers(1, 3)
windows = st.fixed_dictionaries({"kernel_size": few, "stride": few, "padding": st.just(0)})


def macs(model, *inputs, **named):
    """Return the sum over all layers."""
    return network_totals(profile.count(model, *inputs, **named))["macs"]


class Calls(nn.Layer):
    """Run a function of the input and of the layers in it."""

    def __init__(self, function, *parts, **named):
        super().__init__()
        self.function = function
        self.parts = nn.LayerList(parts)
        for name, part in named.items():
            setattr(self, name, part)

    def forward(self, *inputs, **named):
        """Run it."""
        return self.function(self, *inputs, **named)


@st.composite
def stacks(draw):
    """Draw a network as the arithmetic describes it, and the same as layers."""
    kit = layers.operators(draw(st.booleans()))
    described, built, channels = [], [], 2
    for kind in draw(st.lists(st.sampled_from(["conv", "max_pool", "avg_pool", "norm", "relu"]))):
        row = {"kind": kind}
        if kind == "conv":
            row |= draw(windows) | {"channels": 2 * draw(few), "groups": draw(st.integers(1, 2))}
            row |= {"bias": draw(st.booleans())}
            sizes = {name: row[name] for name in ("kernel_size", "stride", "padding", "groups")}
            bias = None if row["bias"] else False
            built.append(kit.Conv2D(channels, row["channels"], bias_attr=bias, **sizes))
            channels = row["channels"]
        elif kind.endswith("pool"):
            window = draw(windows)
            row |= window
            pool = kit.MaxPool2D if kind == "max_pool" else kit.AvgPool2D
            built.append(pool(**window))
        else:
            built.append(kit.BatchNorm2D(channels) if kind == "norm" else nn.ReLU())
        described.append(row)
    described += [{"kind": "global_pool"}, {"kind": "flatten"}, {"kind": "linear", "features": 3}]
    built += [layers.GlobalAvgPool2D(), nn.Flatten(), nn.Linear(channels, 3)]
    return described, nn.Sequential(*built)


@settings(max_examples=100, deadline=None)
@given(stacks(), st.integers(20, 40))
def test_counts_what_the_arithmetic_finds(stack, size):
    described, model = stack
    shape = [2, size, size + 1]
    try:
        expected = network_cost(described, shape)
    except ValueError:  # too many strides for this picture
        return
    rows = profile.count(model, shape)
    assert [row.pop("name") for row in rows] == [str(number) for number in range(len(rows))]
    assert rows == expected


# --- sequences


@st.composite
def readers(draw):
    """Draw layers that take and give sequences of vectors, and their work for a length."""
    size, heads = 4 * draw(few), draw(st.sampled_from([1, 2, 4]))
    built, work = [], []
    for kind in draw(st.lists(st.sampled_from(KINDS_OF_READERS), min_size=1, max_size=4)):
        hidden, inside = draw(few), draw(few)
        if kind in ("SRN", "LSTM", "SimpleRNN", "GRU", "nn.LSTM"):
            both = draw(st.booleans())
            gates = {"SRN": 1, "SimpleRNN": 1, "GRU": 3}.get(kind, 4)
            source = layers if kind in ("SRN", "LSTM") else nn
            make = getattr(source, kind.removeprefix("nn."))
            layer = make(size, hidden, direction="bidirect" if both else "forward")
            built.append(Calls(lambda self, x: self.parts[0](x)[0], layer))
            work.append(
                lambda T, size=size, hidden=hidden, gates=gates, both=both: (
                    (1 + both) * arithmetic.recurrent_macs(size, hidden, T, gates)
                )
            )
            size = (1 + both) * hidden
            built.append(nn.Linear(size, 4 * inside))
            work.append(
                lambda T, size=size, inside=inside: T * arithmetic.linear_macs(size, 4 * inside)
            )
            size = 4 * inside
        elif kind == "encoder":
            built.append(nn.TransformerEncoderLayer(size, heads, hidden))
            work.append(
                lambda T, size=size, hidden=hidden: (
                    arithmetic.attention_macs(T, T, size)
                    + 2 * T * arithmetic.linear_macs(size, hidden)
                    + 2 * arithmetic.norm_macs(T * size)
                )
            )
        else:
            make = layers.MultiHeadSelfAttention if kind == "by hand" else nn.MultiHeadAttention
            built.append(make(size, heads))
            work.append(lambda T, size=size: arithmetic.attention_macs(T, T, size))
    return nn.Sequential(*built), work


KINDS_OF_READERS = ["SRN", "LSTM", "SimpleRNN", "GRU", "nn.LSTM", "encoder", "by hand", "Paddle's"]


@settings(max_examples=60, deadline=None)
@given(readers(), st.integers(1, 6))
def test_counts_recurrence_and_attention_as_the_arithmetic_does(reader, length):
    model, work = reader
    size = next(p.shape for p in model.parameters() if p.ndim == 2)
    first = model[0]
    recurrent = isinstance(first, Calls)
    rows = profile.count(model, [length, size[1] if recurrent else size[0]])
    assert network_totals(rows)["macs"] == sum(part(length) for part in work)
    assert network_totals(rows)["parameters"] == sum(p.size for p in model.parameters())


@pytest.mark.parametrize(
    "attention",
    [layers.MultiHeadSelfAttention(64, 4), nn.MultiHeadAttention(64, 4)],
    ids=["ours", "Paddle's"],
)
def test_scores_and_weighted_sums_of_attention_are_work(attention):
    rows = profile.count(attention, [512, 64])
    projections = 4 * 512 * 64 * 64
    own = 2 * 512 * 512 * 64
    assert network_totals(rows)["macs"] == projections + own == 41_943_040
    assert (rows[-1]["name"], rows[-1]["macs"], rows[-1]["parameters"]) == ("", own, 0)
    assert rows[-1]["activations"] == 4 * 512 * 512 + 512 * 64  # scores, weighted sums


def test_attention_of_one_sequence_to_another_takes_two_inputs():
    attention = nn.MultiHeadAttention(8, 2)
    assert macs(attention, [5, 8], [3, 8], [3, 8]) == arithmetic.attention_macs(5, 3, 8)


def test_several_layers_of_a_recurrence_and_its_steps_by_cells():
    stacked = nn.LSTM(3, 4, num_layers=2, direction="bidirect")
    first = 2 * arithmetic.recurrent_macs(3, 4, 5, gates=4)
    assert macs(stacked, [5, 3]) == first + 2 * arithmetic.recurrent_macs(8, 4, 5, gates=4)
    assert macs(nn.RNN(nn.GRUCell(3, 4)), [5, 3]) == arithmetic.recurrent_macs(3, 4, 5, gates=3)


def test_words_are_given_as_the_batch_itself():
    model = nn.Sequential(nn.Embedding(9, 4), nn.Linear(4, 2))
    rows = profile.count(model, paddle.to_tensor([[1, 5, 5]]))
    assert [(row["macs"], row["parameters"]) for row in rows] == [(0, 36), (3 * 4 * 2, 10)]


def test_named_inputs_reach_the_model():
    attention = layers.MultiHeadSelfAttention(4, 2)
    lengths = paddle.to_tensor([3])
    assert macs(attention, [5, 4], lengths, causal=True) == arithmetic.attention_macs(5, 5, 4)


@pytest.mark.parametrize("by_hand", [True, False])
@pytest.mark.parametrize("attention", [None, "additive", "dot", "scaled_dot", "bilinear"])
def test_the_classifier_of_texts(attention, by_hand):
    model = BiLSTMClassifier(20, 4, 3, num_classes=2, attention=attention, by_hand=by_hand)
    ids, lengths = paddle.to_tensor([[5, 6, 7, 8, 0]]), paddle.to_tensor([4])
    scores = {None: 0, "additive": 5 * 36 + 36 + 5 * 6, "bilinear": 36 + 5 * 6}
    work = scores.get(attention, 5 * 6) + (5 * 6 if attention else 0)
    work += 2 * arithmetic.recurrent_macs(4, 3, 5, gates=4) + 6 * 2
    totals = network_totals(profile.count(model, ids, lengths))
    assert totals["macs"] == work
    assert totals["parameters"] == sum(p.size for p in model.parameters())


def test_the_matcher_of_sentences():
    model = SentencePairMatcher(20, embed_dim=8, num_heads=2, ffn_dim=16, num_layers=3)
    ids, lengths = paddle.to_tensor([[1, 5, 2, 6, 2]]), paddle.to_tensor([5])
    totals = network_totals(profile.count(model, ids, ids * 0, lengths=lengths))
    block = arithmetic.attention_macs(5, 5, 8) + 2 * 5 * 8 * 16
    assert totals["macs_without_norms"] == 3 * block + 8 * 2
    assert totals["macs"] - totals["macs_without_norms"] == 3 * 2 * arithmetic.norm_macs(5 * 8)
    assert totals["parameters"] == sum(p.size for p in model.parameters())


# --- what the operators do, however they are called


class Functional(nn.Layer):
    """Use the weights of its layers without calling one of them."""

    def __init__(self):
        super().__init__()
        self.conv, self.linear = nn.Conv2D(2, 3, 3), nn.Linear(4, 2)
        self.holder = nn.ParameterList([self.create_parameter([3, 4])])

    def forward(self, x):
        """Convolve, take means, and multiply twice."""
        x = F.conv2d(x, self.conv.weight, self.conv.bias).mean([2, 3])  # (B, 3)
        return paddle.matmul(x @ self.holder[0], self.linear.weight) + self.linear.bias


def test_weights_used_by_functions_count():
    (row,) = profile.count(Functional(), [2, 5, 5])
    assert row["macs"] == 3 * 2 * 9 * 9 + 3 * 4 + 4 * 2
    assert row["parameters"] == (3 * 2 * 9 + 3) + 3 * 4 + (4 * 2 + 2)


def test_frozen_layers_count():
    model = nn.Sequential(nn.Conv2D(2, 3, 3), nn.BatchNorm2D(3), nn.Flatten(), nn.Linear(27, 2))
    before = profile.count(model, [2, 5, 5])
    for parameter in model.parameters():
        parameter.stop_gradient = True
    assert profile.count(model, [2, 5, 5]) == before
    assert [row["parameters"] for row in before] == [57, 6, 0, 56]  # no mean, no variance


@pytest.mark.parametrize("groups", [1, 3])
def test_channels_may_stand_last(groups):
    last = nn.Conv2D(3, 9, 3, padding=1, groups=groups, data_format="NHWC")
    (row,) = profile.count(last, [6, 6, 3])
    (first,) = profile.count(nn.Conv2D(3, 9, 3, padding=1, groups=groups), [3, 6, 6])
    assert row["macs"] == first["macs"] == 9 * (3 // groups) * 9 * 36
    assert macs(nn.Conv2D(3, 8, 3, padding=1, data_format="NHWC"), [6, 6, 3]) == 7_776


def test_a_layer_may_be_called_by_keyword():
    model = Calls(lambda self, x: self.parts[0](x=x), nn.Conv2D(2, 3, 3), nn.Identity())
    assert macs(model, [2, 5, 5]) == 3 * 2 * 9 * 9
    assert macs(Calls(lambda self, x: self.parts[0](input=x), nn.Linear(4, 3)), [4]) == 12


def test_a_layer_whose_call_is_bypassed_counts_where_it_runs():
    model = Calls(lambda self, x: self.parts[0].forward(x), nn.Linear(4, 3))
    (row,) = profile.count(model, [4])
    assert (row["name"], row["macs"], row["parameters"]) == ("", 12, 15)


def test_a_normalization_is_told_apart_wherever_it_stands():
    def blocks(self, x):
        x = F.layer_norm(self.parts[0](x), [3], self.norm.weight, self.norm.bias)
        return self.parts[1](x)

    model = Calls(blocks, nn.Linear(4, 3), nn.GroupNorm(1, 3), norm=nn.LayerNorm(3))
    rows = profile.count(model, [4])
    totals = network_totals(rows)
    assert [(row["name"], row["kind"], row["macs"]) for row in rows] == [
        ("parts.0", "linear", 12),
        ("parts.1", "norm", 3),
        ("", "norm", 3),
        ("", "Calls", 0),
    ]
    assert (totals["macs"], totals["macs_without_norms"]) == (18, 12)
    assert totals["parameters"] == 15 + 6 + 6


def test_leaves_the_model_as_it_was():
    norm, dropout = nn.BatchNorm2D(2), nn.Dropout(0.5)
    model = nn.Sequential(norm, dropout, nn.Flatten(), nn.Linear(18, 1))
    dropout.eval()
    before = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    first = profile.count(model, [2, 3, 3])
    assert norm.training and model.training and not dropout.training
    for name, tensor in model.state_dict().items():
        np.testing.assert_array_equal(tensor.numpy(), before[name])
    assert not any(layer._forward_post_hooks for layer in model.sublayers())
    assert profile.count(model, [2, 3, 3]) == first


def test_counts_shared_parameters_once_and_their_work_twice():
    linear = nn.Linear(4, 4)
    rows = profile.count(nn.Sequential(linear, nn.ReLU(), linear), [4])
    assert [(row["parameters"], row["macs"]) for row in rows] == [(20, 16), (0, 0), (0, 16)]


def test_counts_tied_weights_once():
    words = nn.Embedding(9, 4)
    tied = Calls(lambda self, ids: self.parts[0](ids) @ self.parts[0].weight.T, words)
    rows = profile.count(tied, paddle.to_tensor([[1, 2]]))
    assert [(row["parameters"], row["macs"]) for row in rows] == [(36, 0), (0, 2 * 4 * 9)]


def test_counts_a_linear_layer_at_each_position():
    (row,) = profile.count(nn.Linear(4, 3), [5, 4])
    assert (row["shape"], row["macs"], row["activations"]) == ([5, 3], 60, 15)


def test_windows_may_reach_over_the_edge():
    model = nn.Sequential(nn.Conv2D(1, 2, 3, stride=2), nn.MaxPool2D(2, ceil_mode=True))
    rows = profile.count(model, [1, 11, 11])
    assert [(row["shape"], row["macs"]) for row in rows] == [([2, 5, 5], 450), ([2, 3, 3], 0)]


def test_runs_in_the_models_own_precision():
    model = nn.Linear(4, 3)
    model.to(dtype="float64")
    assert profile.count(model, [4])[0]["parameters"] == 15


# --- refusals


class Unused(nn.Layer):
    """Hold a layer that is not used, as plain networks with left-over shortcuts do."""

    def __init__(self):
        super().__init__()
        self.used, self.shortcut = nn.Linear(2, 2), nn.Linear(2, 2)

    def forward(self, x):
        """Use one of the two."""
        return self.used(x)


def by_numpy(self, x):
    """Multiply where nobody sees it."""
    return paddle.to_tensor(x.numpy() @ np.ones((2, 2), "float32"))


@pytest.mark.parametrize(
    ("model", "inputs", "words"),
    [
        (Unused(), [2], "but not so shortcut.weight, shortcut.bias"),
        (nn.Linear(2, 2), [0], "input_shape must be a positive integer, got 0"),
        (nn.Linear(2, 2), 2, "input_shape must be sizes or a tensor, got 2"),
        (nn.Linear(2, 2), paddle.ones([8, 2]), "must be a batch of one sample, got shape (8, 2)"),
        (
            nn.Sequential(nn.ReLU(), Calls(lambda self, x: paddle.fft.rfft(x))),
            [4],
            "but layer 1 (Calls) runs fft_r2c",
        ),
        (
            Calls(lambda self, x: paddle.linalg.multi_dot([x, x.T, x])),
            [4],
            "but the model itself (Calls) runs multi_dot",
        ),
        (Calls(by_numpy), [2], "but the model itself (Calls) takes numbers out with numpy()"),
        (Calls(lambda self, x: x * x.tolist()[0][1]), [2], "takes numbers out with numpy()"),
    ],
    ids=["unused", "shape", "no shape", "batch", "fourier", "chain", "numpy", "list"],
)
def test_refuses_where_the_sums_would_be_wrong(model, inputs, words):
    with pytest.raises(ValueError) as caught:
        profile.count(model, inputs)
    assert words in str(caught.value)
    assert not any(layer._forward_post_hooks for layer in model.sublayers(include_self=True))


def test_refuses_what_is_no_layer():
    for model, name in ((by_numpy, "function"), (lenet_ops(), type(lenet_ops()).__name__)):
        with pytest.raises(TypeError, match=rf"model must be a paddle\.nn\.Layer, got {name}$"):
            profile.count(model, [1, 32, 32])


def test_layers_of_no_known_kind_count():
    assert profile.count(nn.Sequential(nn.PReLU()), [2, 3, 3])[0]["parameters"] == 1
    (row,) = profile.count(nn.Sequential(nn.LSTM(2, 3)), [4, 2])
    assert (row["kind"], row["shape"], row["macs"]) == ("LSTM", [4, 3], 4 * 4 * 3 * (2 + 3))
    assert row["parameters"] == arithmetic.recurrent_parameters(2, 3, gates=4)


def test_printing_in_a_layer_is_no_way_out(capsys):
    def printed(self, x):
        print(x, float(x.mean()))
        return self.parts[0](x)

    assert macs(Calls(printed, nn.Linear(4, 3)), [4]) == 12
    assert "Tensor" in capsys.readouterr().out
