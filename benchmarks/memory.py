"""Measure the peak memory of convolution and pooling on NumPy against Paddle's (Linux).

Run ``python benchmarks/memory.py``. Each number is taken in a process of its own: how far the
memory that Linux counts for it rises during one call, the output included, above what it was with
the inputs in place. A small call before loads what a library loads at its first call; what it
leaves in the library's own store is not counted, which is to Paddle's advantage at small shapes.
"""

import argparse
import gc
import os
import subprocess
import sys
from pathlib import Path

import convolution
import pooling
from contenders import PADDLES, ROOT

CASES = [*convolution.CASES, *pooling.CASES]
TINY = {
    "nndl": lambda: convolution.numpy_calls((1, 1, 6, 1, 3, 1, 1)),
    PADDLES[1]: lambda: convolution.paddle_calls((1, 1, 6, 1, 3, 1, 1)),
}
PARTS = ("forward", "forward and backward")
GOAL = 2.0
MIB = 2**20


def status(field: str) -> int:
    """Return a size in bytes that Linux keeps of this process."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith(field))


def work(name: str, number: int, part: int) -> None:
    """Print the peak memory of one call beyond what was there before it, in MiB."""
    for call in TINY[name]():
        call()
    case = CASES[number]
    call = (case.ours if name == "nndl" else case.paddles)()[part]
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5", "ascii")  # the peak starts anew from here
    before = status("VmRSS")
    result = call()  # kept: the output counts
    print((status("VmHWM") - before) / MIB)
    del result


def measure(*arguments: object) -> float:
    """Return what a process of its own prints."""
    threads = {f"{lib}_NUM_THREADS": "1" for lib in ("OPENBLAS", "OMP", "MKL")}
    environment = {**os.environ, **threads, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, __file__, "--work", *map(str, arguments)]
    return float(subprocess.run(command, env=environment, check=True, stdout=-1).stdout)


def main() -> None:
    """Print a table for each part."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        name, number, part = options.work
        work(name, int(number), int(part))
        return
    for part, title in enumerate(PARTS):
        print(f"\n{title}: MiB, and nndl : Paddle; the goal is {GOAL}")
        for number, case in enumerate(CASES):
            ours, theirs = (measure(name, number, part) for name in TINY)
            missed = " !" if ours > GOAL * theirs else ""
            ratio = f"({ours / theirs:.2f})" if theirs else "(Paddle took it from its store)"
            print(f"{case.title:<44}{ours:8.2f}{theirs:8.2f} {ratio}{missed}")


if __name__ == "__main__":
    main()
