"""The first cell of every notebook: installs only what is missing, and never touches NumPy."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import chapter
import pytest

import notebooks

ROOT = Path(__file__).resolve().parents[2]
LIBRARIES = {"numpy", "matplotlib", "tqdm", "ipywidgets", "anywidget", "sklearn"}


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """A pretended machine: what is installed, whether there is a GPU; records what pip is told."""
    here = set(LIBRARIES) | {"paddle", "nndl"}
    state = SimpleNamespace(
        here=here, folders=set(), gpu="", broken=False, fails="", pip=[], pins=[]
    )

    def find_spec(name, *_):
        if name in state.folders:
            return SimpleNamespace(origin=None)
        return SimpleNamespace(origin=f"{name}.py") if name in state.here else None

    def run(command, **_):
        if "pip" in command:
            words = [w for w in command[command.index("install") + 1 :] if w != "--quiet"]
            state.pins.append(Path(words[words.index("-c") + 1]).read_text())
            state.pip.append([w for w in words if not w.startswith("-") and ".txt" not in w])
            return SimpleNamespace(returncode=int(bool(state.fails) and state.fails in words[-1]))
        words = f"| NVIDIA-SMI 550.54   Driver Version: 550.54   CUDA Version: {state.gpu}  |"
        return SimpleNamespace(returncode=9 if state.broken else 0, stdout=words)

    monkeypatch.setattr(importlib.util, "find_spec", find_spec)
    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr("shutil.which", lambda name: "/usr/bin/nvidia-smi" if state.gpu else None)
    for name in ("NNDL_REPOSITORY", "NNDL_PADDLE_INDEX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    return state


def set_up(capsys) -> str:
    exec(compile(notebooks.set_up_cell(), "set-up", "exec"), {})
    return capsys.readouterr().out


def test_with_everything_here_it_installs_nothing(machine, capsys):
    out = set_up(capsys)
    assert machine.pip == []
    assert "all here" in out and "left as it is" in out and "nndl: already here" in out


def test_it_installs_only_what_is_missing_and_pins_the_numpy_that_is_here(machine, capsys):
    import numpy

    machine.here -= {"tqdm", "sklearn"}
    out = set_up(capsys)
    assert machine.pip == [["tqdm", "scikit-learn"]]
    assert machine.pins == [f"numpy=={numpy.__version__}\n"]
    assert "installed tqdm, scikit-learn" in out


def test_without_paddle_and_gpu_the_cpu_build(machine, capsys):
    machine.here.remove("paddle")
    out = set_up(capsys)
    assert machine.pip == [["paddlepaddle>=3.2.0"]] and "CPU build" in out


@pytest.mark.parametrize(
    ("driver", "build"),
    [("11.4", None), ("12.4", "cu118"), ("12.6", "cu126"), ("12.8", "cu126"), ("12.10", "cu129"),
     ("13.0", "cu130"), ("14.1", "cu130")],
)  # fmt: skip
def test_with_a_gpu_the_newest_build_that_its_driver_understands(machine, capsys, driver, build):
    machine.here.remove("paddle")
    machine.gpu = driver
    out = set_up(capsys)
    if build is None:
        assert machine.pip == [["paddlepaddle>=3.2.0"]] and "NNDL_PADDLE_INDEX" in out
    else:
        assert machine.pip == [["paddlepaddle-gpu>=3.2.0", address_of(build)]]
        assert address_of(build) in out


def address_of(build: str) -> str:
    known = notebooks.tomllib.loads((ROOT / "pyproject.toml").read_text("utf8"))
    addresses = known["tool"]["nndl"]["paddle-gpu-indexes"].values()
    return next(address for address in addresses if f"/{build}/" in address)


def test_another_address_can_be_given(machine, capsys, monkeypatch):
    machine.here.remove("paddle")
    machine.gpu = "12.6"
    monkeypatch.setenv("NNDL_PADDLE_INDEX", "https://example.org/gpu/")
    assert "GPU build" in set_up(capsys)
    assert machine.pip == [["paddlepaddle-gpu>=3.2.0", "https://example.org/gpu/"]]


def test_a_driver_that_does_not_tell_its_version_gets_the_cpu_build(machine, capsys):
    machine.here.remove("paddle")
    machine.gpu = "N/A"
    out = set_up(capsys)
    assert machine.pip == [["paddlepaddle>=3.2.0"]] and "CPU build" in out


def test_a_gpu_build_that_cannot_be_had_gives_way_to_the_cpu_build(machine, capsys):
    machine.here.remove("paddle")
    machine.gpu, machine.fails = "12.6", address_of("cu126")
    out = set_up(capsys)
    assert machine.pip[-1] == ["paddlepaddle>=3.2.0"] and "could not be installed" in out


def test_a_broken_driver_counts_as_no_gpu(machine, capsys):
    machine.here.remove("paddle")
    machine.gpu, machine.broken = "12.6", True
    assert "there is no GPU here" in set_up(capsys)


def test_without_what_live_explorers_need_it_goes_on(machine, capsys):
    machine.here -= {"anywidget", "ipywidgets"}
    machine.fails = "anywidget"
    out = set_up(capsys)
    assert "without ipywidgets, anywidget" in out and "left as it is" in out


def test_the_package_is_looked_for_before_anything_is_installed(machine, capsys):
    machine.here -= {"nndl", "paddle"}
    with pytest.raises(ModuleNotFoundError, match="put the folder nndl"):
        set_up(capsys)
    assert machine.pip == []


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("owner/name", "git+https://github.com/owner/name"),
        ("https://example.org/course.git", "git+https://example.org/course.git"),
    ],
)
def test_a_repository_is_given_as_to_make_book(machine, capsys, monkeypatch, given, taken):
    machine.here.remove("nndl")
    monkeypatch.setenv("NNDL_REPOSITORY", given)
    set_up(capsys)
    assert machine.pip == [[taken]]


def test_a_published_notebook_takes_the_package_of_its_own_repository_and_commit(machine, capsys):
    machine.here.remove("nndl")
    text = notebooks.set_up_cell(ROOT, "https://example.org/fork", "a1b2c3")
    exec(compile(text, "set-up", "exec"), {})
    assert machine.pip == [["git+https://example.org/fork@a1b2c3"]]
    assert "installed from https://example.org/fork" in capsys.readouterr().out


def test_the_deploy_job_publishes_such_notebooks_and_links_to_them():
    job = (ROOT / ".github" / "workflows" / "pages.yml").read_text("utf8")
    assert '--repository $GITHUB_SERVER_URL/$GITHUB_REPOSITORY --revision $GITHUB_SHA"' in job
    assert "NNDL_BRANCH: notebooks" in job and "push --force origin notebooks" in job


def test_without_a_network_it_says_what_is_missing(machine, capsys):
    machine.here.remove("paddle")
    machine.fails = "paddlepaddle>=3.2.0"
    with pytest.raises(RuntimeError, match="Paddle could not be installed: is there a network"):
        set_up(capsys)


def test_the_oldest_paddle_is_the_same_wherever_it_is_told():
    text = (ROOT / "pyproject.toml").read_text("utf8")
    (oldest,) = re.findall(r'^paddle = \["paddlepaddle>=([\d.]+)"\]$', text, re.M)
    cell = notebooks.set_up_cell()
    assert re.findall(r"paddlepaddle(?:-gpu)?>=([\d.]+)", cell) == [oldest, oldest]
    short = oldest.removesuffix(".0")
    assert f"PaddlePaddle {short} or newer" in (ROOT / "README.md").read_text("utf8")


def test_it_knows_every_library_that_the_package_needs():
    known = notebooks.tomllib.loads((ROOT / "pyproject.toml").read_text("utf8"))
    text = notebooks.set_up_cell()
    for requirement in known["project"]["dependencies"]:
        assert f': "{requirement.split(">")[0]}"' in text


def test_a_paddle_that_is_here_is_never_replaced(machine, capsys):
    machine.gpu = True
    set_up(capsys)
    assert machine.pip == []


def test_the_package_is_found_in_a_folder_above(machine, capsys, tmp_path, monkeypatch):
    machine.here.remove("nndl")
    (tmp_path / "nndl").mkdir()
    (tmp_path / "nndl" / "__init__.py").touch()
    (tmp_path / "notebooks" / "en").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "notebooks" / "en")
    out = set_up(capsys)
    assert sys.path[0] == str(tmp_path) and "from the clone" in out and machine.pip == []


def test_a_folder_that_only_has_the_name_is_not_the_package(machine, capsys, tmp_path):
    machine.here.remove("nndl")
    machine.folders.add("nndl")  # a clone called nndl beside the notebook, the package inside it
    (tmp_path / "nndl" / "nndl").mkdir(parents=True)
    (tmp_path / "nndl" / "nndl" / "__init__.py").touch()
    set_up(capsys)
    assert sys.path[0] == str(tmp_path / "nndl") and machine.pip == []


def test_it_truly_runs_with_nothing_to_install(tmp_path):
    """In an interpreter of its own, with pip made to fail: everything is here."""
    (tmp_path / "pip").mkdir()
    (tmp_path / "pip" / "__main__.py").write_text("raise SystemExit('pip was called')")
    (tmp_path / "cell.py").write_text(notebooks.set_up_cell() + "\nimport nndl.arithmetic\n")
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    command = [sys.executable, str(tmp_path / "cell.py")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "all here" in done.stdout and "nndl: already here" in done.stdout


def test_without_the_package_it_says_what_to_do(machine, capsys):
    machine.here.remove("nndl")
    with pytest.raises(ModuleNotFoundError, match="put the folder nndl"):
        set_up(capsys)


def test_addresses_come_from_the_projects_own_settings(tmp_path):
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "x"\n[project.urls]\nRepository = "https://example.org/r"\n'
        '[tool.nndl.paddle-gpu-indexes]\n"9.1" = "https://example.org/g"\n'
    )
    names = {}
    text = notebooks.set_up_cell(tmp_path)
    exec(compile(text.partition("\n\n\n")[0], "set-up", "exec"), names)
    assert names["REPOSITORY"] == "https://example.org/r"
    assert names["PADDLE_GPU_INDEXES"] == {"9.1": "https://example.org/g"}


def test_no_address_is_made_up():
    """Paddle's own are the only ones; the repository's is told by who publishes."""
    found = re.findall(r"https?://[^/\s\"{]+", notebooks.set_up_cell(ROOT))
    assert set(found) <= {"https://www.paddlepaddle.org.cn", "https://github.com"}
    assert notebooks.settings(ROOT)["REPOSITORY"] == notebooks.settings(ROOT)["REVISION"] == ""


@pytest.mark.parametrize("kind", ["student", "solution"])
def test_it_stands_folded_below_the_title(kind):
    (path,) = (p for p in chapter.chapter_files() if p.stem.startswith("01"))
    first, second = notebooks.make(path, kind, {}).cells[:2]
    assert first.cell_type == "markdown" and first.source.startswith("# ")
    assert second.metadata.jupyter.source_hidden and second.metadata.cellView == "form"
    assert second.source.startswith("# @title ")
