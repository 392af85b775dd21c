"""The reference on the site has a page for each room, and on it everything that the room offers."""

import re
from importlib import import_module
from pathlib import Path

import pytest

import nndl

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "_build" / "site"
ROOMS = [name for name in nndl.__all__ if not name.startswith("__")]


def test_each_room_has_a_page():
    pages = {path.stem for path in (ROOT / "book" / "api").glob("*.md")} - {"index"}
    assert pages == set(ROOMS)


@pytest.mark.site
@pytest.mark.parametrize("room", ROOMS)
def test_everything_public_is_described(room):
    page = (SITE / "en" / "book" / "api" / f"{room}.html").read_text("utf8")
    # a constant stands under the name of its own module
    described = {
        name.rsplit(".", 1)[1] for name in re.findall(rf'id="(nndl\.{room}\.[\w.]+)"', page)
    }
    assert set(import_module(f"nndl.{room}").__all__) <= described
