"""Host pages for explorers: the output of a cell in a bare page, opened from the disk."""

import pytest

PAGE = """<!doctype html><html lang="{lang}" data-theme="{theme}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Explorers</title>
<style>body {{ margin: 0; font: 16px sans-serif; background: {ground} }}
main {{ max-width: 760px; margin: auto; padding: 8px }}
label, p {{ margin: 1em; color: red }}</style>
</head><body><main><h1 hidden>Explorers</h1>{cells}</main></body></html>"""


@pytest.fixture
def host(tmp_path, open_page, monkeypatch):
    """Return `host(*explorers, theme=, lang=, fragment=, **context_options)` -> Opened.

    The page's own rules for labels and paragraphs stand for a theme that reaches into outputs.
    """
    monkeypatch.setenv("NNDL_SITE", "1")

    def open_(*explorers, theme="light", lang="en", fragment="", transform=str, **options):
        cells = "".join(
            f'<div class="cell_output">{explorer._repr_html_()}</div>' for explorer in explorers
        )
        ground = {"light": "#ffffff", "dark": "#121212"}[theme]
        file = tmp_path / f"host-{len(list(tmp_path.iterdir()))}.html"
        page = PAGE.format(lang=lang, theme=theme, ground=ground, cells=transform(cells))
        file.write_text(page, "utf8")
        return open_page(file.as_uri() + fragment, **options)

    return open_
