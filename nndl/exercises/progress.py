"""Keep a learner's progress in a small local file, `nndl_progress.json`."""

import hashlib
import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from nndl.exercises.comparing import short

__all__ = ["Progress", "fingerprint"]


def fingerprint(answer: Any) -> str:
    """Return a short text that differs when the answer differs.

    Examples
    --------
    >>> fingerprint(3) == fingerprint(3), fingerprint(3) == fingerprint(4)
    (True, False)
    """
    code = getattr(answer, "__code__", None)
    parts = (code.co_code, code.co_consts, code.co_names) if code else short(answer, 10_000)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


class Progress:
    """What has been tried and passed, by exercise.

    Parameters
    ----------
    path : path-like, optional
        The file; by default what the environment variable ``NNDL_PROGRESS`` names, else
        ``nndl_progress.json`` in the working directory. ``off`` keeps nothing.

    Notes
    -----
    A file that cannot be read counts as empty and is kept aside under the ending ``.bad``; one
    that cannot be written is passed over. Neither ever stops a check.

    Examples
    --------
    >>> progress = Progress("off")
    >>> progress.record("sizes", "a1", passed=False)
    1
    """

    def __init__(self, path: str | os.PathLike | None = None) -> None:
        path = path or os.environ.get("NNDL_PROGRESS") or "nndl_progress.json"
        self.path = None if str(path) == "off" else Path(path)

    def read(self) -> dict[str, dict]:
        """Return the record of every exercise that was tried."""
        try:
            found = json.loads(self.path.read_text("utf8")) if self.path else {}
        except FileNotFoundError:
            return {}
        except OSError:
            return {}
        except ValueError:
            self._set_aside()
            return {}
        if not isinstance(found, dict):
            self._set_aside()
            return {}
        return {name: row for name, row in found.items() if isinstance(row, dict)}

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
        text = json.dumps(self.read() | {exercise_id: row}, indent=1, sort_keys=True)
        with suppress(OSError):  # a read-only folder: the check itself still works
            folder = self.path.resolve().parent
            with tempfile.NamedTemporaryFile(
                "w", dir=folder, prefix=".nndl-", delete=False, encoding="utf8"
            ) as file:
                file.write(text + "\n")
            os.replace(file.name, self.path)

    def _set_aside(self) -> None:
        with suppress(OSError):
            os.replace(self.path, self.path.with_suffix(self.path.suffix + ".bad"))
