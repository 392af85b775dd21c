"""The models of texts can be exported for sequences of any number and length."""

import numpy as np
import pytest

from nndl.device import paddle
from nndl.models import BiLSTMClassifier, SentencePairMatcher

MODELS = {
    "mean": lambda: BiLSTMClassifier(50, 8, 6, 3),
    "attention": lambda: BiLSTMClassifier(50, 8, 6, 3, "additive"),
    "matcher": lambda: SentencePairMatcher(50, 8, 2, num_layers=2),
}


@pytest.mark.parametrize("name", MODELS)
def test_an_exported_model_gives_the_same_logits_for_any_batch(name, tmp_path):
    model = MODELS[name]()
    model.eval()
    tables = 2 if name == "matcher" else 1
    # an object for each input: Paddle takes inputs with one and the same for one input
    specs = [paddle.static.InputSpec([None] * n, "int64") for n in [2] * tables + [1]]
    path = str(tmp_path / "model")
    paddle.jit.save(model, path, input_spec=specs)
    exported = paddle.jit.load(path)
    rng = np.random.default_rng(0)
    for batch, steps in ((1, 4), (3, 7)):
        inputs = [rng.integers(1, 50, (batch, steps)), rng.integers(0, 2, (batch, steps))]
        inputs = [*inputs[:tables], rng.integers(1, steps + 1, batch)]
        inputs = [paddle.to_tensor(array) for array in inputs]
        expected = model(*inputs).numpy()
        np.testing.assert_allclose(exported(*inputs).numpy(), expected, rtol=1e-5, atol=1e-6)
