"""The photographs are read from scikit-learn's folder; what is missing is named."""

import builtins
import importlib.util

import numpy as np
import pytest

from nndl.data import photograph, photographs


@pytest.mark.parametrize("name", ["china", "flower"])
def test_equal_to_scikit_learn(name):
    datasets = pytest.importorskip("sklearn.datasets")
    picture = photograph(name)
    assert picture.dtype == np.float32
    theirs = datasets.load_sample_image(f"{name}.jpg")
    np.testing.assert_array_equal(np.round(picture * 255).astype(np.uint8), theirs)


@pytest.mark.parametrize("name", ["lena", "", None, "../china"])
def test_unknown_name(name):
    with pytest.raises(ValueError, match="name must be one of china, flower, got"):
        photograph(name)


def test_without_scikit_learn(monkeypatch):
    def nothing(name):
        return None if name == "sklearn" else importlib.util.find_spec(name)

    monkeypatch.setattr(photographs, "find_spec", nothing)
    with pytest.raises(ImportError, match="pip install scikit-learn"):
        photograph()


def test_without_pillow(monkeypatch):
    original = builtins.__import__

    def no_pillow(name, *args, **kwargs):
        if name.startswith("PIL"):
            raise ImportError("No module named 'PIL'")
        return original(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", no_pillow)
    with pytest.raises(ImportError, match="pip install pillow"):
        photograph()
