"""The launch button of each chapter: open in Colab, how to open in AI Studio, download.

Addresses are read when the book is built, from `NNDL_REPOSITORY` (``owner/name`` or a full address)
or from the git remote ``origin``; without one there is the download alone, never a made-up link.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path, PurePosixPath

from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parents[2]
GITHUB = re.compile(r"(?:^|github\.com[:/])([\w.-]+/[\w.-]+?)(?:\.git)?/?$")


def repository(root: Path = ROOT) -> str | None:
    """Return ``owner/name`` on GitHub, or None when it is not known."""
    address = os.environ.get("NNDL_REPOSITORY", "")
    if not address:
        command = ["git", "-C", str(root), "remote", "get-url", "origin"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        address = done.stdout.strip()
        if "github.com" not in address:  # a local clone or another host: Colab opens GitHub only
            return None
    match = GITHUB.search(address)
    return match.group(1) if match else None


def branch() -> str:
    """Return the branch that the links point to."""
    return os.environ.get("NNDL_BRANCH", "main")


def links(notebook: str, repo: str | None, download: str, how_to: str) -> list[dict]:
    """Return the entries of a chapter's launch menu.

    Parameters
    ----------
    notebook : str
        Path of the student notebook in the repository.
    repo : str or None
        ``owner/name`` on GitHub.
    download : str
        Address of the notebook on the site, relative to the page.
    how_to : str
        Address of the page that says how to open it in AI Studio, relative to the page.
    """

    def entry(text: str, tooltip: str, icon: str, url: str) -> dict:
        return {
            "type": "link",
            "text": text,
            "tooltip": tooltip,
            "icon": icon,
            "url": url,
            "label": text,
        }

    items = []
    if repo:
        colab = f"https://colab.research.google.com/github/{repo}/blob/{branch()}/{notebook}"
        items.append(entry("Colab", "Open this chapter in Colab", "fas fa-play", colab))
    # AI Studio has no address that opens a notebook of a repository: the page says what to click
    items.append(
        entry("AI Studio", "How to open this chapter in AI Studio", "fas fa-cloud", how_to)
    )
    items.append(
        entry("Download .ipynb", "Download this chapter's notebook", "fas fa-download", download)
    )
    return items


def add_buttons(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """Put the launch menu first in the header of a page that has a student notebook."""
    language = "zh" if app.config.language.startswith("zh") else "en"
    name = PurePosixPath(pagename).name
    notebook = f"notebooks/{language}/{name}.ipynb"
    source = ROOT / notebook
    if not source.exists() or "header_buttons" not in context:
        return
    target = Path(app.outdir) / "_notebooks" / source.name
    target.parent.mkdir(exist_ok=True)
    shutil.copyfile(source, target)
    items = links(
        notebook,
        repository(),
        download=context["pathto"](f"_notebooks/{source.name}", 1),
        how_to=context["pathto"]("book/running") + "#ai-studio",
    )
    menu = {
        "type": "group",
        "tooltip": "Run this chapter",
        "icon": "fas fa-rocket",
        "label": "launch-buttons",
    }
    context["header_buttons"].insert(0, {**menu, "buttons": items})


def setup(app: Sphinx) -> dict:
    """Connect after the theme has made its own header buttons."""
    app.connect("html-page-context", add_buttons, priority=510)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
