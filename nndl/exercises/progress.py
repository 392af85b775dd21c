"""Keep a learner's progress in a small local file, `nndl_progress.json`."""

import hashlib
import json
import os
import warnings
from contextlib import suppress
from pathlib import Path
from types import CodeType
from typing import Any

import numpy as np

from nndl.exercises.plain import code_of, short
from nndl.files import open_file, write_whole

__all__ = ["Progress", "fingerprint"]


MOST_BYTES = 1 << 20  # of a progress file; a whole book makes some ten thousand

# what could not be written to each file: hints unfold all the same while this Python runs
_UNSAVED: dict[Path, dict[str, dict]] = {}


def fingerprint(answer: Any, value: Any = None) -> str:
    """Return a short text that differs when the answer differs.

    A function counts as the same when its code is, even if its cell was run again.

    Parameters
    ----------
    answer : object
        What the learner gave.
    value : object
        The answer as plain data, if it is no function.

    Returns
    -------
    str

    Examples
    --------
    >>> fingerprint(3, 3) == fingerprint(3, 3), fingerprint(3, 3) == fingerprint(4, 4)
    (True, False)
    """
    if callable(answer):
        code = code_of(answer)
        content = (_code_text(code) if code else type(answer).__name__).encode("utf8", "replace")
    elif isinstance(value, np.ndarray):
        content = f"{value.shape} {value.dtype}".encode() + value.tobytes()
    else:
        content = short(value, 10_000).encode("utf8", "replace")
    return hashlib.sha256(content).hexdigest()[:12]


def _code_text(code: CodeType) -> str:
    """Return what a function does as text, functions inside it included."""
    consts = [_code_text(c) if isinstance(c, CodeType) else repr(c) for c in code.co_consts]
    return f"{code.co_code!r} {code.co_names} {code.co_varnames} {consts}"


class Progress:
    """What has been tried and passed, by exercise.

    Parameters
    ----------
    path : path-like, optional
        The file; by default what the environment variable ``NNDL_PROGRESS`` names, else
        ``nndl_progress.json`` in the working directory. ``off`` keeps nothing.

    Notes
    -----
    A file that cannot be read counts as empty and is kept aside under the ending ``.bad``. While
    it can't be written, which is said once, what it should hold is remembered until Python ends.
    Neither ever stops a check.

    Examples
    --------
    >>> progress = Progress("off")
    >>> progress.record("sizes", "a1", passed=False)
    1
    """

    def __init__(self, path: str | os.PathLike | None = None) -> None:
        path = path or os.environ.get("NNDL_PROGRESS") or "nndl_progress.json"
        self.path = None if str(path) == "off" else Path(path).absolute()

    def read(self) -> dict[str, dict]:
        """Return the record of every exercise that was tried."""
        return {name: row for name, row in self._rows().items() if isinstance(row, dict)}

    def _rows(self) -> dict[str, Any]:
        """Return what the file holds, also what others wrote into it."""
        if self.path is None:
            return {}
        try:
            with open_file(self.path) as file:
                content = file.read(MOST_BYTES + 1)
        except (OSError, ValueError):  # there is none, or a folder or a pipe in its place
            content = b"{}"
        try:
            if len(content) > MOST_BYTES:
                raise ValueError("too long for a record")
            found = json.loads(content)  # of bytes: in any of Unicode's encodings, marked or not
            if not isinstance(found, dict):
                raise ValueError("not a record")
        except (ValueError, RecursionError):
            self._set_aside()
            found = {}
        return found | _UNSAVED.get(self.path, {})

    def get(self, exercise_id: str) -> dict:
        """Return the record of one exercise: passed, attempts, last, hints."""
        empty = {"passed": False, "attempts": 0, "last": "", "hints": 0}
        known = self.read().get(exercise_id, {})
        return {
            key: known[key] if type(known.get(key)) is type(empty[key]) else empty[key]
            for key in empty
        }

    def record(self, exercise_id: str, answer: str, passed: bool) -> int:
        """Count an attempt, unless it is the last one again, and return how many there were.

        Parameters
        ----------
        exercise_id : str
        answer : str
            The answer's `fingerprint`.
        passed : bool
            Whether it is right; once passed stays passed.

        Returns
        -------
        int
            Attempts so far, this one included.
        """
        row = self.get(exercise_id)
        row["attempts"] += row["last"] != answer
        row["last"] = answer
        row["passed"] = row["passed"] or passed
        self._write(exercise_id, row)
        return row["attempts"]

    def unfold(self, exercise_id: str, hints: int) -> None:
        """Remember that this many hints have been shown."""
        row = self.get(exercise_id)
        if hints > row["hints"]:
            row["hints"] = hints
            self._write(exercise_id, row)

    def _write(self, exercise_id: str, row: dict) -> None:
        """Replace the file as a whole, so that an interruption loses nothing."""
        if self.path is None:
            return
        rows = self._rows() | {exercise_id: row}
        try:
            with suppress(FileNotFoundError):  # what can't be read is not to be written over
                open_file(self.path).close()
            content = json.dumps(rows, indent=1, sort_keys=True) + "\n"
            write_whole(self.path, lambda name: Path(name).write_text(content, "utf8"))
            _UNSAVED.pop(self.path, None)
        except (OSError, ValueError, RecursionError) as error:  # a full disk, a pipe, no permission
            if self.path not in _UNSAVED:  # said once; the check itself still works
                warnings.warn(f"your progress is not saved: {error}", stacklevel=2)
            _UNSAVED[self.path] = rows

    def _set_aside(self) -> None:
        # where a link leads to, so that it stays a link
        path = os.path.realpath(self.path)
        with suppress(OSError):
            os.replace(path, path + ".bad")
