"""Source and tables on a page."""

import inspect

import pytest

from nndl import ops, plots


def test_source_is_the_package_s_own_with_short_descriptions():
    shown = plots.show_source(ops.Conv2D).code
    assert "class Conv2D(Op):" in shown and "Parameters\n" not in shown
    # every line of code is a line of the file
    lines = set(inspect.getsource(ops.Conv2D).splitlines())
    assert {line for line in shown.splitlines() if '"""' not in line} <= lines
    assert plots.show_source(ops.conv2d)._repr_markdown_().startswith("```python\ndef conv2d(")


def test_source_refuses_what_has_none():
    with pytest.raises(TypeError, match="thing must be a function or a class, got int"):
        plots.show_source(3)


def test_a_table_shows_values_and_not_markup():
    table = plots.show_table(["a", "b"], [["<b> c", 1]])
    html = table._repr_html_()
    assert "&lt;b&gt; c</td>" in html and '<th scope="col">a</th>' in html
    assert repr(table) == "a      b\n<b> c  1"


def test_a_number_of_a_table_is_not_broken_at_its_signs():
    html = plots.show_table(["a", "b", "c"], [["5e-13", "0.97 ± 0.01", "two words"]])._repr_html_()
    whole = '<td style="white-space: nowrap">'
    assert f"{whole}5e-13</td>{whole}0.97 ± 0.01</td><td>two words</td>" in html


def test_a_table_refuses_a_short_row():
    with pytest.raises(ValueError, match="rows must have 2 values each"):
        plots.show_table(["a", "b"], [[1]])
