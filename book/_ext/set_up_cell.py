# Run this cell first. It installs only what is missing and says what it did.
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

REPOSITORY = ""  # the book's repository, for a notebook that stands alone
PADDLE_GPU_INDEX = ""  # the address of Paddle's GPU builds, from its installation page


def is_missing(module):
    return importlib.util.find_spec(module) is None


def pip_install(*words):
    """Install, holding NumPy at the version that is here: changing it would need a restart."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt", delete=False) as pins:
        pins.write("" if is_missing("numpy") else f"numpy=={version('numpy')}\n")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "-c", pins.name, *words]
    subprocess.run(command, check=True)
    importlib.invalidate_caches()


def has_gpu():
    tool = shutil.which("nvidia-smi")
    return bool(tool) and subprocess.run([tool, "-L"], capture_output=True).returncode == 0


needed = {"numpy": "numpy", "matplotlib": "matplotlib", "tqdm": "tqdm", "sklearn": "scikit-learn"}
absent = [package for module, package in needed.items() if is_missing(module)]
if absent:
    pip_install(*absent)
print("libraries:", f"installed {', '.join(absent)}" if absent else "all here")

if not is_missing("paddle"):
    print("Paddle: already here, left as it is")
elif has_gpu() and (index := os.environ.get("NNDL_PADDLE_INDEX", PADDLE_GPU_INDEX)):
    pip_install("paddlepaddle-gpu>=3", "--extra-index-url", index)
    print("Paddle: installed the GPU build")
else:
    pip_install("paddlepaddle>=3")
    print("Paddle: installed the CPU build")
    if has_gpu():
        print("  To use the GPU, set NNDL_PADDLE_INDEX to the address of the GPU builds that")
        print("  Paddle's installation page shows, uninstall paddlepaddle, run this cell again.")

folders = [Path.cwd(), *Path.cwd().parents]
clone = next((p for p in folders if (p / "nndl" / "__init__.py").exists()), None)
repository = os.environ.get("NNDL_REPOSITORY", REPOSITORY)
if not is_missing("nndl"):
    print("nndl: already here")
elif clone:
    sys.path.insert(0, str(clone))
    print("nndl: from the folder beside this notebook")
elif repository:
    pip_install("--no-deps", f"git+{repository}")
    print("nndl: installed from the book's repository")
else:
    raise ModuleNotFoundError(
        "nndl is not here: put the folder nndl of the book's repository next to this notebook, or "
        "set the environment variable NNDL_REPOSITORY to the repository's address"
    )
