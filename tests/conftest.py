"""The browser that tests share: one Chromium, a fresh context a page, nothing from outside."""

import json
import multiprocessing
import os
import re
import shutil
from pathlib import Path

import equality
import pytest
from browsing import Opened, serve

SITE = Path(__file__).resolve().parents[1] / "_build" / "site"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"]
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]


def chromium() -> str | None:
    """Return the path of a Chromium: NNDL_CHROMIUM, or the first of the usual names."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return os.environ.get("NNDL_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


# files whose tests share no long preparation, and take minutes together
SPREAD = ("test_site.py", "test_notebooks.py", "test_extensions.py", "test_resume.py")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Give whole files to the workers, as some prepare long for all their tests; others are spread.

    (The groups of pytest-xdist 3.8 would say the same, but have no effect with pytest 9.)
    """
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.split("::", 1)[0]
            return nodeid if file.endswith(SPREAD) else file

    return Scheduling(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items) -> None:
    """Call slow what needs a run of a whole chapter."""
    for item in items:
        if re.fullmatch(r"test_ch\d\d", item.path.stem) and "page" in item.fixturenames:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(autouse=True)
def no_process_is_left():
    """Fail a test that leaves processes of multiprocessing behind.

    Such a process is a copy that holds all that was open, the pipe to the browser's driver too,
    which then waits for its end forever: the tests pass, but their run does not end.
    """
    yield
    left = multiprocessing.active_children()
    for process in left:
        process.kill()
    assert not left, f"the test left processes behind: {left}"


@pytest.fixture(scope="session")
def browser():
    """One Chromium for all tests; skips them where there is none."""
    playwright_api = pytest.importorskip("playwright.sync_api")
    path = chromium()
    if path is None:
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing("no Chromium: install one, or name it in NNDL_CHROMIUM")
    with playwright_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def context_of(browser):
    """Return `context_of(options)`: to make a context takes longer than most tests of a page."""
    contexts = {}

    def get(options: dict):
        key = json.dumps(options, sort_keys=True)
        if key not in contexts:
            contexts[key] = browser.new_context(**options)
        return contexts[key]

    yield get
    for context in contexts.values():
        context.close()


@pytest.fixture
def open_page(context_of):
    """Return `open_page(url, **context_options)` -> Opened; leaves nothing that was stored."""
    used = []

    def open_(url: str, **options) -> Opened:
        context = context_of(options)
        if context not in used:
            used.append(context)
        opened = Opened(context.new_page())
        opened.collect()
        opened.page.goto(url, wait_until="load")
        return opened

    yield open_
    for context in used:
        for page in context.pages:
            page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
            page.close()
        context.clear_cookies()


@pytest.fixture(scope="session")
def site_url():
    """The address of the built site, served from the loopback."""
    if not (SITE / "index.html").exists():
        pytest.skip("there is no site in _build/site: run `make book` first")
    server = serve(SITE)
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


RESULTS = Path(__file__).resolve().parents[1] / "book" / "results" / "equality.json"


def pytest_addoption(parser) -> None:
    """Let `make equality` ask for the table."""
    parser.addoption("--equality-table", action="store_true", help="print and record equality")


def pytest_terminal_summary(terminalreporter, exitstatus, config) -> None:
    """Print by how much each thing built by hand differed from Paddle's, and record it."""
    if not config.getoption("--equality-table") or exitstatus:
        return
    terminalreporter.write_line("\n".join(equality.table()))
    equality.save(RESULTS)
    terminalreporter.write_line(f"recorded in {RESULTS.relative_to(Path.cwd())}")
