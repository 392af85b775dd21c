"""Hold something built by hand equal to Paddle's own, and remember by how much they differed.

Every equality test calls `compare`; ``make equality`` prints what it remembered as a table.
"""

import datetime
import json
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np


@dataclass
class Record:
    """What was seen of one operator, layer or model."""

    cases: int = 0
    forward: float = 0.0  # largest difference of an output
    backward: float = 0.0  # largest difference of a gradient
    has_backward: bool = False


RECORDS: dict[str, Record] = {}


def difference(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Return the largest difference, relative to the largest number where that is above 1."""
    if not theirs.size:
        return 0.0
    return float(np.abs(ours - theirs).max() / max(1.0, np.abs(theirs).max()))


def compare(
    name: str,
    outputs: Sequence,
    expected: Sequence,
    grads: Sequence = (),
    expected_grads: Sequence = (),
    tolerance: float = 1e-9,
) -> None:
    """Assert that outputs and gradients are equal, pair by pair, in shape and in value.

    `name` is as a reader calls the thing: "ops.Conv2D", "layers.LSTM", "models.ResNet18". Arrays
    are NumPy's or Paddle's tensors. The tolerance is relative and absolute; 1e-9 is for double
    precision, in which all of these tests run where Paddle can.
    """
    record = RECORDS.setdefault(name, Record())
    record.cases += 1
    record.has_backward |= len(grads) > 0
    for part, ours, theirs in (
        ("forward", outputs, expected),
        ("backward", grads, expected_grads),
    ):
        assert len(ours) == len(theirs), f"{name}: {part} has {len(ours)} of {len(theirs)} arrays"
        for number, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            one, other = as_array(one), as_array(other)
            words = f"{name}: {part}, array {number}"
            assert one.shape == other.shape, f"{words}: shape {one.shape} against {other.shape}"
            np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance, err_msg=words)
            setattr(record, part, max(getattr(record, part), difference(one, other)))


def as_array(value) -> np.ndarray:
    """Return a tensor or a number as an array."""
    return value.numpy() if hasattr(value, "numpy") else np.asarray(value)


def table() -> list[str]:
    """Return the records as lines: a row a name, in the order of the alphabet."""
    width = max((len(name) for name in RECORDS), default=4)
    lines = [f"{'':<{width}}  {'cases':>6}  {'forward':>9}  {'backward':>9}"]
    for name, record in sorted(RECORDS.items()):
        backward = f"{record.backward:9.1e}" if record.has_backward else f"{'-':>9}"
        lines.append(f"{name:<{width}}  {record.cases:6}  {record.forward:9.1e}  {backward}")
    return lines


def save(path: Path) -> None:
    """Write the records with what they were made on, for the book's page to read."""
    from nndl.device import describe, paddle

    made = {
        "made_by": "make equality",
        "date": datetime.date.today().isoformat(),
        "device": describe(),
        "versions": {
            "paddle": paddle.__version__,
            "numpy": np.__version__,
            "python": platform.python_version(),
        },
        "records": {name: asdict(record) for name, record in sorted(RECORDS.items())},
    }
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(made, indent=1) + "\n", "utf8")
