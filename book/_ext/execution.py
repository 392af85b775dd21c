"""Execute the pages truly: anew when what they read has changed, and with printed lines kept whole.

The stock cache looks at the cells alone and would publish the output of the old package. The stock
merging of printed pieces ends a line wherever the kernel happened to flush.
"""

import hashlib
from pathlib import Path

import myst_nb.core.render
from nbformat import NotebookNode
from sphinx.application import Sphinx
from sphinx.config import Config

ROOT = Path(__file__).resolve().parents[2]


def source_hash(root: Path = ROOT) -> str:
    """Return a short hash over every file that a page can import, show or read."""
    digest = hashlib.sha256()
    for path in sorted([*(root / "nndl").rglob("*"), *(root / "book" / "results").rglob("*")]):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def set_cache_folder(app: Sphinx, config: Config) -> None:
    """Give each state of what pages read a cache of its own, shared by both languages."""
    config.nb_execution_cache_path = str(ROOT / "_build" / "execution" / source_hash())


def join_streams(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Join the printed pieces of a cell, stdout and stderr apart, exactly as they were printed."""
    joined: list[NotebookNode] = []
    streams: dict[str, NotebookNode] = {}
    for output in outputs:
        name = output.get("name") if output["output_type"] == "stream" else None
        if name in streams:
            streams[name]["text"] += output["text"]
            continue
        joined.append(output)
        if name:
            streams[name] = output
    return joined


def setup(app: Sphinx) -> dict:
    """Connect before MyST-NB reads its configuration."""
    app.connect("config-inited", set_cache_folder, priority=100)
    # there is no setting for how MyST-NB merges
    myst_nb.core.render.coalesce_streams = join_streams
    return {"version": "1", "parallel_read_safe": True}
