"""Weigh the built pages as a browser loads them: requests, bytes raw and compressed, time to load.

Run ``python benchmarks/site_weight.py`` after ``make book``. Bytes and requests are exact; the
times are medians over fresh browser profiles and only compare pages with each other.

``python benchmarks/site_weight.py --picture FILE`` takes the picture in the README instead.
"""

import argparse
import functools
import gzip
import http.server
import shutil
import statistics
import threading
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

SITE = Path(__file__).resolve().parents[1] / "_build" / "site"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"]
FLAGS += ["--disable-background-networking", "--disable-component-update"]


def chromium() -> str | None:
    """Return the browser that is installed."""
    return shutil.which("chromium") or shutil.which("google-chrome")


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A static server that prints nothing."""

    def log_message(self, *_):
        """Say nothing."""


def serve() -> str:
    """Serve the site in the background and return its address."""
    handler = functools.partial(Quiet, directory=str(SITE))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def weigh(browser: Browser, address: str) -> dict:
    """Load one page in a fresh profile and add up what it asked for."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    bodies = []
    page.on("requestfinished", lambda request: bodies.append(request.response().body()))
    page.goto(address, wait_until="networkidle")
    timing = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
    context.close()
    return {
        "requests": len(bodies),
        "raw_kb": sum(map(len, bodies)) / 1e3,
        "gzip_kb": sum(len(gzip.compress(body, 6)) for body in bodies) / 1e3,
        "load_ms": timing,
    }


def picture(browser: Browser, address: str, file: Path) -> None:
    """Take the picture of the site that stands in the README."""
    page = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme="light")
    page.goto(address)
    page.wait_for_selector(".nw")
    page.screenshot(path=str(file))


def main() -> None:
    """Print a row per page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="loads of each page")
    parser.add_argument("--picture", type=Path, help="take the README's picture into this file")
    options = parser.parse_args()
    root = serve()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        if options.picture:
            picture(browser, f"{root}/en/book/index.html", options.picture)
            return
        print(f"{'page':<40}{'requests':>9}{'raw kB':>9}{'gzip kB':>9}{'load ms':>9}")
        for path in sorted(SITE.glob("*/book/*.html")):
            name = path.relative_to(SITE).as_posix()
            rows = [weigh(browser, f"{root}/{name}") for _ in range(options.rounds)]
            row = {key: statistics.median(r[key] for r in rows) for key in rows[0]}
            print(f"{name:<40}{row['requests']:>9.0f}{row['raw_kb']:>9.0f}", end="")
            print(f"{row['gzip_kb']:>9.0f}{row['load_ms']:>9.0f}")
        browser.close()


if __name__ == "__main__":
    main()
