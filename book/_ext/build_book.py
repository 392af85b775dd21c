"""Build the site: one Jupyter Book per language under one root, `_build/site`.

Run as ``python book/_ext/build_book.py`` or, with everything set up, ``make book``.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "_build" / "site"
# language of the site -> folder of its Jupyter Book; built when its table of contents is there
SOURCES = {"en": ROOT, "zh": ROOT / "zh"}
NAMES = {"en": "English", "zh": "中文"}
# One BLAS thread: on shared cores a second one can make a matrix product hundreds of times slower.
SETTINGS = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NNDL_SITE": "1",
    "NNDL_PROGRESS": "off",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}


# the command line of Jupyter Book, run by this interpreter whatever the PATH holds
JUPYTER_BOOK = "from jupyter_book.cli.main import main; main()"


def languages() -> list[str]:
    """Return the languages whose book is there."""
    return [name for name, folder in SOURCES.items() if (folder / "_toc.yml").exists()]


def build_language(language: str) -> None:
    """Execute and build one language, warnings counted as errors, into the site."""
    source = SOURCES[language]
    # --all: after a failed page an incremental build would report success
    options = ["--all", "-W", "-n", "--keep-going"]
    command = [sys.executable, "-c", JUPYTER_BOOK, "build", str(source), *options]
    environment = {**os.environ, **SETTINGS, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, check=False)
    if done.returncode:
        raise SystemExit(f"the {NAMES[language]} book did not build: see the first warning above")
    target = SITE / language
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source / "_build" / "html", target)
    # the sources and the build's own notes are not part of a site
    for name in ("_sources", ".buildinfo", "objects.inv.bak"):
        path = target / name
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def write_front_door(present: list[str]) -> None:
    """Write the root page, which opens the reader's language and links every other."""
    links = " ".join(
        f'<a lang="{name}" href="{name}/index.html">{NAMES[name]}</a>' for name in present
    )
    # a browser that stores nothing refuses to be asked
    script = (
        f"const have = {json.dumps(present)};"
        "let kept = null;"
        'try { kept = localStorage.getItem("nndl-language"); } catch {}'
        "const want = (kept || navigator.language).slice(0, 2);"
        'location.replace((have.includes(want) ? want : have[0]) + "/index.html");'
    )
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="icon" href="en/_static/favicon.svg">'
        f"<title>Neural Networks, by Hand</title><p>{links}</p><script>{script}</script></html>\n"
    )
    (SITE / "index.html").write_text(page, "utf8")
    (SITE / ".nojekyll").write_text(
        "", "utf8"
    )  # a static host must serve folders that start with _


def main() -> None:
    """Build every language that is there and say where the site is."""
    start = time.perf_counter()
    present = languages()
    for language in present:
        build_language(language)
    write_front_door(present)
    size = sum(path.stat().st_size for path in SITE.rglob("*") if path.is_file())
    seconds = time.perf_counter() - start
    print(f"\nBuilt in {seconds:.0f} s, {size / 1e6:.1f} MB: {SITE / 'index.html'}")
    print("Open that file in a browser, or run `make serve`.")


if __name__ == "__main__":
    main()
