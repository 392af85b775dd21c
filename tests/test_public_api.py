"""Every public function, class and method refuses a bad argument by name, or takes it knowingly.

The names are found by themselves (`api_calls.targets`), so that a new function falls under it; the
rule is in `odd_arguments`.
"""

import urllib.request
from fnmatch import fnmatch

import api_calls
import numpy as np
import odd_arguments
import pytest

from nndl import exercises
from nndl.exercises.judging import OUTCOMES

TARGETS = api_calls.targets()
# each call takes long: large networks, training, a packed archive
SLOW = (
    "data.load_cifar10",
    "models.Model_ResNet18",
    "runner.RunnerV2.train",
    "runner.RunnerV3.train",
)
# rooms in which a call leaves nothing behind, so that one object serves many
STATELESS = ("arithmetic", "layers", "models", "plots", "widgets")
TRIED = [name for name in TARGETS if api_calls.reason_without(name) is None]
# "name: parameter: value", as patterns -> why it may break the rule
ADMITTED: dict[str, str] = {
    "data.Seeded.__call__: image: *": "the transform says what it takes",
    "exercises.check: exercise_id: *": "never raises: the learner reads it on the card",
    "exercises.hint: exercise_id: *": "never raises: the learner reads it on the card",
    "profile.count: more: *": "the model says what it takes",
    "profile.count: input_shape: ()": "the model says what it takes",
    "profile.count: input_shape: [[]]": "the model says what it takes",
    "profile.count: input_shape: empty array": "the model says what it takes",
    "data.load_*: data_file: None": "without a file it looks in the folder, and says so",
    "pickles.read_pickle: size: *": "a wrong number of bytes is a damaged pickle",
    "ops.*: inputs: *": "each operator names its own inputs",
    "ops.Sequential: ops: *": "it names the operator by its number",
    "device.as_tensor: name: *": "a word for the message",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("api")


@pytest.fixture(autouse=True)
def nothing_is_touched(tmp_path, monkeypatch):
    """No file of the reader's, and no network."""

    def refuse(*arguments, **more):
        raise OSError("no network in a test")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NNDL_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("NNDL_PROGRESS", "off")
    monkeypatch.setattr(urllib.request, "urlopen", refuse)


def faults(name, folder):
    """Return "parameter: value: what is wrong" for each call that breaks the rule."""
    target, found = TARGETS[name], []
    api_calls.valid_call(target, folder)()  # what is read once need not be waited for below
    for parameter in api_calls.parameters(target).values():
        valid = api_calls.valid_call(target, folder).arguments.get(parameter.name)
        call = api_calls.valid_call(target, folder)
        for label, value in odd_arguments.odd_values(valid):
            place = f"{parameter.name}: {label}"
            if any(fnmatch(f"{name}: {place}", pattern) for pattern in ADMITTED):
                continue
            if target.name.split(".")[0] not in STATELESS:
                call = api_calls.valid_call(target, folder)
            words = odd_arguments.fault(call, parameter, value)
            if words is not None:
                found.append(f"{place}: {words}")
    return found


@pytest.mark.parametrize("name", TARGETS)
def test_a_public_name_has_a_valid_call_or_a_reason(name, folder):
    if api_calls.reason_without(name) is None:
        api_calls.valid_call(TARGETS[name], folder)()


def marked(name):
    return pytest.param(name, marks=[pytest.mark.slow] if name in SLOW else [])


@pytest.mark.parametrize("name", [marked(name) for name in TRIED])
def test_refuses_a_bad_argument_by_its_name(name, folder):
    found = faults(name, folder)
    assert not found, f"{name}, {len(found)} bad calls:\n" + "\n".join(found)


@pytest.mark.parametrize("label", odd_arguments.PLAIN)
def test_an_odd_answer_or_exercise_gets_a_card(label):
    value = dict(odd_arguments.odd_values(None))[label]
    assert exercises.check("conv-positions", value).outcome in OUTCOMES
    assert exercises.check(value, 1).outcome == "cannot be checked"
    assert exercises.hint(value).outcome == "cannot be checked"


def test_no_reason_is_left_over():
    assert all(any(fnmatch(n, pattern) for n in TARGETS) for pattern in api_calls.WITHOUT_A_CALL)
    assert set(api_calls.CALLS) <= set(TARGETS)
    admitted = {pattern.split(":")[0] for pattern in ADMITTED}
    assert all(any(fnmatch(n, pattern) for n in TRIED) for pattern in admitted)


# ---- the rule itself -------------------------------------------------------------------------


def lenient(bias: bool = True, seed: int = 0, rate: float = 0.1, x: np.ndarray = 0, n: int = 1):
    return None


def raw(n: int = 1):
    return [0][n]


def warns(rate: float = 1.0):
    return np.float64(1) / np.float64(rate)


def hangs(n: int = 1):
    while n == 0:
        pass


@pytest.mark.parametrize(
    ("function", "name", "value", "words"),
    [
        (lenient, "bias", "False", "is accepted"),
        (lenient, "bias", 1, "is accepted"),
        (lenient, "bias", np.bool_(True), None),
        (lenient, "seed", None, "is accepted"),
        (lenient, "seed", -1, "is accepted"),
        (lenient, "seed", np.int64(2), None),
        (lenient, "rate", float("nan"), "is accepted"),
        (lenient, "rate", 1, None),
        (lenient, "x", "text", "is accepted"),
        (lenient, "x", [[1, 2], [3, 4]], None),
        (lenient, "n", 1.5, "is accepted"),
        (raw, "n", 5, "undocumented IndexError"),
        (raw, "n", "text", "not in our words"),
        (warns, "rate", 0.0, "warns"),
        (hangs, "n", 0, "did not come back"),
    ],
)
def test_the_rule_sees_what_is_wrong(function, name, value, words, monkeypatch):
    monkeypatch.setattr(odd_arguments, "SECONDS", 0.2)
    parameter = odd_arguments.inspect.signature(function).parameters[name]
    found = odd_arguments.fault(api_calls.Call(function, {}), parameter, value)
    assert found is None if words is None else words in found


def test_a_name_without_a_call_is_told_what_to_add(folder):
    def fresh(gadget: int):
        return gadget

    with pytest.raises(LookupError, match="give gadget a value in VALUES or CALLS"):
        api_calls.valid_call(api_calls.Target("ops.fresh", fresh, None), folder)
