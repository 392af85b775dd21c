"""Time what every explorer does when a reader moves a slider or points at a picture.

Run ``python benchmarks/handlers.py``; it needs Chromium and no built book. Each explorer stands on
a page of its own, as a cell's output does. Timed is the program's own work in milliseconds: the
event, and the drawing that it leaves to the next frame, without what the browser then does to paint
it; moves that change nothing are not counted. The budget is a median of 4 and a 95th percentile of
8; what is above has a ``!`` behind it. Another process on the machine can double the percentiles,
so the last line says how busy it was.
"""

import argparse
import os
import random
import tempfile
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, sync_playwright
from site_weight import FLAGS, chromium

from nndl import widgets

BUDGET = {"median": 4.0, "95 %": 8.0}  # milliseconds
PAGE = """<!doctype html><html lang="en" data-theme="light"><meta charset="utf-8">
<title>Explorer</title><body style="width:760px;font:16px sans-serif">{cell}</body></html>"""

# Before the explorer's program runs: add up the time of all drawing that it asks for.
PATCH = """(() => {
  const ask = window.requestAnimationFrame.bind(window);
  let drawing = 0;
  window.requestAnimationFrame = (call) => ask((at) => {
    const began = performance.now();
    call(at);
    drawing += performance.now() - began;
  });
  window.timed = async (act) => {
    drawing = 0;
    const began = performance.now();
    act();
    const handled = performance.now() - began;
    await new Promise((done) => ask(() => ask(done)));
    return drawing ? handled + drawing : null;
  };
})()"""
SLIDERS = '".nw .nw-controls input[type=range]"'
SLIDE = f"""([index, value]) => window.timed(() => {{
  const input = document.querySelectorAll({SLIDERS})[index];
  input.value = value;
  input.dispatchEvent(new Event("input", {{ bubbles: true }}));
}})"""
PICTURES = '".nw .nw-stage svg, .nw .nw-stage canvas"'
# a place in a picture, or the middle of one of its parts: places alone would miss small parts
POINT = f"""([index, x, y, part]) => {{
  const picture = document.querySelectorAll({PICTURES})[index];
  const parts = [...picture.querySelectorAll("g, rect, circle, text")];
  const node = part && parts.length ? parts[Math.floor(x * parts.length)] : picture;
  if (node !== picture) x = y = 0.5;
  node.scrollIntoView({{ block: "center", behavior: "instant" }});
  const box = node.getBoundingClientRect();
  const place = {{ clientX: box.left + x * box.width, clientY: box.top + y * box.height }};
  const target = document.elementFromPoint(place.clientX, place.clientY) ?? node;
  const event = {{ ...place, pointerType: "mouse" }};
  const above = [];
  for (let node = target; node?.closest?.(".nw"); node = node.parentElement) above.push(node);
  return window.timed(() => {{
    for (const node of above) node.dispatchEvent(new PointerEvent("pointerenter", event));
    target.dispatchEvent(new PointerEvent("pointermove", {{ ...event, bubbles: true }}));
  }});
}}"""
FIND_SLIDERS = f"""() => [...document.querySelectorAll({SLIDERS})]
  .map((input, index) => [input.offsetParent, index, input.min, input.max, input.step])
  .filter(([shown]) => shown).map(([, ...numbers]) => numbers.map(Number))"""
FIND_PICTURES = f"""() => [...document.querySelectorAll({PICTURES})]
  .map((node, index) => [index, node.getBoundingClientRect().width])
  .filter(([, width]) => width > 60).map(([index]) => index)"""


def slider_times(page: Page, moves: int, rnd: random.Random) -> list[float]:
    """Return milliseconds of the work for each move of a drawn slider to a drawn value."""
    times = []
    for _ in range(moves):
        # asked for each time: a setting can hide or show the slider of another
        sliders = page.evaluate(FIND_SLIDERS)
        if not sliders:
            return []
        index, low, high, step = rnd.choice(sliders)
        value = low + step * rnd.randint(0, round((high - low) / step))
        times.append(page.evaluate(SLIDE, [index, str(value)]))
    return [time for time in times if time is not None]


def pointer_times(page: Page, moves: int, rnd: random.Random) -> list[float]:
    """Return milliseconds of the work for each drawn place that is pointed at."""
    pictures = page.evaluate(FIND_PICTURES)
    if not pictures:
        return []
    places = [
        (rnd.choice(pictures), rnd.random(), rnd.random(), rnd.random() < 0.5) for _ in range(moves)
    ]
    times = [page.evaluate(POINT, place) for place in places]
    return [time for time in times if time is not None]


def row(name: str, what: str, times: list[float]) -> None:
    """Print one line of the table; a ``!`` stands behind what is above its budget."""
    cells = [f"{name:<18}{what:<10}{len(times):>6}"]
    for found, most in zip(np.percentile(times, [50, 95]), BUDGET.values(), strict=True):
        cells.append(f"{found:>9.1f}{'!' if found > most else ' '}")
    print("".join(cells), flush=True)


def main() -> None:
    """Drive each explorer and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moves", type=int, default=150, help="moves of each kind")
    parser.add_argument("names", nargs="*", default=widgets.__all__, help="which explorers")
    options = parser.parse_args()
    print(f"{'explorer':<18}{'moved':<10}{'times':>6}" + "".join(f"{key:>9} " for key in BUDGET))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        for name in options.names:
            rnd, file = random.Random(0), Path(folder) / f"{name}.html"
            cell = getattr(widgets, name)()._repr_html_()
            file.write_text(PAGE.format(cell=cell), "utf8")
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.add_init_script(PATCH)
            page.goto(file.as_uri())
            page.wait_for_selector(".nw")
            kinds = {"pointer": pointer_times, "slider": slider_times}
            for what, measure in kinds.items():
                measure(page, 20, rnd)  # the engine compiles what is hot
                if times := measure(page, options.moves, rnd):
                    row(name, what, times)
            page.close()
    print(f"load of the machine over the last minute: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
