"""Explorers in a real JupyterLab: with a widget manager and light, without one and dark."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import nbformat
import pytest
from measures import WIDTH, differences, measured
from stepper_page import Stepper

from nndl import widgets

playwright_api = pytest.importorskip("playwright.sync_api")
pytestmark = [pytest.mark.browser, pytest.mark.slow]
ROOT = Path(__file__).resolve().parents[2]
MANAGER = "@jupyter-widgets/jupyterlab-manager"
EVERY = """import os
from nndl import widgets
os.environ["NNDL_SITE"] = "1"  # with a button for links, as on the site
for name in widgets.__all__:
    display(getattr(widgets, name)())"""
CELLS = [
    "from nndl.widgets import ConvStepper\nConvStepper(stride=2)",
    "live = ConvStepper(stride=3).live()\nlive",
    "print('python read', live.state['stride'], live.state['padding'])\n"
    "live.state = {'padding': 2}",
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def write_notebook(path: Path, cells: list[str]) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    # without this JupyterLab asks which kernel to take
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    path.parent.mkdir(exist_ok=True)
    nbformat.write(notebook, path)


@pytest.fixture(scope="module", params=[True, False], ids=["manager, light", "no manager, dark"])
def lab(request, tmp_path_factory):
    """A JupyterLab with folders of its own: `(address of its notebooks, has_manager)`."""
    pytest.importorskip("jupyterlab")
    tmp_path = tmp_path_factory.mktemp("lab")
    config = tmp_path / "config"
    (config / "labconfig").mkdir(parents=True)
    if not request.param:
        page_config = {"disabledExtensions": {MANAGER: True}}
        (config / "labconfig" / "page_config.json").write_text(json.dumps(page_config))
        themes = tmp_path / "settings" / "@jupyterlab" / "apputils-extension"
        themes.mkdir(parents=True)
        dark = {"theme": "JupyterLab Dark"}
        (themes / "themes.jupyterlab-settings").write_text(json.dumps(dark))
    write_notebook(tmp_path / "work" / "explorers.ipynb", CELLS)
    write_notebook(tmp_path / "work" / "every.ipynb", [EVERY])
    folders = ("DATA", "RUNTIME")
    own = {f"JUPYTER_{name}_DIR": str(tmp_path / name.lower()) for name in folders}
    own |= {"JUPYTER_CONFIG_DIR": str(config), "IPYTHONDIR": str(tmp_path / "ipython")}
    own |= {f"JUPYTERLAB_{n}_DIR": str(tmp_path / n.lower()) for n in ("SETTINGS", "WORKSPACES")}
    port = free_port()
    options = [f"--port={port}", "--ip=127.0.0.1", "--no-browser", "--allow-root"]
    options += ["--IdentityProvider.token=", f"--ServerApp.root_dir={tmp_path / 'work'}"]
    options += ["--ServerApp.port_retries=0"]
    with open(tmp_path / "log", "w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options],
            env={**os.environ, **own, "PYTHONPATH": str(ROOT)},
            stdout=log,
            stderr=log,
        )
    address = f"http://127.0.0.1:{port}/lab"
    try:
        wait_for(address, server, tmp_path / "log")
        yield f"{address}/tree", request.param
    finally:
        server.terminate()
        server.wait(timeout=20)


def wait_for(address, server, log):
    for _ in range(120):
        if server.poll() is not None:
            break
        try:
            urllib.request.urlopen(address, timeout=2)
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")


def run_cell(page, number, keys="Shift+Enter"):
    """Run one cell as a reader does, again if JupyterLab lost the first request."""
    cell = page.locator(".jp-Notebook .jp-Cell").nth(number)
    done = cell.locator(".jp-InputPrompt", has_text=re.compile(r"\[\d+\]"))
    for _ in range(6):
        if page.locator(".jp-Dialog").count():  # "the kernel is still starting"
            page.locator(".jp-Dialog .jp-mod-accept").first.click()
        cell.locator(".cm-content").click()
        page.keyboard.press(keys)
        try:
            # a request sent while the kernel is still being connected leaves no trace
            return done.wait_for(timeout=10_000)
        except playwright_api.TimeoutError:
            continue
    raise AssertionError(f"cell {number} did not run")


def open_notebook(open_page, address):
    """Open the notebook, and no other of the test before, and wait until its kernel is ready."""
    opened = open_page(f"{address}?reset", viewport={"width": 1200, "height": 2400})
    opened.page.set_default_timeout(60_000)
    opened.page.wait_for_selector(".jp-Notebook .jp-Cell")
    opened.page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]")
    return opened


def test_both_forms_move(lab, open_page):
    address, has_manager = lab
    opened = open_notebook(open_page, f"{address}/explorers.ipynb")
    page = opened.page
    for number in (0, 1):
        run_cell(page, number)
        page.wait_for_selector(f".jp-OutputArea .nw >> nth={number}")
    plain, live = Stepper(opened, 0), Stepper(opened, 1)
    assert plain.caption("out") == "Output 2 × 2" and live.caption("out") == "Output 2 × 2"
    # a widget where there is a manager, the HTML twin where there is none
    in_html = live.root.evaluate("(node) => Boolean(node.closest('.jp-RenderedHTML'))")
    assert in_html != has_manager
    plain.slider("padding").press("ArrowRight")
    plain.settle()
    assert plain.caption("out") == "Output 3 × 3"
    live.slider("stride").press("ArrowLeft")
    live.settle()
    assert live.caption("out") == "Output 2 × 2" and "/ 2⌋" in live.fact("Output rows = columns")
    # keys stay in the explorer: no cell is cut, added or left
    plain.grid("x").focus()
    for key in ("5", "Enter", "ArrowDown", "p", "x", "b"):
        page.keyboard.press(key)
    plain.settle()
    assert page.locator(".jp-Notebook .jp-Cell").count() == len(CELLS)
    assert "x[1, 0] feeds" in plain.over()
    run_cell(page, 2)
    said = page.locator(".jp-OutputArea-output pre", has_text="python read").first.inner_text()
    if has_manager:
        assert said.strip() == "python read 2 0"  # the reader's move is in Python
        page.wait_for_function(
            "document.querySelectorAll('.jp-OutputArea .nw')[1].textContent.includes('2·2')"
        )
        assert live.slider("padding").input_value() == "2"  # Python's move is on the page
    else:
        assert said.strip() == "python read 3 0"
    assert not opened.foreign


def test_every_explorer_looks_as_it_does_on_the_site(lab, open_page, host):
    """JupyterLab's style sheet says much of lists, tables and paragraphs: none of it reaches in."""
    address, light = lab
    page = open_notebook(open_page, f"{address}/every.ipynb").page
    run_cell(page, 0, "Control+Enter")  # stays there: a cell that is out of sight is taken away
    count = len(widgets.__all__)
    page.wait_for_selector(f".jp-OutputArea .nw >> nth={count - 1}")
    assert page.evaluate("document.body.dataset.jpThemeLight") == str(light).lower()
    explorers = [getattr(widgets, name)() for name in widgets.__all__]
    alone = host(*explorers, theme="light" if light else "dark", **WIDTH).page
    for name, here, there in zip(widgets.__all__, measured(page), measured(alone), strict=True):
        assert differences(here, there) == [], name
