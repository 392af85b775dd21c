"""The live twin without a browser: the state over the wire, both ways, checked on the way in."""

import importlib
import subprocess
import sys

import pytest

from nndl.widgets import ConvStepper
from nndl.widgets.base import esm, program

anywidget = pytest.importorskip("anywidget")


@pytest.fixture
def live():
    return ConvStepper(stride=2).live()


def test_python_moves_the_widget(live):
    sent = []
    live.observe(lambda change: sent.append(change["new"]), "state")
    live.state = {"padding": 1}  # the rest stays
    assert live.state["stride"] == 2 and live.state["padding"] == 1
    assert len(sent) == 1 and sent[0] == live.state
    assert live.explorer.output_size() == (3, 3)
    assert repr(live) == "ConvStepper(stride=2, padding=1).live()"
    assert eval(repr(live)).state == live.state


def test_the_page_moves_python(live):
    """What the front end sends arrives as a state update."""
    live.set_state({"state": {**live.state, "kernel_size": 5, "weight": "blur"}})
    assert live.state["kernel_size"] == 5
    assert live.explorer.kernel[0][0] == pytest.approx(1 / 25)


def test_a_whole_state_that_python_made_is_taken(live):
    live.state = ConvStepper(x=[[1, 2, 3]] * 3, weight=[[1, 1], [1, 1]]).state
    assert live.explorer.input == [[1, 2, 3]] * 3 and live.state["height"] == 3


@pytest.mark.parametrize(
    ("bad", "error", "words"),
    [
        ({"stride": 0}, ValueError, "stride must be"),
        ({"sride": 1}, ValueError, "did you mean 'stride'"),
        ({"x": [[1, 2]]}, ValueError, "x must have"),
    ],
)
def test_what_the_schema_forbids_is_refused(live, bad, error, words):
    before = dict(live.state)
    with pytest.raises(error, match=words):
        live.state = bad
    with pytest.raises(error, match=words):
        live.set_state({"state": bad})
    assert live.state == before


def test_the_output_has_a_twin_for_pages_without_a_kernel(live):
    live.state = {"padding": 2}
    bundle = live._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert "application/vnd.jupyter.widget-view+json" in data
    assert 'data-nndl="' + program(ConvStepper)[0] in data["text/html"]
    assert "ConvStepper(stride=2, padding=2)" in data["text/html"]


def test_the_module_is_the_program_of_the_page(live):
    assert live._esm == esm(ConvStepper) and program(ConvStepper)[1] in live._esm


def test_two_twins_are_independent():
    first, second = ConvStepper().live(), ConvStepper().live()
    first.state = {"stride": 3}
    assert second.state["stride"] == 1


def test_missing_anywidget_is_one_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "anywidget", None)
    monkeypatch.delitem(sys.modules, "nndl.widgets.live", raising=False)
    with pytest.raises(ImportError, match=r"^`\.live\(\)` needs anywidget; install it with: pip"):
        ConvStepper().live()
    monkeypatch.undo()
    importlib.import_module("nndl.widgets.live")


def test_an_explorer_alone_loads_no_widget_library():
    code = (
        "import sys; from nndl.widgets import ConvStepper; ConvStepper()._repr_html_();"
        "print([m for m in ('anywidget', 'ipywidgets', 'numpy', 'paddle') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
