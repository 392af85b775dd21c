"""Run the tests as other processors would, with one and with two threads: `make test-processors`.

The last bits of a sum depend on the order of its terms, and so on the processor, the version of the
library and the number of threads. No test and no sentence of a page may hang on them. Libraries can
be told to compute as an older processor does; that is what happens here.
"""

import os
import re
import subprocess
import sys
import time

# OpenBLAS multiplies matrices for NumPy, MKL for Paddle; NumPy has exp and log of its own, and the
# C library those of `math`
PROCESSORS = {
    "Prescott": {  # 2004: vectors of two, no fused multiply-add
        "OPENBLAS_CORETYPE": "Prescott",
        "MKL_CBWR": "COMPATIBLE",
        "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL AVX512_SPR",
        "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4",
    },
    "Haswell": {  # 2013, and what many processors of today do
        "OPENBLAS_CORETYPE": "Haswell",
        "MKL_CBWR": "AVX2",
        "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
    },
    "SkylakeX": {"OPENBLAS_CORETYPE": "SkylakeX", "MKL_CBWR": "AVX512"},  # 2017
}
THREADS = (1, 2)
SAMPLE = """
import hashlib, numpy as np
from nndl.device import paddle
rng = np.random.default_rng(0)
a, b = rng.normal(size=(2, 150, 150))
found = [a @ b, np.exp(a), paddle.matmul(*map(paddle.to_tensor, (a, b))).numpy()]
found += [paddle.matmul(*(paddle.to_tensor(x.astype("float32")) for x in (a, b))).numpy()]
print("last bits", hashlib.md5(b"".join(x.tobytes() for x in found)).hexdigest()[:8])
"""


def environment(processor: str, threads: int) -> dict[str, str]:
    """Return the environment in which the libraries compute as a processor does."""
    count = dict.fromkeys(
        ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), str(threads)
    )
    return {**os.environ, **PROCESSORS[processor], **count}


def last_bits(settings: dict[str, str]) -> str | None:
    """Return a word for the last bits of some products, None where the machine can't make them."""
    done = subprocess.run(
        [sys.executable, "-c", SAMPLE], env=settings, capture_output=True, text=True, check=False
    )
    found = re.search(r"last bits (\w+)", done.stdout)
    return found[1] if found else None


def main(arguments: list[str]) -> int:
    """Run pytest once a processor and number of threads; return how many of the runs failed."""
    lines, bits, failed = [], set(), 0
    for processor in PROCESSORS:
        for threads in THREADS:
            settings, start = environment(processor, threads), time.perf_counter()
            found = last_bits(settings)
            name = f"{processor:8s} threads {threads}  last bits {found}"
            if found is None:  # such as instructions that this machine lacks
                lines.append(f"{name}  left out: this machine can't compute so")
                continue
            bits.add(found)
            print(f"\n== {name}", flush=True)
            code = subprocess.run(
                [sys.executable, "-m", "pytest", *arguments], env=settings, check=False
            ).returncode
            failed += code != 0
            seconds = time.perf_counter() - start
            lines.append(f"{name}  {'FAILED' if code else 'passed'} in {seconds:.0f} s")
    print("\n" + "\n".join(lines))
    if len(bits) < 2:
        print(
            "All have the same last bits: the settings have no effect on this machine's libraries."
        )
        return 1
    return failed


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
