"""Run code in a process of its own with little memory and little time: an attack fails there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

needs_limits = pytest.mark.skipif(sys.platform != "linux", reason="limits memory as Linux does")

BEGINNING = """
import resource, sys

def limit(more):
    # what is in use by now, and so much more
    pages = int(open("/proc/self/statm").read().split()[0])
    most = pages * resource.getpagesize() + more
    resource.setrlimit(resource.RLIMIT_AS, (most, most))

def refused(call, *arguments):
    try:
        value = call(*arguments)
    except (ValueError, OSError) as error:
        assert not isinstance(error, MemoryError)
        print(f"refused: {error}", flush=True)
    else:
        print(f"accepted: {type(value).__name__}", flush=True)

"""


def run_limited(code: str, *arguments: object, seconds: float = 300) -> list[str]:
    """Return the lines that `code` prints; it knows ``limit(bytes)`` and ``refused(call, ...)``.

    `seconds` is no measurement: what hangs is to fail and not to hold up the tests.
    """
    done = subprocess.run(
        [sys.executable, "-c", BEGINNING + code, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=seconds,
        env=os.environ
        | {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.splitlines()
