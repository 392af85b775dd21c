"""Which device computes, how to make Paddle compute well on the CPU, and what the console shows.

This module stands on the ground floor: it imports only the standard library, so any room may use
it. Every module of :mod:`nndl` that needs Paddle takes it from here::

    from nndl.device import paddle

That one line calls :func:`prepare_cpu_math` and then imports Paddle, without the warning about a
missing compiler cache that nobody who reads a book can use.

Examples
--------
>>> from nndl import device
>>> device.choose() in ("cpu", "gpu:0")
True
"""

import os
import platform
import re
import sys
import unicodedata
import warnings
from importlib import import_module
from pathlib import Path
from typing import Any

# `paddle` is not listed: `from nndl.device import *` would import it.
__all__ = ["as_tensor", "choose", "describe", "prepare_cpu_math", "printable"]

MKL_VARIABLE = "MKL_DEBUG_CPU_TYPE"
MKL_AVX2 = "5"

# What stands for a sign on a console that can't show it; the others are named by their numbers.
PLAIN = {
    "✓": "v", "✗": "x", "○": "o", "…": "...", "×": "x", "·": "*", "÷": "/", "−": "-", "±": "+-",
    "–": "-", "—": "-", "→": "->", "←": "<-", "≤": "<=", "≥": ">=", "≈": "~", "⁻": "^-", "¹": "^1",
    "²": "^2", "³": "^3", "ᵀ": "^T", "₀": "_0", "₁": "_1", "₂": "_2", "∂": "d", "∇": "grad ",
    "κ": "kappa", "λ": "lambda", "σ": "sigma",
}  # fmt: skip

# What prepare_cpu_math did in this process, so that describe() can say so.
_set_by_nndl = False


def __getattr__(name: str) -> Any:
    """Import Paddle when somebody asks for it, with the CPU math prepared (PEP 562)."""
    if name != "paddle":
        raise AttributeError(f"module 'nndl.device' has no attribute {name!r}")
    prepare_cpu_math()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="No ccache found")
        module = import_module("paddle")
    globals()["paddle"] = module
    return module


def is_amd_with_avx2(
    cpuinfo: str | None = None, system: str | None = None, processor: str | None = None
) -> bool:
    r"""Tell whether the processor is an AMD one that has AVX2.

    Parameters
    ----------
    cpuinfo : str, optional
        The text of ``/proc/cpuinfo``; read from this machine by default.
    system : str, optional
        The operating system, as :func:`platform.system` names it.
    processor : str, optional
        The processor, as :func:`platform.processor` names it; used on Windows only.

    Returns
    -------
    bool
        ``False`` also where it can't be found out.

    Examples
    --------
    >>> is_amd_with_avx2("vendor_id : AuthenticAMD\nflags : fma avx avx2", system="Linux")
    True
    >>> is_amd_with_avx2("vendor_id : GenuineIntel\nflags : fma avx avx2", system="Linux")
    False
    """
    system = platform.system() if system is None else system
    if system == "Linux":
        if cpuinfo is None:
            try:
                cpuinfo = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
            except OSError:
                return False
        flags = re.search(r"^flags\s*:(.*)$", cpuinfo, re.MULTILINE)
        return "AuthenticAMD" in cpuinfo and flags is not None and "avx2" in flags[1].split()
    if system == "Windows":
        # Such as "AMD64 Family 23 Model 113 Stepping 0, AuthenticAMD"; family 23 is the first Zen.
        processor = platform.processor() if processor is None else processor
        family = re.search(r"Family (\d+)", processor)
        return "AuthenticAMD" in processor and family is not None and int(family[1]) >= 23
    return False


def prepare_cpu_math() -> bool:
    """Let Paddle's bundled MKL use its fast instructions on AMD processors.

    On an AMD processor the MKL inside Paddle's CPU build takes a slow path, unless
    ``MKL_DEBUG_CPU_TYPE=5`` ("use AVX2") stands in the environment before its first product of
    matrices. This function puts it there: on AMD only, never over a setting of your own. To switch
    it off, set the variable to ``0`` before Python starts.

    Returns
    -------
    bool
        Whether the variable is set by :mod:`nndl` in this process.

    Notes
    -----
    Undocumented, and gone from newer versions of MKL; it works with the one in Paddle 3. On
    processors by others the variable stays untouched, since it would slow down an Intel processor
    with AVX-512.

    Examples
    --------
    >>> prepare_cpu_math() in (True, False)
    True
    """
    global _set_by_nndl
    if MKL_VARIABLE not in os.environ and is_amd_with_avx2():
        os.environ[MKL_VARIABLE] = MKL_AVX2
        _set_by_nndl = True
    return _set_by_nndl


def choose() -> str:
    """Name the device to compute on: the first GPU when Paddle has one, the CPU otherwise.

    Returns
    -------
    str
        ``"gpu:0"`` or ``"cpu"``, as :func:`paddle.set_device` takes it.

    Examples
    --------
    >>> from nndl.device import paddle
    >>> place = paddle.set_device(choose())
    """
    from nndl.device import paddle

    if paddle.device.is_compiled_with_cuda() and paddle.device.cuda.device_count() > 0:
        return "gpu:0"
    return "cpu"


def as_tensor(values: Any, name: str = "values") -> Any:
    """Make a tensor of arrays, lists and numbers; leave a tensor as it is.

    Parameters
    ----------
    values : array, list, number or paddle.Tensor
        What :func:`paddle.to_tensor` takes; an array of uint16 or uint32 becomes one of int64.
    name : str
        What the caller calls them, for the message.

    Returns
    -------
    paddle.Tensor
        ``values`` itself where that is a tensor already, without a copy.

    Raises
    ------
    TypeError
        If no tensor can be made of them: texts, other objects, rows of different lengths.

    Examples
    --------
    >>> as_tensor([1.0, 2.0]).tolist()
    [1.0, 2.0]
    """
    from nndl.device import paddle

    if isinstance(values, paddle.Tensor):
        return values
    if str(getattr(values, "dtype", "")) in ("uint16", "uint32"):
        # Paddle has no such numbers: it refuses the ones, and reads the others' bits as bfloat16
        values = values.astype("int64")
    try:
        return paddle.to_tensor(values)
    except Exception as error:  # Paddle has a type of error for each kind of value
        got = type(values).__name__
        raise TypeError(
            f"{name} must be numbers, in rows of equal length, for a tensor; got {got}"
        ) from error


def describe() -> str:
    """Say in one line what will compute, and what was done for it.

    Returns
    -------
    str
        Paddle's version, the device, and on a CPU whose setting of MKL is in force.

    Examples
    --------
    >>> print(describe())
    Paddle ... on the ...
    """
    try:
        from nndl.device import paddle
    except ImportError:
        return f"Paddle is not installed (Python {platform.python_version()})"
    name = f"Paddle {paddle.__version__}"
    if choose() != "cpu":
        return f"{name} on the GPU: {paddle.device.cuda.get_device_name(0)}"
    return f"{name} on the CPU{_mkl_words()}"


def printable(text: str, stream: Any = None) -> str:
    """Replace what a console can't show, so that printing never ends in a UnicodeEncodeError.

    Parameters
    ----------
    text : str
        What is to be printed.
    stream : file, optional
        Where; ``sys.stdout`` by default.

    Returns
    -------
    str
        The text itself where the stream's encoding has all of its signs, as UTF-8 has.

    Raises
    ------
    TypeError
        If it is no text.

    Examples
    --------
    >>> import io
    >>> console = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    >>> printable("✓ 3 × 3", console)
    'v 3 x 3'
    """
    if not isinstance(text, str):
        raise TypeError(f"text must be a text, got {text!r}")
    encoding = getattr(sys.stdout if stream is None else stream, "encoding", None) or "utf-8"
    if _can_show(text, encoding):
        return text
    return "".join(sign if _can_show(sign, encoding) else _plain(sign) for sign in text)


def _can_show(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return text.isascii()
    return True


def _plain(sign: str) -> str:
    letter = unicodedata.normalize("NFKD", sign)[0]  # of é that is e
    known = PLAIN.get(sign, letter if letter.isascii() else sign)
    return known.encode("ascii", "backslashreplace").decode("ascii")


def _mkl_words() -> str:
    value = os.environ.get(MKL_VARIABLE)
    if value is None:
        return ""
    who = "set by nndl, for speed on AMD" if _set_by_nndl else "set before nndl was imported"
    return f"; {MKL_VARIABLE}={value} ({who})"


def __dir__() -> list[str]:
    return sorted([*globals(), *(() if "paddle" in globals() else ("paddle",))])
