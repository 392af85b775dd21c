"""Tell the reader how the training goes: a moving bar for who watches, plain lines for a page."""

import sys
from typing import Any

from nndl.device import printable

__all__ = ["Progress", "is_watched"]


def is_watched() -> bool:
    """Tell whether somebody watches the output as it comes.

    Returns
    -------
    bool
        ``True`` in a terminal and in a notebook that a person runs; ``False`` where the output is
        written to a file or a notebook is executed by a program, as when the book is built. Such
        a program tells the kernel that there is nobody to answer a question.

    Examples
    --------
    >>> is_watched() in (True, False)
    True
    """
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    kernel = getattr(shell, "kernel", None)
    if kernel is not None:
        return bool(getattr(kernel, "_allow_stdin", True))
    return bool(sys.stderr is not None and sys.stderr.isatty())


class Progress:
    """Show a training run's progress.

    Parameters
    ----------
    total : int, optional
        How many steps there will be, where that is known.
    verbose : bool
        Whether to show anything.
    watched : bool, optional
        Whether to show a moving bar; found out by :func:`is_watched` by default.
    initial : int
        How many steps were made before.

    Examples
    --------
    >>> with Progress(total=2, watched=False) as progress:
    ...     progress.step()
    ...     progress.line("half way")
    half way
    """

    def __init__(
        self,
        total: int | None = None,
        verbose: bool = True,
        watched: bool | None = None,
        initial: int = 0,
    ):
        self.total, self.initial = total, initial
        self.verbose = verbose
        self.watched = is_watched() if watched is None else watched
        self._bar: Any = None

    def __enter__(self) -> "Progress":
        if self.verbose and self.watched:
            from tqdm.auto import tqdm

            # leave=False: the lines stay, and say more than a full bar.
            self._bar = tqdm(total=self.total, initial=self.initial, unit="step", leave=False)
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def step(self) -> None:
        """Count one step.

        Examples
        --------
        >>> Progress(verbose=False).step()
        """
        if self._bar is not None:
            self._bar.update()

    def line(self, text: str) -> None:
        """Print a line that stays.

        Parameters
        ----------
        text : str
            Without the end of the line.

        Examples
        --------
        >>> Progress(verbose=False).line("not shown")
        """
        text = printable(text)  # a metric's name or a reason to stop may be in any language
        if self._bar is not None:
            self._bar.write(text)
        elif self.verbose:
            print(text, flush=True)
