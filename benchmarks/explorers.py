"""Time an explorer's control against `ipywidgets.interact` with Matplotlib drawing the same thing.

Run ``python benchmarks/explorers.py`` after ``make book``. Both are driven in the same headless
Chromium by the same key on a slider: the explorer on the built page of chapter 05, with no kernel;
`interact` in JupyterLab on this machine with a kernel of its own. Printed are the median and the
95th percentile, and their ratio; the rounds of the two alternate.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, sync_playwright
from site_weight import FLAGS, chromium, serve

NOTEBOOK = """
import numpy as np, matplotlib.pyplot as plt, ipywidgets
from nndl import ops
rng = np.random.default_rng(0)
x = rng.integers(0, 10, (6, 6)).astype(float)
w = np.array([[1.0, 0, -1]] * 3)
@ipywidgets.interact(padding=(0, 3), stride=(1, 4))
def show(padding=1, stride=1):
    y = ops.correlate2d_loop(x, w, stride=stride, padding=padding)
    figure, axes = plt.subplots(1, 3, figsize=(9, 3))
    for axis, grid in zip(axes, (np.pad(x, padding), w, y)):
        axis.imshow(grid, cmap="cividis")
        axis.axis("off")
        for (i, j), value in np.ndenumerate(grid):
            axis.text(j, i, f"{value:g}", ha="center", va="center", fontsize=7)
    plt.show()
"""

# Time the explorer's own work, the event and the drawing that it leaves to the next frame (our
# callback is called right after the explorer's), and the time until that frame is painted.
MOVE = """async ([name, value]) => {
  const input = document.querySelector(`.nw input[name="${name}"]`);
  input.value = value;
  const start = performance.now();
  input.dispatchEvent(new Event("input", { bubbles: true }));
  let work = performance.now() - start;
  await new Promise((done) => requestAnimationFrame((began) => {
    work += performance.now() - began;
    const channel = new MessageChannel();
    channel.port1.onmessage = done;
    channel.port2.postMessage(0);
  }));
  return [work, performance.now() - start];
}"""


def explorer_times(page: Page, moves: int) -> np.ndarray:
    """Return (work, to paint) in milliseconds for each move of the two sliders."""
    settings = [("padding", i % 4) if i % 2 else ("stride", 1 + i % 4) for i in range(moves)]
    return np.array([page.evaluate(MOVE, list(map(str, setting))) for setting in settings])


def interact_times(page: Page, moves: int) -> np.ndarray:
    """Return milliseconds from a key on the slider to the new picture in the page."""
    handle = page.locator(".noUi-handle").first
    image = page.locator(".jp-OutputArea img").first
    times = []
    for _ in range(moves):
        before = image.get_attribute("src")
        at_end = float(handle.get_attribute("aria-valuenow")) >= 3
        handle.focus()
        start = time.perf_counter()
        handle.press("ArrowLeft" if at_end else "ArrowRight")
        page.wait_for_function(
            "(old) => { const i = document.querySelector('.jp-OutputArea img');"
            " return i && i.complete && i.src !== old }",
            arg=before,
            polling="raf",
        )
        times.append(1e3 * (time.perf_counter() - start))
        page.wait_for_timeout(50)
    return np.array(times)


def start_lab(folder: Path) -> tuple[subprocess.Popen, str]:
    """Start JupyterLab on loopback and return it with its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "outputs": [], "execution_count": None}
    notebook = {"cells": [{**cell, "source": NOTEBOOK}], "nbformat": 4, "nbformat_minor": 5}
    notebook["metadata"] = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    (folder / "interact.ipynb").write_text(json.dumps(notebook))
    options = ["--no-browser", "--allow-root", "--IdentityProvider.token=", f"--port={port}"]
    command = [sys.executable, "-m", "jupyterlab", *options, f"--ServerApp.root_dir={folder}"]
    root = str(Path(__file__).resolve().parents[1])
    environment = {**os.environ, "PYTHONPATH": root, "OPENBLAS_NUM_THREADS": "1"}
    server = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    for _ in range(120):
        try:
            urllib.request.urlopen(f"{address}/api", timeout=1)
            return server, address
        except OSError:
            time.sleep(0.5)
    server.terminate()
    raise SystemExit("JupyterLab did not start within a minute")


def open_interact(page: Page, address: str) -> None:
    """Run the notebook and wait for its slider and its first picture."""
    page.goto(f"{address}/lab/tree/interact.ipynb?reset")
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
    page.wait_for_timeout(3000)  # the kernel connects after the notebook is drawn
    page.locator(".jp-Notebook .jp-Cell .cm-content").first.click()
    page.keyboard.press("Shift+Enter")
    page.wait_for_selector(".jp-OutputArea img", timeout=60_000)
    page.wait_for_selector(".noUi-handle", timeout=60_000)


def row(name: str, times: np.ndarray) -> None:
    """Print one line of the table."""
    middle, high = np.percentile(times, [50, 95])
    print(f"{name:<44}{middle:>10.1f}{high:>10.1f}")


def main() -> None:
    """Alternate rounds of the two and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--moves", type=int, default=20, help="slider moves in a round")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server, lab = start_lab(Path(folder))
        try:
            browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
            page, other = browser.new_page(), browser.new_page()
            page.goto(f"{serve()}/en/book/05-stride-and-padding.html")
            page.wait_for_selector(".nw")
            open_interact(other, lab)
            explorer_times(page, 10), interact_times(other, 3)  # warm both up
            explorer, interact = [], []
            for _ in range(options.rounds):
                explorer.append(explorer_times(page, options.moves))
                interact.append(interact_times(other, options.moves))
        finally:
            server.terminate()
    explorer, interact = np.concatenate(explorer), np.concatenate(interact)
    print(f"{'milliseconds':<44}{'median':>10}{'95 %':>10}")
    row("explorer, handler and drawing", explorer[:, 0])
    row("explorer, slider to paint", explorer[:, 1])
    row("interact with Matplotlib, key to new picture", interact)
    ratio = np.median(interact) / np.median(explorer[:, 1])
    print(f"interact : explorer, medians to paint: {ratio:.1f}")


if __name__ == "__main__":
    main()
