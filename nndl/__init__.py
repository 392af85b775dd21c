"""The small library behind the book *Neural networks and deep learning, by hand*.

Importing :mod:`nndl` is cheap: neither NumPy, nor Matplotlib, nor Paddle is loaded until a room
that needs it is opened (lazy module attributes, PEP 562).

Examples
--------
>>> import nndl
>>> nndl.arithmetic.output_size(32, kernel_size=3)
30

What nearly every chapter needs is here by its name alone, and loaded only then:

>>> from nndl import Accuracy, RunnerV3
"""

from importlib import import_module

__version__ = "0.1.0"

_ROOMS = (
    "arithmetic",
    "data",
    "device",
    "exercises",
    "files",
    "layers",
    "metrics",
    "models",
    "ops",
    "optim",
    "pickles",
    "plots",
    "profile",
    "runner",
    "widgets",
)

# what nearly every chapter needs, and the room where it is
_NAMES = {
    "Accuracy": "metrics",
    "Batches": "data",
    "Callback": "runner",
    "EarlyStopping": "runner",
    "GradientNorms": "runner",
    "Op": "ops",
    "RunnerV1": "runner",
    "RunnerV2": "runner",
    "RunnerV3": "runner",
    "check": "exercises",
    "load_digits": "data",
    "progress": "exercises",
}

__all__ = ["__version__", *_ROOMS]


def __getattr__(name: str):
    if name in _ROOMS:
        return import_module(f"nndl.{name}")
    if name in _NAMES:
        return getattr(import_module(f"nndl.{_NAMES[name]}"), name)
    known = ", ".join([*_ROOMS, *_NAMES])
    raise AttributeError(f"module 'nndl' has no attribute {name!r}; it has {known}")


def __dir__() -> list[str]:
    return sorted([*__all__, *_NAMES])
