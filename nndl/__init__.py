"""The small library behind the book *Neural networks and deep learning, by hand*.

Importing :mod:`nndl` is cheap: neither NumPy, nor Matplotlib, nor Paddle is loaded until a room
that needs it is opened (lazy module attributes, PEP 562).

Examples
--------
>>> import nndl
>>> nndl.arithmetic.output_size(32, kernel_size=3)
30
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

__all__ = ["__version__", *_ROOMS]


def __getattr__(name: str):
    if name in _ROOMS:
        return import_module(f"nndl.{name}")
    raise AttributeError(f"module 'nndl' has no attribute {name!r}; it has {', '.join(_ROOMS)}")


def __dir__() -> list[str]:
    return sorted(__all__)
