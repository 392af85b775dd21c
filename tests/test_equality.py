"""The table of equality: what compare holds, and that the recorded table is of this suite."""

import json
import re
from pathlib import Path

import equality
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]


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


def test_the_recorded_table_names_what_the_suite_compares(recorded):
    """A name that a test compares and the table lacks, or the reverse: run `make equality`."""
    call = re.compile(r'compare\(\s*f?"([^"]+)"')
    sources = [p for p in (ROOT / "tests").rglob("test_*.py") if p.name != Path(__file__).name]
    named = {name for path in sources for name in call.findall(path.read_text("utf8"))}
    # a name may hold a part that the test fills in
    patterns = [re.compile(".+".join(map(re.escape, re.split(r"\{[^}]*\}", n)))) for n in named]
    assert all(any(p.fullmatch(name) for name in recorded) for p in patterns), "run `make equality`"
    assert all(any(p.fullmatch(name) for p in patterns) for name in recorded), "run `make equality`"


def test_the_recorded_differences_are_those_of_double_precision(recorded):
    assert all(record["cases"] >= 1 for record in recorded.values())
    for name, record in recorded.items():
        assert max(record["forward"], record["backward"]) < 1e-6, name
