"""The floors of the house: a room imports only from rooms below, and an import does nothing."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "nndl"
# room -> floor; `device` stands on the ground because every room that needs Paddle takes it there
FLOORS = {
    "device": 0,
    "files": 0,  # standard library only, as is the floor above
    "arithmetic": 1,
    "pickles": 1,
    "ops": 2,
    "layers": 3,
    "models": 3.5,  # on the floor of the layers, of which they are built
    "data": 4,
    "metrics": 4,
    "optim": 4,
    "runner": 5,
    "profile": 6,
    "distill": 6,
    "experiments": 6,
    "plots": 7,
    "widgets": 7,
    "exercises": 8,
}
MODULES = sorted(p.relative_to(PACKAGE) for p in PACKAGE.rglob("*.py"))


def imported(path: Path) -> list[str]:
    """Return the rooms of nndl that a module imports, anywhere in its code."""
    rooms = []
    for node in ast.walk(ast.parse(path.read_text("utf8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: imports are absolute"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        parts = [name.split(".") for name in names]
        rooms += [part[1] for part in parts if part[0] == "nndl" and len(part) > 1]
    return rooms


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_a_room_imports_only_from_below(module):
    room = module.parts[0].removesuffix(".py")
    if room == "__init__":
        return
    assert room in FLOORS, f"give the room {room} a floor"
    for other in imported(PACKAGE / module):
        below = FLOORS.get(other, 99) < FLOORS[room]
        assert other == room or below, f"nndl/{module} imports nndl.{other} from above or beside"


# what runs what a file says, takes as much memory as it says, or takes a part for the whole
UNSAFE = {
    ("pickle", "load"),
    ("pickle", "loads"),
    ("pickle", "Unpickler"),
    ("paddle", "load"),
    ("tempfile", "mkstemp"),
    ("tempfile", "NamedTemporaryFile"),
}


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_files_of_others_are_read_by_the_safe_readers_only(module):
    for node in ast.walk(ast.parse((PACKAGE / module).read_text("utf8"))):
        if isinstance(node, ast.Import):
            names = {alias.name for alias in node.names}
            assert "tarfile" not in names, f"nndl/{module}: nndl/data/archives.py reads archives"
        if isinstance(node, ast.ImportFrom):
            used = {(node.module, alias.name) for alias in node.names}
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            used = {(node.value.id, node.attr)}
        else:
            continue
        assert not used & UNSAFE, f"nndl/{module}: see nndl/files.py and nndl/pickles"


def run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent
    )
    return done.stdout + done.stderr


def test_import_nndl_loads_nothing_heavy():
    code = "import nndl, sys; print(sorted({'numpy', 'paddle', 'matplotlib'} & set(sys.modules)))"
    assert run(code).strip() == "[]"


@pytest.mark.parametrize("room", ["arithmetic", "widgets", "ops"])
def test_light_rooms_load_neither_paddle_nor_matplotlib(room):
    code = f"import nndl.{room}, sys; print(sorted({{'paddle', 'matplotlib'}} & set(sys.modules)))"
    assert run(code).strip() == "[]"


def test_no_import_has_a_side_effect(tmp_path):
    rooms = [str(m.with_suffix("")).replace("/", ".") for m in MODULES if m.name != "__init__.py"]
    code = f"""
import os, random, warnings
warnings.simplefilter("ignore")
os.chdir({str(tmp_path)!r})
import numpy, matplotlib
before = (random.getstate(), str(numpy.random.get_state()), dict(matplotlib.rcParams))
import importlib
for room in {rooms!r}:
    importlib.import_module("nndl." + room)
after = (random.getstate(), str(numpy.random.get_state()), dict(matplotlib.rcParams))
assert before == after, "an import changed a seed or a setting"
assert not os.listdir("."), os.listdir(".")
"""
    assert run(f"import sys; sys.path.insert(0, {str(PACKAGE.parent)!r})\n" + code).strip() == ""


def test_every_room_is_reached_by_a_lazy_attribute():
    import nndl

    rooms = {m.parts[0].removesuffix(".py") for m in MODULES} - {"__init__"}
    assert rooms <= set(dir(nndl))
    for room in rooms:
        assert getattr(nndl, room).__name__ == f"nndl.{room}"
    with pytest.raises(AttributeError, match="has no attribute 'nosuchroom'"):
        nndl.nosuchroom  # noqa: B018


def test_what_every_chapter_needs_is_reached_by_its_name_alone():
    from nndl import Accuracy, RunnerV3, metrics, runner

    assert Accuracy is metrics.Accuracy and RunnerV3 is runner.RunnerV3
    import nndl

    assert set(nndl._NAMES) <= set(dir(nndl))
    for name, room in nndl._NAMES.items():
        assert getattr(nndl, name) is getattr(getattr(nndl, room), name)
        assert name in getattr(nndl, room).__all__
