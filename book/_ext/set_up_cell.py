# @title Set up: run this cell first { display-mode: "form" }
# It installs only what is missing and says what it did.
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

REPOSITORY = ""  # the book's repository, for a notebook that stands alone
REVISION = ""  # the state of it that this notebook was made from
PADDLE_GPU_INDEXES = {}  # of each CUDA version, where Paddle's installation page has its builds


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


def find_nndl():
    """Find the package first: without it, minutes of installing Paddle are for nothing."""
    if not is_missing("nndl"):
        return "already here"
    here = Path.cwd()
    beside = sorted(path for path in here.glob("*/") if path.is_dir())
    for place in [here, *here.parents, *beside]:
        if (place / "nndl" / "__init__.py").exists():
            sys.path.insert(0, str(place))
            importlib.invalidate_caches()
            return "from the clone that this notebook lies in or beside"
    repository = os.environ.get("NNDL_REPOSITORY", REPOSITORY)
    if re.fullmatch(r"[\w.-]+/[\w.-]+", repository):  # owner/name, as `make book` takes it
        repository = f"https://github.com/{repository}"
    if not repository:
        raise ModuleNotFoundError(
            "nndl is not here: put the folder nndl of the book's repository next to this notebook, "
            "or set the environment variable NNDL_REPOSITORY to the repository: owner/name on "
            "GitHub, or a full address"
        )
    revision = os.environ.get("NNDL_REVISION", REVISION if repository == REPOSITORY else "")
    address = f"git+{repository}" + (f"@{revision}" if revision else "")
    need(pip_install("--no-deps", address), "nndl")
    return f"installed from {repository}"


def cuda_of_driver():
    """Return the newest CUDA that the driver of a GPU here understands, such as (12, 6)."""
    tool = shutil.which("nvidia-smi")
    done = tool and subprocess.run([tool], capture_output=True, text=True)
    if not done or done.returncode:
        return None
    found = re.search(r"CUDA Version:\s*(\d+)\.(\d+)", done.stdout)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def gpu_index(cuda):
    """Return where the newest of Paddle's GPU builds lies that the driver understands."""
    if "NNDL_PADDLE_INDEX" in os.environ:
        return os.environ["NNDL_PADDLE_INDEX"]
    fitting = [v for v in PADDLE_GPU_INDEXES if tuple(map(int, v.split("."))) <= cuda]
    newest = max(fitting, key=lambda v: tuple(map(int, v.split("."))), default="")
    return PADDLE_GPU_INDEXES.get(newest, "")


def find_paddle():
    """Install Paddle if it is missing: for the GPU that is here, else for the processor."""
    if not is_missing("paddle"):
        return "already here, left as it is"
    cuda = cuda_of_driver()
    index = gpu_index(cuda) if cuda else ""
    if index and pip_install("paddlepaddle-gpu>=3.2.0", "--extra-index-url", index):
        return f"installed the GPU build from {index}"
    need(pip_install("paddlepaddle>=3.2.0"), "Paddle")
    if not cuda:
        return "installed the CPU build; there is no GPU here"
    driver = ".".join(map(str, cuda))
    why = f"the one from {index} could not be installed" if index else "no GPU build is known"
    return (
        f"installed the CPU build. There is a GPU with a driver for CUDA {driver}, but {why}. To "
        "try another, set NNDL_PADDLE_INDEX to the address that Paddle's installation page shows, "
        "uninstall paddlepaddle and run this cell again"
    )


def find_libraries():
    """Install the libraries that are missing; do without what only live explorers need."""
    needed = {
        "numpy": "numpy",
        "matplotlib": "matplotlib",
        "tqdm": "tqdm",
        "sklearn": "scikit-learn",
    }
    for_live = {"ipywidgets": "ipywidgets", "anywidget": "anywidget"}
    absent = [package for module, package in needed.items() if is_missing(module)]
    if absent:
        need(pip_install(*absent), ", ".join(absent))
    extra = [package for module, package in for_live.items() if is_missing(module)]
    words = f"installed {', '.join(absent)}" if absent else "all here"
    if extra and pip_install(*extra):
        words += f"; installed {', '.join(extra)}"
    elif extra:
        words += f"; without {', '.join(extra)}: everything but explorer.live() works"
    return words


print("nndl:", find_nndl())
print("libraries:", find_libraries())
print("Paddle:", find_paddle())
