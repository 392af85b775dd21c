"""A whole chapter is graded, as a teacher hands it out and a class hands it in."""

import os
import sys
from pathlib import Path

import chapter
import pytest

import notebooks

nbgrader_api = pytest.importorskip("nbgrader.apps.api")


@pytest.mark.slow
def test_a_whole_chapter_is_graded(tmp_path, monkeypatch):
    """With its explorers, figures and experiments."""
    from traitlets.config import Config

    monkeypatch.setenv("PYTHONPATH", str(chapter.ROOT))
    monkeypatch.setenv("NNDL_PROGRESS", "off")
    monkeypatch.setenv("NBGRADER_EXECUTION", "")
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    (path,) = (p for p in chapter.chapter_files() if p.stem.startswith("05"))
    titles = notebooks.page_titles(path.parent)
    for student, kind in (("", "solution"), ("solved", "solution"), ("blank", "student")):
        folder = tmp_path / (f"submitted/{student}/ps1" if student else "source/ps1")
        folder.mkdir(parents=True)
        text = notebooks.dumps(notebooks.make(path, kind, titles))
        (folder / f"{path.stem}.ipynb").write_text(text, "utf8")
    config = Config()
    config.CourseDirectory.root = str(tmp_path)
    config.ExecutePreprocessor.timeout = 300  # other tests take the processor at the same time
    api = nbgrader_api.NbGraderAPI(config=config)
    assert api.generate_assignment("ps1")["success"]
    count = len(chapter.read(path).exercises())
    for student, points in (("solved", count), ("blank", 0)):
        graded = api.autograde("ps1", student)
        assert graded["success"], graded
        with api.gradebook as gradebook:
            submission = gradebook.find_submission("ps1", student)
            assert (submission.score, submission.max_score) == (points, count)
