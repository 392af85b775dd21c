"""What the benchmarks of operators share: contenders in processes of their own, by turns.

Each contender works in a process of its own, with one thread, and the rounds of the contenders
alternate, so that a busy neighbor slows all alike; printed is the least time of each, and the ratio
of ours to theirs. "as set" is Paddle after `nndl.device.prepare_cpu_math`, which sets
``MKL_DEBUG_CPU_TYPE=5`` on AMD processors; "as installed" is Paddle without it. Goals are ratios to
Paddle as installed, and a ratio above its goal has a ``!`` behind it. On a busy machine the ratios
of large shapes move by half; the last line says how busy it was.

A benchmark is a script that names its cases and calls `main`, which starts that same script again
for each contender.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PADDLES = ("Paddle as set", "Paddle as installed")
CONTENDERS = ("nndl", *PADDLES)
LEAST_MILLISECONDS = 2.0  # of one timing

Calls = Sequence[Callable[[], object]]


@dataclass(frozen=True)
class Case:
    """One row of the table.

    `ours` and `paddles` prepare their numbers and return what to time: a call for each part, such
    as forward, and forward with backward. `goals` has for each part the largest ratio to Paddle as
    installed that is good enough, or None.
    """

    title: str
    ours: Callable[[], Calls]
    paddles: Callable[[], Calls]
    goals: Sequence[float | None]


def milliseconds(call: Callable[[], object], repeats: int) -> float:
    """Return how long one call takes, as the mean of so many."""
    start = time.perf_counter()
    for _ in range(repeats):
        call()
    return 1e3 * (time.perf_counter() - start) / repeats


def work(name: str, cases: Sequence[Case]) -> None:
    """Answer each case's number on standard input with the least time of each part."""
    if name == PADDLES[0]:
        from nndl.device import prepare_cpu_math

        prepare_cpu_math()
    prepared = {}
    for line in sys.stdin:
        case = cases[int(line)]
        if case.title not in prepared:
            calls = case.paddles() if name in PADDLES else case.ours()
            for call in calls:
                call()  # the first is slower: caches, and memory that was never used
            # something quick is repeated: the clock is too coarse for one call
            prepared[case.title] = [
                (call, max(1, int(LEAST_MILLISECONDS / milliseconds(call, 1)))) for call in calls
            ]
        times = [
            min(milliseconds(call, repeats) for _ in range(3))
            for call, repeats in prepared[case.title]
        ]
        print(json.dumps(times), flush=True)


def start(name: str) -> subprocess.Popen:
    """Start a contender's process."""
    threads = {f"{lib}_NUM_THREADS": "1" for lib in ("OPENBLAS", "OMP", "MKL")}
    quiet = {"PYTHONWARNINGS": "ignore"}  # Paddle warns at each import; errors still show
    environment = {**os.environ, **threads, **quiet, "PYTHONPATH": str(ROOT)}
    environment.pop("MKL_DEBUG_CPU_TYPE", None)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    return subprocess.Popen([sys.executable, sys.argv[0], "--work", name], env=environment, **pipes)


def measure(cases: Sequence[Case], rounds: int) -> list[dict[str, list]]:
    """Return for each case the least time of each part, by contender, in milliseconds."""
    workers = {name: start(name) for name in CONTENDERS}
    best: list[dict[str, list]] = [{} for _ in cases]
    for _ in range(rounds):
        for number, least in enumerate(best):
            for name, worker in workers.items():
                worker.stdin.write(f"{number}\n")
                worker.stdin.flush()
                answer = worker.stdout.readline()
                if not answer:
                    raise SystemExit(f"{name} broke down at {cases[number].title}: see above")
                times = json.loads(answer)
                least[name] = [
                    min(pair) for pair in zip(times, least.get(name, times), strict=True)
                ]
    for worker in workers.values():
        worker.stdin.close()
        worker.wait()
    return best


def show(part: int, cases: Sequence[Case], best: Sequence[dict[str, list]]) -> None:
    """Print the table of one part."""
    width = max(len(case.title) for case in cases) + 2
    print(f"{'':<{width}}{'goal':>6}" + "".join(f"{name:>21}" for name in CONTENDERS))
    for case, least in zip(cases, best, strict=True):
        goal, ours = case.goals[part], least["nndl"][part]
        theirs = [least[name][part] for name in PADDLES]
        cells = f"{ours:21.3f}" + "".join(f"{t:13.3f} ({ours / t:.2f})" for t in theirs)
        missed = goal is not None and ours / theirs[-1] > goal
        print(f"{case.title:<{width}}{goal or '-':>6}{cells}{' !' if missed else ''}")


def main(
    words: str,
    cases: Sequence[Case],
    parts: Sequence[str] = ("forward", "forward and backward"),
) -> None:
    """Alternate the contenders and print a table for each part.

    Parameters
    ----------
    words : str
        What is measured, for the help.
    cases : sequence of Case
        The rows, each with a call and a goal for each part.
    parts : sequence of str
        The titles of the tables.
    """
    parser = argparse.ArgumentParser(description=words)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--work", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        work(options.work, cases)
        return
    best = measure(cases, options.rounds)
    for part, title in enumerate(parts):
        print(f"\n{title}: milliseconds, and nndl : theirs; goals are of Paddle as installed")
        show(part, cases, best)
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    print(f"\n{os.cpu_count()} processors, load of the last minute {load} (1.0 is this benchmark)")
