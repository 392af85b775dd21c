"""Where the real files are that some tests read."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("NNDL_SHARED_DATA", ROOT.parent / "shared" / "data"))


def needs(name: str) -> pytest.MarkDecorator:
    """Skip a test, and say why, where a file of the shared data is missing."""
    return pytest.mark.skipif(
        not (SHARED / name).exists(), reason=f"no {name} in ../shared/data nor in NNDL_SHARED_DATA"
    )
