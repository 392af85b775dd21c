"""The optimizers by hand move parameters exactly as Paddle's own do, step after step."""

import equality
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nndl import ops, optim
from nndl.device import paddle

many = settings(max_examples=200, deadline=None)

# our name -> (Paddle's class, its names where they differ from ours, what is drawn)
# some of Paddle's kernels take their settings in single precision: only such numbers are drawn
share = st.floats(0.0, 0.9375, width=32)
small = st.floats(2**-20, 2**-6, width=32)
KINDS = {
    "SGD": ("SGD", {}, {}),
    "SGD with momentum": (
        "Momentum",
        {"nesterov": "use_nesterov"},
        {"momentum": share, "nesterov": st.booleans()},
    ),
    "AdaGrad": ("Adagrad", {}, {"epsilon": small}),
    "RMSprop": ("RMSProp", {}, {"rho": share, "epsilon": small, "momentum": share}),
    "Adam": ("Adam", {}, {"beta1": share, "beta2": share, "epsilon": small}),
    "AdamW": ("AdamW", {}, {"beta1": share, "beta2": share, "epsilon": small}),
}


@pytest.fixture(autouse=True)
def double_precision():
    """Let Paddle keep learning rates in double precision, too; in single they differ by 1e-8."""
    before = paddle.get_default_dtype()
    paddle.set_default_dtype("float64")
    yield
    paddle.set_default_dtype(before)


class Model(ops.Op):
    """Two parameters and no function: the gradients are drawn."""

    def __init__(self, rng):
        super().__init__()
        self.params = {"weight": rng.standard_normal((3, 2)), "bias": rng.standard_normal(2)}


def drawn_grads(rng, size):
    return {"weight": size * rng.standard_normal((3, 2)), "bias": size * rng.standard_normal(2)}


def step_paddle(optimizer, tensors, grads):
    """Give drawn gradients to Paddle's parameters the way it computes them, and step."""
    total = sum((tensors[name] * paddle.to_tensor(grad)).sum() for name, grad in grads.items())
    total.backward()
    optimizer.step()
    optimizer.clear_grad()


def paddles_parameters(model):
    return {
        name: paddle.create_parameter(
            list(value.shape),
            "float64",
            default_initializer=paddle.nn.initializer.Assign(value),
        )
        for name, value in model.params.items()
    }


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=100, deadline=None)
@given(st.data())
def test_every_optimizer_equals_paddles_over_several_steps(kind, data):
    theirs, names, drawn = KINDS[kind]
    ours = kind.split()[0]
    settings_ = {name: data.draw(strategy, name) for name, strategy in drawn.items()}
    settings_["learning_rate"] = data.draw(st.floats(2**-12, 1.0, width=32), "learning_rate")
    settings_["weight_decay"] = data.draw(st.floats(0.0, 0.5, width=32), "weight_decay")
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32), "seed"))
    model = Model(rng)
    tensors = paddles_parameters(model)
    optimizer = getattr(optim, ours)(model, **settings_)
    settings_ = {names.get(name, name): value for name, value in settings_.items()}
    reference = getattr(paddle.optimizer, theirs)(parameters=list(tensors.values()), **settings_)
    for _ in range(data.draw(st.integers(1, 6), "steps")):
        model.grads = drawn_grads(rng, size=data.draw(st.sampled_from([1e-3, 1.0, 30.0]), "size"))
        step_paddle(reference, tensors, model.grads)
        optimizer.step()
        equality.compare(f"optim.{ours}", list(model.params.values()), list(tensors.values()))


@many
@given(st.floats(0.01, 10), st.floats(0.01, 10), st.integers(0, 2**32))
def test_clipping_equals_paddles_over_all_gradients_together(clip_norm, size, seed):
    rng = np.random.default_rng(seed)
    model = Model(rng)
    tensors = paddles_parameters(model)
    model.grads = drawn_grads(rng, size)
    clip = paddle.nn.ClipGradByGlobalNorm(clip_norm)
    reference = paddle.optimizer.SGD(1.0, parameters=list(tensors.values()), grad_clip=clip)
    step_paddle(reference, tensors, model.grads)
    length = np.sqrt(sum((grad**2).sum() for grad in model.grads.values()))
    assert optim.clip_by_global_norm(model, clip_norm) == pytest.approx(length)
    optim.SGD(model, learning_rate=1.0).step()
    equality.compare(
        "optim.clip_by_global_norm", list(model.params.values()), list(tensors.values())
    )


def all_kinds():
    return [
        lambda model: optim.SGD(model, momentum=0.9),
        optim.AdaGrad,
        lambda model: optim.RMSprop(model, momentum=0.5),
        optim.Adam,
        optim.AdamW,
    ]


@pytest.mark.parametrize("make", all_kinds())
def test_parameters_move_in_place_and_only_those_with_a_gradient(make):
    model = Model(np.random.default_rng(0))
    arrays, kept = dict(model.params), {name: p.copy() for name, p in model.params.items()}
    grad = np.ones((3, 2), np.float32)  # float32 from a model that ran in single precision
    model.grads = {"weight": grad}
    make(model).step()
    assert all(model.params[name] is arrays[name] for name in arrays)
    assert (model.params["weight"] != kept["weight"]).all()
    assert (model.params["bias"] == kept["bias"]).all()
    assert model.params["weight"].dtype == np.float64 and (grad == 1).all()


@pytest.mark.parametrize("make", all_kinds())
def test_a_state_that_is_carried_over_goes_on_as_without_a_break(make):
    def steps(model, optimizer, seeds):
        for seed in seeds:
            model.grads = drawn_grads(np.random.default_rng(seed), size=1.0)
            optimizer.step()

    whole, broken = Model(np.random.default_rng(0)), Model(np.random.default_rng(0))
    steps(whole, make(whole), range(5))
    first, second = make(broken), make(broken)
    steps(broken, first, range(3))
    state = first.state_dict()
    second.set_state_dict(state)
    for array in state.values():
        array[...] = 99  # a copy was taken over
    steps(broken, second, range(3, 5))
    for name, value in whole.params.items():
        np.testing.assert_array_equal(broken.params[name], value)


def test_the_learning_rate_may_be_set_between_steps():
    model = Model(np.random.default_rng(0))
    optimizer = optim.SGD(model, learning_rate=1.0)
    model.grads = drawn_grads(np.random.default_rng(0), 1.0)
    before = model.params["bias"].copy()
    optimizer.learning_rate = 0.5
    optimizer.step()
    np.testing.assert_array_equal(model.params["bias"], before - 0.5 * model.grads["bias"])


def test_a_chain_learns_in_its_operators_own_arrays():
    conv = ops.Conv2D(1, 1, 2, seed=3)
    net = ops.Sequential(conv, ops.Conv2D(1, 1, 2, seed=4))
    x = np.random.default_rng(0).standard_normal((4, 1, 6, 6))
    optimizer, before = optim.Adam(net, learning_rate=0.02), conv.params["weight"].copy()
    losses = []
    for _ in range(60):
        y = net(x)
        losses.append(((y - 1) ** 2).mean())
        net.backward(2 * (y - 1) / y.size)
        optimizer.step()
    assert losses[-1] < 0.5 * losses[0] and (conv.params["weight"] != before).all()


def test_cleared_gradients_are_gone_from_every_operator():
    conv = ops.Conv2D(1, 1, 2)
    net = ops.Sequential(conv)
    optimizer = optim.SGD(net)
    net.backward(net(np.ones((1, 1, 2, 2))))
    optimizer.step()
    optimizer.clear_grad()
    assert conv.grads == {}
    with pytest.raises(RuntimeError, match="call backward of the model first"):
        optimizer.step()


def test_clipping_leaves_the_arrays_it_was_given():
    model, grad = Model(np.random.default_rng(0)), np.full(2, 3, np.float32)
    model.grads = {"bias": grad}
    optim.clip_by_global_norm(model, np.float64(1))
    assert (grad == 3).all() and model.grads["bias"].dtype == np.float32
    model.grads = {"bias": np.zeros(2)}
    assert optim.clip_by_global_norm(model, 1.0) == 0 and (model.grads["bias"] == 0).all()


@pytest.mark.parametrize("make", all_kinds())
def test_a_parameter_in_half_precision_is_moved_as_one_in_single(make):
    """Its squares overflow in half precision from 256 on, and below 0.0003 they are zero."""
    single, half = Model(np.random.default_rng(0)), Model(np.random.default_rng(0))
    for model, dtype in ((single, np.float32), (half, np.float16)):
        model.params = {
            name: value.astype(np.float16).astype(dtype) for name, value in model.params.items()
        }
        optimizer = make(model)
        for size in (300.0, 1e-4):
            grads = drawn_grads(np.random.default_rng(1), size)
            model.grads = {n: g.astype(np.float16).astype(dtype) for n, g in grads.items()}
            optim.clip_by_global_norm(model, 1e5)
            optimizer.step()
    for name, value in single.params.items():
        assert half.params[name].dtype == np.float16
        np.testing.assert_allclose(half.params[name], value, rtol=0.01, atol=0.01)


def make_model():
    return Model(np.random.default_rng(0))


def with_grads(grads):
    model = make_model()
    model.grads = grads
    return model


def of_integers():
    model = make_model()
    model.params["weight"] = np.ones(3, np.int64)
    return model


REFUSED = [
    (lambda: optim.SGD(make_model(), learning_rate=0), "learning_rate must be a number > 0, got 0"),
    (lambda: optim.SGD(make_model(), -0.1), "learning_rate must be a number > 0, got -0.1"),
    (lambda: optim.SGD(make_model(), float("nan")), "learning_rate must be a number > 0, got nan"),
    (lambda: optim.SGD(make_model(), momentum=1), "momentum must be a number >= 0 and < 1, got 1"),
    (lambda: optim.Adam(make_model(), beta2=1.5), "beta2 must be a number >= 0 and < 1, got 1.5"),
    (lambda: optim.RMSprop(make_model(), rho=-1), "rho must be a number >= 0 and < 1, got -1"),
    (lambda: optim.AdaGrad(make_model(), epsilon=0.0), "epsilon must be a number > 0, got 0.0"),
    (
        lambda: optim.AdamW(make_model(), weight_decay=-1),
        "weight_decay must be a number >= 0, got -1",
    ),
    (lambda: optim.SGD(ops.Op()), "model must have parameters, got Op without any"),
    (
        lambda: optim.SGD(with_grads({"bias": np.ones(3)})).step(),
        "gradient of bias must have shape (2,), got (3,)",
    ),
    (
        lambda: optim.SGD(make_model()).set_state_dict({"steps": np.array(1)}),
        "state must have the names of state_dict, differs in ['bias.velocity', 'weight.velocity']",
    ),
    (
        lambda: optim.SGD(make_model()).set_state_dict(
            {"steps": np.array(1), "bias.velocity": np.ones(3), "weight.velocity": np.ones((3, 2))}
        ),
        "state bias.velocity must have shape (2,), got (3,)",
    ),
    (lambda: optim.SGD(make_model(), "0.1"), "learning_rate must be a number > 0, got '0.1'"),
    (lambda: optim.SGD(make_model(), True), "learning_rate must be a number > 0, got True"),
    (
        lambda: optim.SGD(make_model(), float("inf")),
        "learning_rate must be a finite number > 0, got inf",
    ),
    (lambda: optim.SGD(make_model(), nesterov="no"), "nesterov must be True or False, got 'no'"),
    (lambda: optim.clip_by_global_norm(make_model(), 0), "clip_norm must be a number > 0, got 0"),
]


@pytest.mark.parametrize(("call", "words"), REFUSED, ids=[words[:40] for _, words in REFUSED])
def test_refusals_name_argument_value_and_rule(call, words):
    with pytest.raises(ValueError) as caught:
        call()
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: optim.SGD([1.0]), "model must be an Op, got list"),
        (lambda: optim.clip_by_global_norm({}, 1.0), "model must be an Op, got dict"),
        (
            lambda: optim.SGD(of_integers()),
            "weight must be floating-point to be learned, got int64",
        ),
        (lambda: optim.SGD(make_model()).set_state_dict(None), "state must be a mapping of names"),
    ],
)
def test_what_is_no_model_parameter_or_state_is_refused(call, words):
    with pytest.raises(TypeError, match=words):
        call()


def test_an_optimizer_without_a_change_says_so():
    with pytest.raises(NotImplementedError, match="must define change"):
        optim.Optimizer(with_grads({"bias": np.ones(2)})).step()
