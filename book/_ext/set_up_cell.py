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
    # a folder that only has the name, such as a clone called nndl, has no origin
    spec = importlib.util.find_spec(module)
    return spec is None or spec.origin is None


def pip_install(*words):
    """Install, holding NumPy at the version that is here: changing it would need a restart."""
    with tempfile.TemporaryDirectory() as folder:
        pins = Path(folder, "pins.txt")
        pins.write_text("" if is_missing("numpy") else f"numpy=={version('numpy')}\n")
        command = [sys.executable, "-m", "pip", "install", "--quiet", "-c", str(pins), *words]
        done = subprocess.run(command)
    importlib.invalidate_caches()
    return done.returncode == 0


def need(installed, what):
    if not installed:
        raise RuntimeError(f"{what} could not be installed: is there a network? See above.")


def has_gpu():
    tool = shutil.which("nvidia-smi")
    return bool(tool) and subprocess.run([tool, "-L"], capture_output=True).returncode == 0


needed = {
    "numpy": "numpy",
    "matplotlib": "matplotlib",
    "tqdm": "tqdm",
    "ipywidgets": "ipywidgets",
    "anywidget": "anywidget",
    "sklearn": "scikit-learn",
}
absent = [package for module, package in needed.items() if is_missing(module)]
if absent:
    need(pip_install(*absent), ", ".join(absent))
print("libraries:", f"installed {', '.join(absent)}" if absent else "all here")

index = os.environ.get("NNDL_PADDLE_INDEX", PADDLE_GPU_INDEX)
if not is_missing("paddle"):
    print("Paddle: already here, left as it is")
elif has_gpu() and index and pip_install("paddlepaddle-gpu>=3.2.0", "--extra-index-url", index):
    print("Paddle: installed the GPU build")
else:
    need(pip_install("paddlepaddle>=3.2.0"), "Paddle")
    print("Paddle: installed the CPU build")
    if has_gpu():
        print("  To use the GPU, set NNDL_PADDLE_INDEX to the address of the GPU builds that")
        print("  Paddle's installation page shows, uninstall paddlepaddle, run this cell again.")

here = Path.cwd()
beside = sorted(path for path in here.glob("*/") if path.is_dir())
places = [p for p in [here, *here.parents, *beside] if (p / "nndl" / "__init__.py").exists()]
repository = os.environ.get("NNDL_REPOSITORY", REPOSITORY)
if not is_missing("nndl"):
    print("nndl: already here")
elif places:
    sys.path.insert(0, str(places[0]))
    importlib.invalidate_caches()
    print("nndl: from the clone that this notebook lies in or beside")
elif repository:
    need(pip_install("--no-deps", f"git+{repository}"), "nndl")
    print("nndl: installed from the book's repository")
else:
    raise ModuleNotFoundError(
        "nndl is not here: put the folder nndl of the book's repository next to this notebook, or "
        "set the environment variable NNDL_REPOSITORY to the repository's full address"
    )
