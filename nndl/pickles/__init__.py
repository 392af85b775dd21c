"""Read a pickle without running anything that it may ask for.

Unpickling calls whatever functions the file names. This reader knows the few opcodes and the
handful of names of which arrays and plain containers are made, and calls none of them: what the
file says about an array is checked, and then NumPy is asked for it. Sizes are compared with the
file's own before memory is taken, and what a few bytes expand to by references to each other is
limited, so that a small file is a small matter, whatever is in it.
"""

import os
import struct
from typing import Any, BinaryIO

from nndl.files import open_file
from nndl.pickles.reader import Reader

__all__ = ["load_pickle", "read_pickle"]


def load_pickle(path: str | os.PathLike) -> Any:
    """Load a pickle of arrays and plain containers from a file.

    Parameters
    ----------
    path : str or path
        A file with a pickle of protocol 2, 3 or 4.

    Returns
    -------
    object
        Dictionaries, lists, tuples, arrays of numbers, texts, bytes, numbers, ``None``. What
        Python 2 took for a text comes as bytes.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is no such pickle, is damaged, asks for anything else, or is beyond all measure.

    Examples
    --------
    >>> import pickle, tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "harmful"
    ...     size = path.write_bytes(pickle.dumps([print]))
    ...     load_pickle(path)
    Traceback (most recent call last):
    ...
    ValueError: ... it asks for builtins.print, and only arrays and plain containers are admitted
    """
    with open_file(path) as file:
        try:
            return read_pickle(file, os.fstat(file.fileno()).st_size)
        except ValueError as error:
            raise ValueError(f"{os.fspath(path)!r} cannot be loaded: {error}") from error


def read_pickle(file: BinaryIO, size: int) -> Any:
    """Read a pickle of arrays and plain containers that is all that a stream holds.

    Parameters
    ----------
    file : file object
        Gives the bytes.
    size : int
        How many there are.

    Returns
    -------
    object
        As :func:`load_pickle` gives it.

    Raises
    ------
    TypeError
        If `file` can't be read.
    ValueError
        As :func:`load_pickle` does; the message does not name the file.

    Examples
    --------
    >>> import io, pickle
    >>> import numpy as np
    >>> content = pickle.dumps({"weight": np.ones(2), "step": 3})
    >>> read_pickle(io.BytesIO(content), len(content))
    {'weight': array([1., 1.]), 'step': 3}
    """
    if not callable(getattr(file, "read", None)):
        raise TypeError(f"file must be open to read, got {file!r}")
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise ValueError(f"size must be a number of bytes, got {size!r}")
    try:
        return Reader(file, size).read()
    except MemoryError:
        raise ValueError("it needs more memory than there is") from None
    except (IndexError, KeyError, TypeError, struct.error) as error:
        # it takes from an empty stack, refers to nothing, exchanges numbers and texts
        raise ValueError(f"it is damaged ({type(error).__name__}: {error})") from error
