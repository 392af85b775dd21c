"""Explorers among their hosts: links, export, languages, notebooks, pages without scripts."""

import json
import re

import nbformat
import pytest
from measures import WIDTH, differences, measured
from nbconvert import HTMLExporter
from stepper_page import Stepper

from nndl import widgets
from nndl.widgets import ConvStepper

pytestmark = pytest.mark.browser


def test_link_carries_the_state(host, tmp_path):
    options = {"permissions": ["clipboard-read", "clipboard-write"]}
    opened = host(ConvStepper(), ConvStepper(), **options)
    stepper = Stepper(opened, 1)
    for name, value in {"stride": 2, "padding": 1}.items():
        stepper.slide(name, value)
    stepper.click("weight", 0, 0)
    stepper.root.locator(".nw-edit").fill("5")
    stepper.root.locator(".nw-edit").press("Enter")
    stepper.root.get_by_role("button", name="Copy link").click()
    stepper.page.wait_for_function("location.hash.length > 5")
    link, text = stepper.page.url, stepper.root.locator(".nw-readout").inner_text()
    again = stepper.page.context.new_page()
    again.goto(link)
    other = Stepper(type(opened)(again), 1)
    assert other.root.locator(".nw-readout").inner_text() == text
    assert Stepper(type(opened)(again), 0).caption("out") == "Output 4 × 4"
    # a link that was tampered with changes nothing and is explained
    again.goto(link.split("#")[0])
    again.evaluate(
        "(id) => { location.hash = `explorer=${id}&stride=99`; }",
        re.search(r"explorer=([\w-]+)", link)[1],
    )
    again.wait_for_function("document.body.textContent.includes('Not used: stride must be')")
    assert other.caption("out") == "Output 4 × 4"
    stepper.clean()


MEASURES = """(root) => [...root.querySelectorAll("*")].map((node) => {
  const { width, height } = node.getBoundingClientRect();
  return [node.tagName, node.getAttribute("class"), Math.round(width), Math.round(height)];
})"""


@pytest.mark.parametrize("viewport", [{"width": 375, "height": 760}, {"width": 900, "height": 760}])
def test_neighbors_leave_an_explorer_as_it_is(host, viewport):
    """Each brings a style sheet, in whatever order a page has them."""
    kinds = [getattr(widgets, name) for name in widgets.__all__]
    alone = [host(k(), viewport=viewport).page.locator(".nw").evaluate(MEASURES) for k in kinds]
    for order in (1, -1):
        together = host(*(kind() for kind in kinds[::order]), viewport=viewport).page.locator(".nw")
        for number, measures in enumerate(alone[::order]):
            assert together.nth(number).evaluate(MEASURES) == measures, kinds[::order][number]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_explorer_in_an_exported_page_looks_as_it_does_on_the_site(
    host, open_page, tmp_path, theme
):
    """As `nbconvert --to html` writes it, with JupyterLab's style sheet."""
    explorers = [getattr(widgets, name)() for name in widgets.__all__]
    shown = [
        nbformat.v4.new_output("display_data", {"text/html": e._repr_html_()}) for e in explorers
    ]
    cell = nbformat.v4.new_code_cell("explorers", outputs=shown)
    page, _ = HTMLExporter(theme=theme).from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
    file = tmp_path / "exported.html"
    file.write_text(page, "utf8")
    # the page itself asks another host for MathJax and require.js, and does without
    exported = open_page(file.as_uri(), **WIDTH).page
    alone = host(*explorers, theme=theme, **WIDTH).page
    for name, here, there in zip(widgets.__all__, measured(exported), measured(alone), strict=True):
        assert differences(here, there) == [], name


def test_reset_and_copy_as_python(host):
    options = {"permissions": ["clipboard-read", "clipboard-write"]}
    stepper = Stepper(host(ConvStepper(stride=2), **options))
    stepper.slide("padding", 3)
    stepper.pick("Matrix")
    stepper.root.get_by_role("button", name="Copy as Python").click()
    stepper.page.wait_for_function("document.querySelector('.nw-note').textContent !== ''")
    note = stepper.root.locator(".nw-note")
    copied = (
        note.locator("input").input_value()
        if note.locator("input").count()
        else stepper.page.evaluate("navigator.clipboard.readText()")
    )
    assert copied == repr(ConvStepper(stride=2, padding=3, view="matrix"))
    assert eval(copied).state["padding"] == 3
    stepper.root.get_by_role("button", name="Reset").click()
    stepper.settle()
    assert stepper.caption("out") == "Output 2 × 2"
    stepper.clean()


def test_svg_stands_alone(host, open_page, tmp_path):
    stepper = Stepper(host(ConvStepper(padding=1, stride=2), theme="dark"))
    with stepper.page.expect_download() as download:
        stepper.root.get_by_role("button", name="Save as SVG").click()
    file = tmp_path / "saved.svg"
    download.value.save_as(file)
    text = file.read_text("utf8")
    assert download.value.suggested_filename == "convolution-stepper.svg"
    assert "var(--" not in text and "Output 3 × 3" in text
    alone = open_page(file.as_uri())
    # drawn with the theme's colors, without the page's style sheet
    fill = "getComputedStyle(document.querySelector('.nw-f-in')).fill"
    assert alone.page.evaluate(fill) == stepper.page.evaluate(fill)
    assert not alone.errors


def test_speaks_the_language_of_the_page(host):
    stepper = Stepper(host(ConvStepper(), lang="zh-CN"))
    assert stepper.caption("out") == "输出 4 × 4"
    assert stepper.root.get_by_role("button", name="播放").is_visible()
    letters = re.findall(r"[A-Za-z]{4,}", stepper.root.inner_text())
    assert set(letters) <= {"valid", "same", "full", "Sobel", "Python"}


def test_text_stays_where_scripts_are_stripped(host):
    strip = re.compile(r"<script.*?</script>", re.S)
    opened = host(ConvStepper(stride=2), transform=lambda cells: strip.sub("", cells))
    text = opened.page.inner_text("main")
    assert (
        "gives 2 × 2 outputs" in text and "ConvStepper(stride=2)" in text and "2 × 2 个输出" in text
    )


def test_a_copy_of_the_output_is_an_explorer_too(host):
    """JupyterLab's new view of an output repeats its HTML; ids that clash must not matter."""
    opened = host(ConvStepper(), transform=lambda cells: cells + cells)
    assert opened.page.locator(".nw").count() == 2
    assert not opened.errors


def test_an_output_attached_late_is_mounted(host):
    """Colab may run the scripts before the words are in the page."""
    late = (
        "<template id='t'>{}</template>{}<script>setTimeout(() => document.querySelector('main')"
        ".append(document.getElementById('t').content), 300)</script>"
    )

    def split(cells):
        words, scripts = re.match(
            r'<div class="cell_output">(.*?</div>)(.*)</div>$', cells, re.S
        ).groups()
        return late.format(words, scripts)

    opened = host(ConvStepper(), transform=split)
    opened.page.wait_for_selector(".nw", timeout=3000)
    assert not opened.errors


@pytest.mark.parametrize(
    ("attributes", "dark"),
    [
        ("", False),
        ('data-jp-theme-light="true"', False),
        ('data-jp-theme-light="false"', True),
        ('class="vscode-dark"', True),
        ('style="background:#111"', True),
    ],
)
def test_light_and_dark_of_every_host(open_page, tmp_path, attributes, dark):
    file = tmp_path / "host.html"
    file.write_text(f"<html><body {attributes}>{ConvStepper()._repr_html_()}</body></html>", "utf8")
    opened = open_page(file.as_uri())
    ground = opened.page.evaluate("getComputedStyle(document.querySelector('.nw')).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", ground)[:3])) < 200) == dark


def test_state_is_data_not_markup(host):
    """Nothing that a setting can hold becomes a tag or ends the script."""
    opened = host(ConvStepper(weight=[[1, 2], [3, 4]]), transform=lambda cells: cells)
    html = ConvStepper()._repr_html_()
    assert html.count("</script>") == 2 and html.count("<script") == 2
    assert json.loads(json.dumps(ConvStepper().state)) == ConvStepper().state
    assert not opened.errors
