"""Time `import nndl` and its rooms, each in fresh interpreters, beside what they stand on.

Run ``python benchmarks/imports.py``. Printed are the medians in milliseconds over the rounds, an
empty interpreter's start taken off.
"""

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STATEMENTS = (
    "pass",
    "import nndl",
    "import numpy",
    "import nndl.ops",
    "import nndl.widgets",
    "import matplotlib.pyplot",
    "import nndl.plots",
)


def milliseconds(statement: str) -> float:
    """Return the time of a fresh interpreter that runs one statement."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", statement], cwd=ROOT, check=True)
    return 1e3 * (time.perf_counter() - start)


def main() -> None:
    """Go round the statements in turn and print a row each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    times = {statement: [] for statement in STATEMENTS}
    for _ in range(rounds):
        for statement in STATEMENTS:
            times[statement].append(milliseconds(statement))
    empty = statistics.median(times.pop("pass"))
    for statement, taken in times.items():
        print(f"{statement:<28}{statistics.median(taken) - empty:8.1f} ms")


if __name__ == "__main__":
    main()
