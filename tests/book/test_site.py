"""The built site, as a reader's browser sees it: offline, on a phone, in the dark, from a disk."""

import functools
import json
import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from browsing import Opened, QuietHandler, serve
from wide_pictures import WIDE

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "_build" / "site"
PAGES = (
    sorted(p.relative_to(SITE).as_posix() for p in SITE.rglob("*.html")) if SITE.exists() else []
)
# the root and a language's root only lead on to the first page
DOORS = [page for page in PAGES if re.fullmatch(r"(\w+/)?index\.html", page)]
CHAPTERS = [page for page in PAGES if re.search(r"/book/\d\d-", page)]

pytestmark = pytest.mark.site
each_page = pytest.mark.parametrize("page", PAGES)
each_page_to_read = pytest.mark.parametrize("page", [p for p in PAGES if p not in DOORS])
each_chapter = pytest.mark.parametrize("page", CHAPTERS)


class Links(HTMLParser):
    """Collect what a page loads, what it links to, and what can be linked to in it."""

    def __init__(self, html: str):
        super().__init__()
        self.loaded, self.linked, self.anchors, self.images = [], [], set(), []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.anchors.update(given[k] for k in ("id", "name") if given.get(k))
        if tag in ("script", "img", "iframe", "source", "video", "audio") and given.get("src"):
            self.loaded.append(given["src"])
        if tag == "link" and given.get("rel") not in (
            "canonical",
            "next",
            "prev",
            "index",
            "search",
        ):
            self.loaded.append(given.get("href", ""))
        if tag == "a" and given.get("href"):
            self.linked.append(given["href"])
        if tag == "img":
            self.images.append(given)


@functools.cache
def parsed(page: str) -> Links:
    return Links((SITE / page).read_text("utf8"))


def test_the_site_is_built():
    assert PAGES, "there is no site in _build/site: run `make book` first"
    assert "index.html" in PAGES and "en/index.html" in PAGES and len(CHAPTERS) >= 2


@each_page
def test_nothing_is_loaded_from_another_host(page):
    foreign = [address for address in parsed(page).loaded if urlsplit(address).netloc]
    assert not foreign


def test_style_sheets_ask_no_other_host():
    for sheet in SITE.rglob("*.css"):
        addresses = re.findall(r"url\(\s*['\"]?((?:https?:)?//[^)'\"]+)", sheet.read_text("utf8"))
        assert not addresses, sheet


@each_page
def test_no_dead_internal_link(page):
    links = parsed(page)
    dead = []
    for address in links.linked + links.loaded:
        parts = urlsplit(address)
        if parts.scheme or parts.netloc:
            continue
        target = (SITE / page).parent / unquote(parts.path) if parts.path else SITE / page
        target = target / "index.html" if target.is_dir() else target
        if not target.exists():
            dead.append(address)
        elif parts.fragment and target.suffix == ".html":
            anchors = parsed(target.resolve().relative_to(SITE).as_posix()).anchors
            if unquote(parts.fragment) not in anchors:
                dead.append(address)
    assert not dead


@each_page
def test_every_picture_is_described(page):
    assert not [image for image in parsed(page).images if not (image.get("alt") or "").strip()]


@each_page
def test_formulas_are_typeset_without_a_script(page):
    html = (SITE / page).read_text("utf8")
    assert "katex-error" not in html and "MathJax" not in html
    text = re.sub(
        r"<annotation.*?</annotation>|<pre.*?</pre>|<code.*?</code>|<script.*?</script>",
        "",
        html,
        flags=re.S,
    )
    assert not re.findall(r"\\(?:frac|sum|left|text|mathbb)\b|\$\$", text)


@each_page
def test_page_is_light(page):
    """A page's own HTML, pictures included, stays under 1.5 MB; no icon script is left."""
    html = (SITE / page).read_text("utf8")
    assert "fontawesome.js" not in html
    pictures = [Path(SITE / page).parent / i["src"] for i in parsed(page).images if i.get("src")]
    weight = len(html.encode()) + sum(p.stat().st_size for p in pictures if p.exists())
    assert weight < 1_500_000


@pytest.mark.browser
@pytest.mark.parametrize("place", ["server", "disk"])
@pytest.mark.parametrize("page", DOORS)
def test_a_door_opens_the_first_page(page, place, site_url, open_page):
    opened = open_page(f"{site_url}/{page}" if place == "server" else (SITE / page).as_uri())
    opened.page.wait_for_url("**/en/book/index.html", timeout=10_000)
    assert not opened.foreign and not opened.errors


@pytest.mark.browser
@each_page_to_read
def test_loads_clean_on_a_phone_and_fits(page, site_url, open_page):
    """No other host is asked (they are blocked), nothing fails, nothing is wider than the phone."""
    opened = open_page(f"{site_url}/{page}", viewport={"width": 375, "height": 760})
    opened.page.wait_for_timeout(250)
    assert not opened.foreign, "the page asked another host"
    assert not opened.errors
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= 375


@pytest.mark.browser
@each_page_to_read
def test_opens_from_a_disk(page, open_page):
    opened = open_page((SITE / page).as_uri())
    opened.page.wait_for_timeout(250)
    assert not opened.foreign and not opened.errors


@pytest.mark.browser
@each_chapter
def test_a_figure_on_a_phone_keeps_half_its_size(page, site_url, open_page):
    """Its words are to be read; a wide one scrolls by itself, by keyboard too."""
    opened = open_page(f"{site_url}/{page}", viewport={"width": 375, "height": 760})
    scales = opened.page.eval_on_selector_all(
        "article .cell_output img",
        "(all) => all.map((i) => [i.decode().catch(() => 0), i][1])"
        ".map((i) => [i.getBoundingClientRect().width / i.naturalWidth, i.naturalWidth])",
    )
    assert scales and min(scale for scale, _ in scales) > 0.54, scales
    boxes = opened.page.locator(".wide-picture")
    assert boxes.count() == sum(natural > WIDE for _, natural in scales)
    assert all(box.get_attribute("tabindex") == "0" for box in boxes.all())


TEXT_BEYOND_ITS_EXPLORER = """() => [...document.querySelectorAll(".nw")].flatMap((explorer) => {
  const box = explorer.getBoundingClientRect(), range = document.createRange();
  const scrolls = (node) => node !== explorer && (
    ["auto", "scroll"].includes(getComputedStyle(node).overflowX) || scrolls(node.parentElement));
  const words = [...explorer.querySelectorAll("p, span, label, dt, dd, button, h3, text")];
  return words.filter((node) => {
    range.selectNodeContents(node);
    const { left, right, width } = range.getBoundingClientRect();
    return width && (right > box.right + 1 || left < box.left - 1) && !scrolls(node);
  }).map((node) => node.textContent.slice(0, 60));
})"""


MOVE_SLIDERS = """async (end) => {
  for (const slider of document.querySelectorAll(".nw input[type=range]")) {
    slider.value = slider[end];
    slider.dispatchEvent(new Event("input"));
    await new Promise(requestAnimationFrame);
  }
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""


@pytest.mark.browser
@pytest.mark.parametrize("width", [375, 1280])
@each_chapter
def test_no_word_of_an_explorer_is_cut_off(page, width, site_url, open_page):
    """Together on a page, as they are and at both ends of their sliders."""
    opened = open_page(f"{site_url}/{page}", viewport={"width": width, "height": 900}).page
    assert opened.locator(".nw").count() == opened.locator(".nw-mount").count()
    for end in (None, "max", "min"):
        if end:
            opened.evaluate(MOVE_SLIDERS, end)
        assert opened.evaluate(TEXT_BEYOND_ITS_EXPLORER) == [], end


@each_page
def test_no_markup_is_shown_as_text(page):
    """A value of a table is text: <code> in it would be read as such."""
    html = (SITE / page).read_text("utf8")
    cells = re.findall(r"<t[dh]\b[^>]*>(.*?)</t[dh]>", html, re.S)
    assert not [cell for cell in cells if re.search(r"&lt;/?[a-z]+&gt;", cell)]


@pytest.mark.browser
@each_chapter
def test_readable_without_scripts(page, site_url, open_page):
    opened = open_page(f"{site_url}/{page}", java_script_enabled=False)
    text = opened.page.inner_text("article")
    assert len(text) > 5000
    # the place of an explorer says what it would show
    html = (SITE / page).read_text("utf8")
    explorers = re.findall(r'class="nw-mount".*?<code>(.*?)</code>', html)
    assert html.count('class="nw-mount"') == len(explorers)
    assert all(unescape(call) in text for call in explorers)


@pytest.mark.browser
@each_chapter
def test_dark_mode_is_dark_and_text_light(page, site_url, open_page):
    opened = open_page(f"{site_url}/{page}", color_scheme="dark")
    tones = opened.page.evaluate(
        """() => [getComputedStyle(document.body).backgroundColor,
                  getComputedStyle(document.querySelector("article p")).color]
             .map((c) => c.match(/[0-9.]+/g).slice(0, 3).reduce((a, b) => a + +b, 0) / 3)"""
    )
    assert tones[0] < 60 and tones[1] > 180


@pytest.mark.browser
def test_search_finds_a_chapter(site_url, open_page):
    opened = open_page(f"{site_url}/en/search.html?q=padding")
    opened.page.wait_for_selector("#search-results li a", timeout=10_000)
    found = opened.page.eval_on_selector_all("#search-results li a", "l => l.map(a => a.href)")
    assert any("05-stride-and-padding" in address for address in found)
    assert not opened.errors and not opened.foreign


@pytest.mark.browser
@pytest.mark.parametrize("word", ["__proto__", "constructor", "hasOwnProperty"])
def test_search_takes_any_word(word, site_url, open_page):
    opened = open_page(f"{site_url}/en/search.html?q={word}")
    opened.page.wait_for_selector(".search-summary:not(:empty)", timeout=10_000)
    assert not opened.errors and not opened.foreign


# as a browser has it whose user blocked cookies
NO_STORAGE = """for (const name of ["localStorage", "sessionStorage"])
  Object.defineProperty(window, name, { configurable: true, get() {
    throw new DOMException("Access is denied", "SecurityError");
  } });"""


@pytest.fixture
def open_without_storage(browser):
    """Return `open_(url)` -> Opened, in a browser that stores nothing."""
    context = browser.new_context()
    context.add_init_script(NO_STORAGE)

    def open_(url: str) -> Opened:
        opened = Opened(context.new_page())
        opened.collect()
        opened.page.goto(url, wait_until="load")
        return opened

    yield open_
    context.close()


def switch_theme(page) -> tuple[str, str]:
    """Press the theme's switch; return what the page was and what it is."""
    shown = "document.documentElement.dataset.mode"
    before = page.evaluate(shown)
    page.locator(".theme-switch-button").first.click()
    return before, page.evaluate(shown)


@pytest.mark.browser
def test_without_storage_the_doors_open_and_switch_and_search_work(site_url, open_without_storage):
    opened = open_without_storage(f"{site_url}/index.html")
    opened.page.wait_for_url("**/en/book/index.html", timeout=10_000)
    assert not opened.errors
    before, after = switch_theme(opened.page)
    assert before != after and not opened.errors
    found = open_without_storage(f"{site_url}/en/search.html?q=padding")
    found.page.wait_for_selector("#search-results li a", timeout=10_000)
    assert not found.errors


def stated_policy() -> str:
    """Return the Content-Security-Policy that the README gives to those who publish the site."""
    [policy] = re.findall(r"Content-Security-Policy: (.+)", (ROOT / "README.md").read_text("utf8"))
    return policy


@pytest.fixture(scope="module")
def guarded_url():
    """The address of a server that sends the policy of the README."""

    class Guarded(QuietHandler):
        def end_headers(self) -> None:
            self.send_header("Content-Security-Policy", stated_policy())
            super().end_headers()

    server = serve(SITE, Guarded)
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.mark.browser
def test_the_policy_of_the_readme_lets_the_site_work(guarded_url, open_page):
    assert "default-src 'self'" in stated_policy() and "http" not in stated_policy()
    door = open_page(f"{guarded_url}/index.html")
    door.page.wait_for_url("**/en/book/index.html", timeout=10_000)
    before, after = switch_theme(door.page)
    assert before != after and not door.errors
    for page in CHAPTERS:
        opened = open_page(f"{guarded_url}/{page}")
        assert opened.page.locator(".nw").count() == opened.page.locator(".nw-mount").count() > 0
        # a refused script or style is an error of the console
        assert not opened.errors, page
    search = open_page(f"{guarded_url}/en/search.html?q=padding")
    search.page.wait_for_selector("#search-results li a", timeout=10_000)
    assert not search.errors


@pytest.mark.browser
@each_chapter
def test_launch_menu_downloads_the_notebook(page, site_url, open_page):
    opened = open_page(f"{site_url}/{page}")
    link = opened.page.locator("a[href$='.ipynb']").first
    address = link.evaluate("a => a.href")
    answer = opened.page.request.get(address)
    notebook = json.loads(answer.text())
    name = Path(urlsplit(address).path).name
    assert notebook == json.loads((ROOT / "notebooks" / "en" / name).read_text("utf8"))
    assert all(not cell.get("outputs") for cell in notebook["cells"])


# What the rules ask of a token of code follows from its colors and its type: one of each kind is
# enough, and without the other ten thousand the rules take seconds instead of minutes.
ONE_TOKEN_OF_EACH_KIND = """() => {
  const ground = (node) => {
    const color = getComputedStyle(node).backgroundColor;
    const clear = /(, 0\\)|transparent)$/.test(color);
    return clear && node.parentElement ? ground(node.parentElement) : color;
  };
  const seen = new Set(), rest = [];
  for (const token of document.querySelectorAll("article div.highlight pre span")) {
    if (token.firstElementChild) continue;
    const { color, fontWeight, fontSize } = getComputedStyle(token);
    const kind = [color, ground(token), fontWeight, fontSize].join();
    if (seen.has(kind)) rest.push(token); else seen.add(kind);
  }
  for (const token of rest) token.replaceWith(token.textContent);
  return [seen.size, rest.length];
}"""


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@each_chapter
def test_no_accessibility_violation(page, scheme, site_url, open_page):
    from axe_playwright_python.sync_playwright import Axe

    opened = open_page(f"{site_url}/{page}", color_scheme=scheme)
    opened.page.wait_for_timeout(300)
    kinds, others = opened.page.evaluate(ONE_TOKEN_OF_EACH_KIND)
    assert kinds >= 5 and others > 100
    rules = {"runOnly": ["wcag2a", "wcag2aa"]}
    found = Axe().run(opened.page, context="article", options=rules).response["violations"]
    assert not [(v["id"], [n["html"][:120] for n in v["nodes"]][:3]) for v in found]
