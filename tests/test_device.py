"""The device is named truly, and the CPU's math is prepared without overruling anybody."""

import io
import os
import subprocess
import sys

import numpy as np
import pytest

from nndl import device

AMD = "vendor_id\t: AuthenticAMD\nmodel name\t: AMD EPYC\nflags\t\t: fpu sse2 avx avx2 fma\n"
OLD_AMD = AMD.replace(" avx2", "")
INTEL = AMD.replace("AuthenticAMD", "GenuineIntel")


@pytest.fixture
def clean(monkeypatch):
    monkeypatch.delenv(device.MKL_VARIABLE, raising=False)
    monkeypatch.setattr(device, "_set_by_nndl", False)
    yield monkeypatch
    # prepare_cpu_math writes to os.environ itself, which monkeypatch does not see.
    os.environ.pop(device.MKL_VARIABLE, None)


@pytest.mark.parametrize(
    ("system", "cpuinfo", "processor", "expected"),
    [
        ("Linux", AMD, "", True),
        ("Linux", OLD_AMD, "", False),
        ("Linux", INTEL, "", False),
        ("Linux", "", "", False),
        ("Darwin", None, "arm", False),
        ("Windows", None, "AMD64 Family 25 Model 33 Stepping 0, AuthenticAMD", True),
        ("Windows", None, "AMD64 Family 21 Model 2 Stepping 0, AuthenticAMD", False),
        ("Windows", None, "Intel64 Family 6 Model 158 Stepping 10, GenuineIntel", False),
    ],
)
def test_only_amd_with_avx2(system, cpuinfo, processor, expected):
    assert device.is_amd_with_avx2(cpuinfo, system=system, processor=processor) is expected


def test_sets_the_variable_on_amd(clean):
    clean.setattr(device, "is_amd_with_avx2", lambda: True)
    assert device.prepare_cpu_math() is True
    assert os.environ[device.MKL_VARIABLE] == "5"
    assert device.prepare_cpu_math() is True  # a second call changes nothing
    assert "set by nndl" in device.describe()


def test_leaves_others_alone(clean):
    clean.setattr(device, "is_amd_with_avx2", lambda: False)
    assert device.prepare_cpu_math() is False
    assert device.MKL_VARIABLE not in os.environ
    assert device.MKL_VARIABLE not in device.describe()


@pytest.mark.parametrize("own", ["0", "4", ""])
def test_never_over_a_setting_of_ones_own(clean, own):
    clean.setattr(device, "is_amd_with_avx2", lambda: True)
    clean.setenv(device.MKL_VARIABLE, own)
    assert device.prepare_cpu_math() is False
    assert os.environ[device.MKL_VARIABLE] == own
    assert "set before nndl was imported" in device.describe()


def run(code: str, **environment: str) -> str:
    env = {k: v for k, v in os.environ.items() if k != device.MKL_VARIABLE} | environment
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=env, check=True
    )
    assert done.stderr == ""  # the warning about a compiler cache is kept from the reader
    return done.stdout.strip()


def test_paddle_through_the_helper_is_prepared():
    code = (
        "import os, sys; import nndl.device; print('paddle' in sys.modules);"
        "from nndl.device import paddle; print(os.environ.get('MKL_DEBUG_CPU_TYPE'))"
    )
    assert run(code).split() == ["False", "5" if device.is_amd_with_avx2() else "None"]
    assert run(code, MKL_DEBUG_CPU_TYPE="0").split() == ["False", "0"]


def test_chooses_the_gpu_when_paddle_has_one(monkeypatch):
    paddle = device.paddle
    monkeypatch.setattr(paddle.device, "is_compiled_with_cuda", lambda: True)
    monkeypatch.setattr(paddle.device.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(paddle.device.cuda, "get_device_name", lambda index: "Pretend 100")
    assert device.choose() == "gpu:0"
    assert device.describe().endswith("on the GPU: Pretend 100")
    monkeypatch.setattr(paddle.device.cuda, "device_count", lambda: 0)
    assert device.choose() == "cpu"  # a GPU build on a machine without one
    assert "on the CPU" in device.describe()


def test_unknown_attribute():
    with pytest.raises(AttributeError, match="has no attribute 'torch'"):
        _ = device.torch


def test_as_tensor_does_not_copy():
    tensor = device.paddle.ones([2])
    assert device.as_tensor(tensor) is tensor
    assert device.as_tensor([[1, 2]]).tolist() == [[1, 2]]


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "gbk", "utf-8", "shift_jis", "no-such"])
def test_what_a_console_cannot_show_is_replaced(encoding):
    class Console(io.StringIO):
        pass

    Console.encoding = encoding
    text = "✓ κ(A)² ≤ 3 × 3 − λ, 准确率, Gödel 🙂"
    shown = device.printable(text, Console())
    assert shown.encode("ascii" if encoding == "no-such" else encoding)
    if encoding == "utf-8":
        assert shown == text
    if encoding == "ascii":
        assert shown == r"v kappa(A)^2 <= 3 x 3 - lambda, \u51c6\u786e\u7387, Godel \U0001f642"
    if encoding == "gbk":
        assert "准确率" in shown and "×" in shown and "✓" not in shown


@pytest.mark.parametrize("kind", ["uint16", "uint32"])
def test_unsigned_numbers_keep_their_values(kind):
    tensor = device.as_tensor(np.array([1, 40000], kind))
    assert tensor.tolist() == [1, 40000] and "int64" in str(tensor.dtype)
