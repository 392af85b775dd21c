"""Key the execution cache on the source of `nndl`, so that a change in it re-executes the pages.

The stock cache looks at the cells alone and would publish the output of the old package.
"""

import hashlib
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config

ROOT = Path(__file__).resolve().parents[2]


def source_hash(root: Path = ROOT) -> str:
    """Return a short hash over every file of the package that a page can import or show."""
    digest = hashlib.sha256()
    for path in sorted((root / "nndl").rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def set_cache_folder(app: Sphinx, config: Config) -> None:
    """Give each state of the package a cache of its own, shared by both languages."""
    config.nb_execution_cache_path = str(ROOT / "_build" / "execution" / source_hash())


def setup(app: Sphinx) -> dict:
    """Connect before MyST-NB reads its configuration."""
    app.connect("config-inited", set_cache_folder, priority=100)
    return {"version": "1", "parallel_read_safe": True}
