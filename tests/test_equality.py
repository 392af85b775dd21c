"""The table of equality: what compare holds, and that the recorded table is of this suite."""

import json
import re
from importlib import import_module
from pathlib import Path

import equality
import numpy as np
import pytest

from nndl.device import paddle
from nndl.ops import Op
from nndl.optim import Optimizer

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("ops", "layers", "models", "optim")
KINDS = (Op, Optimizer, paddle.nn.Layer)
# recorded under another name, or without a counterpart in Paddle
NOT_COMPARED = {
    "layers.Attention": "with each score that it can hold",
    "layers.PositionalEncoding": "Paddle has none; its own test holds it to the formula",
    "models.Model_ResNet18": "as models.ResNet18",
    "models.ResNet": "by its depth",
    "ops.Op": "what every operator is made of",
    "optim.Optimizer": "what every optimizer is made of",
}


@pytest.fixture
def recorded():
    path = ROOT / "book" / "results" / "equality.json"
    return json.loads(path.read_text("utf8"))["records"]


@pytest.fixture(autouse=True)
def own_records(monkeypatch):
    monkeypatch.setattr(equality, "RECORDS", {})


def test_remembers_cases_and_the_largest_difference_of_each_kind():
    one = np.ones(3)
    equality.compare("a", [one + 1e-12], [one], [one], [one])
    equality.compare("a", [one], [one], [one], [one * (1 + 3e-12)])
    record = equality.RECORDS["a"]
    assert record.cases == 2 and record.has_backward
    assert record.forward == pytest.approx(1e-12, rel=1e-3)
    assert record.backward == pytest.approx(3e-12, rel=1e-3)
    assert equality.table()[1].split()[0] == "a"


@pytest.mark.parametrize(
    ("outputs", "expected", "words"),
    [
        ([np.ones(3)], [np.ones(3) + 1e-6], "a: forward, array 0"),
        ([np.ones(3)], [np.ones((1, 3))], "shape"),
        ([np.ones(3)], [np.ones(3)] * 2, "1 of 2 arrays"),
        ([np.full(3, np.nan)], [np.ones(3)], "nan"),
    ],
)
def test_a_difference_fails(outputs, expected, words):
    with pytest.raises(AssertionError, match=words):
        equality.compare("a", outputs, expected)


def test_the_recorded_table_is_of_the_names_in_the_tests(recorded):
    """A name that a test compares and the table lacks, or the reverse: run `make equality`."""
    folders = (ROOT / "tests" / room for room in ROOMS)
    sources = [path for folder in folders for path in folder.rglob("*.py")]
    literal = re.compile(rf'f?"((?:{"|".join(ROOMS)})\.[A-Za-z_{{][^"]*)"')
    named = {name for path in sources for name in literal.findall(path.read_text("utf8"))}
    # a name may hold a part that the test fills in
    patterns = [re.compile(".+".join(map(re.escape, re.split(r"\{[^}]*\}", n)))) for n in named]
    missing = [p.pattern for p in patterns if not any(p.fullmatch(name) for name in recorded)]
    foreign = [name for name in recorded if not any(p.fullmatch(name) for p in patterns)]
    assert not missing and not foreign, "run `make equality`"


def test_everything_that_paddle_has_as_well_is_compared(recorded):
    classes = {
        f"{room}.{name}": thing
        for room in ("ops", "layers", "models", "optim")
        for name, thing in vars(import_module(f"nndl.{room}")).items()
        if isinstance(thing, type) and issubclass(thing, KINDS)
    }
    compared = {name.split(",")[0] for name in recorded}
    assert sorted(classes.keys() - compared) == sorted(NOT_COMPARED)


def test_the_recorded_differences_are_those_of_double_precision(recorded):
    assert all(record["cases"] >= 1 for record in recorded.values())
    for name, record in recorded.items():
        assert max(record["forward"], record["backward"]) < 1e-6, name
