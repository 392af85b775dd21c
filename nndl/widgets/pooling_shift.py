"""The pooling explorer: move a picture by pixels and see which features notice."""

from nndl.widgets.base import Explorer
from nndl.widgets.convolution_stepper import kernel_values
from nndl.widgets.convolution_words import KERNELS
from nndl.widgets.pooling_words import POOLS, STRINGS
from nndl.widgets.schema import Text, check_matrix, choice, data, integer, switch

MARGIN = 4  # empty pixels around the picture: as far as it may be moved
SIZES = (6, 12)
SAME = 1e-9  # features that differ by less are the same number, rounded in another order
FILTERS = ("sobel_x", "sobel_y", "laplace", "blur", "identity")
_VALUES = "0123456789abcdefg"
#: Of each digit the handwritten one nearest to the mean of its kind, 8 x 8 values from 0 to 16;
#: from `nndl.data.load_digits`, whose module says whose they are
DIGITS: dict[str, list[list[int]]] = {
    str(digit): [[_VALUES.index(letter) for letter in line] for line in lines.split()]
    for digit, lines in enumerate(
        (
            "002e9100 01ccb800 04e10d30 08d00a60 05g10890 00g00b90 00dbaf40 003fg500",
            "006a8300 006gg900 009gg600 007gga00 00bgg800 007gg900 00agg600 0049cb20",
            "01cg5000 0bggd000 0765e200 0000c300 0004d000 001d5000 00aga840 00dfgc70",
            "006cga00 04f8ce00 0000d800 0006e100 0005f800 00002f50 00145f80 005ge910",
            "0007g200 000fb000 00be6500 04g7ed20 0agdgga0 08fega10 0009g100 0009f100",
            "019ggf30 08gc8830 06g93000 08ggg400 0364db00 00008d00 0058fa00 00bgb100",
            "001d7000 007e2000 00d50000 00g30000 03gacc30 03gb59c0 01db4db0 001cgb20",
            "003gcc70 00cddg60 00206e00 0014da10 009ggg80 004cc710 000e6000 004g2000",
            "003dd300 02eccb00 04g85f30 01deg700 00bgd100 01gcde10 00dd9g70 003dga10",
            "004dd400 00gaa800 00e76b00 006ffg20 00000b50 00000790 01446ca0 016bfc10",
        )
    )
}


class PoolingShift(Explorer):
    """Move a small picture by pixels; see which features of a convolution and a pooling change.

    Parameters
    ----------
    picture : str or array_like
        A digit, "0" to "9", or 6 to 12 rows and columns of numbers from 0 on. It stands on an
        empty ground, 4 pixels wide on each side.
    row_shift, column_shift : int
        How many pixels the picture is moved down and to the right, -4 to 4.
    filter : str
        The 3 x 3 kernel: "sobel_x", "sobel_y", "laplace", "blur" or "identity". It has a padding
        of 1, and a ReLU after it.
    stride : int
        Step of the convolution, 1 to 4.
    pool : str
        "max", "avg" or "none".
    pool_size, pool_stride : int
        Window of the pooling, 1 to 4, and its step.
    feature : (int, int), optional
        Row and column of a feature that is looked at more closely.
    predict : bool
        Whether the features are hidden until the reader has guessed by how many pixels the picture
        must move for them to move along exactly.

    Raises
    ------
    TypeError
        If an argument's name is unknown.
    ValueError
        If a value breaks its rule.

    Examples
    --------
    >>> shift = PoolingShift(column_shift=1)
    >>> before, after = shift.features()
    >>> before.shape, shift.total_stride()
    ((8, 8), 2)
    >>> PoolingShift(column_shift=2).moved_along()
    1.0
    """

    kind = "pooling_shift"
    title = ("Pooling and shift", "汇聚与平移")
    parts = ("correlation", "pictures", "pooling_model", "pooling_views")
    constants = {  # noqa: RUF012 - a class's constant
        "digits": DIGITS,
        "margin": MARGIN,
        "sizes": SIZES,
        "same": SAME,
    }
    schema = {  # noqa: RUF012 - a class's constant
        "picture": data("3"),
        "row_shift": integer(0, -MARGIN, MARGIN, ("Down", "向下")),
        "column_shift": integer(1, -MARGIN, MARGIN, ("Right", "向右")),
        "filter": choice(
            "sobel_x", {name: KERNELS[name] for name in FILTERS}, ("Kernel", "卷积核")
        ),
        "stride": integer(1, 1, 4, ("Conv stride", "卷积步长")),
        "pool": choice("max", POOLS, ("Pooling", "汇聚")),
        "pool_size": integer(2, 1, 4, ("Pool window", "汇聚窗口")),
        "pool_stride": integer(2, 1, 4, ("Pool stride", "汇聚步长")),
        "feature": data(None),
        "predict": switch(False),
    }
    strings = STRINGS

    @classmethod
    def check(cls, state: dict) -> dict:
        """Hold the picture and the feature to their rules."""
        picture, feature = state["picture"], state["feature"]
        if isinstance(picture, str):
            if picture not in DIGITS:
                raise ValueError(f"picture must be a matrix or '0' to '9', got {picture!r}")
        else:
            matrix = check_matrix("picture", picture, SIZES, SIZES)
            if min(map(min, matrix)) < 0:
                raise ValueError("picture must hold numbers from 0 on, got a negative one")
            state["picture"] = matrix
        if feature is not None:
            pair = isinstance(feature, list) and len(feature) == 2
            if not pair or not all(type(n) is int and 0 <= n < 64 for n in feature):
                raise ValueError(f"feature must be two integers from 0 to 63, got {feature!r}")
        return state

    def total_stride(self) -> int:
        """Return by how many pixels neighboring features lie apart.

        Returns
        -------
        int

        Examples
        --------
        >>> PoolingShift(stride=2, pool_stride=3).total_stride()
        6
        """
        state = self._state
        return state["stride"] * (1 if state["pool"] == "none" else state["pool_stride"])

    def features(self) -> tuple:
        """Return the features of the picture before and after it is moved, by `nndl.ops`.

        Returns
        -------
        before, after : numpy.ndarray
            Shape (M, N).

        Examples
        --------
        >>> before, after = PoolingShift(column_shift=0).features()
        >>> bool((before == after).all())
        True
        """
        state = self._state
        shift = state["row_shift"], state["column_shift"]
        return _features(state, (0, 0)), _features(state, shift)

    def consistency(self) -> float:
        """Return the cosine of the features before and after: 1 if the shift changes nothing.

        Returns
        -------
        float

        Examples
        --------
        >>> 0 < PoolingShift(column_shift=1).consistency() < 1
        True
        """
        return _cosine(*self.features())

    def moved_along(self) -> float:
        """Return the same when the features before are moved along with the picture.

        Returns
        -------
        float
            Of the cells that lie on each other; features can move by whole cells only, here by as
            many as lie nearest to the shift.

        Examples
        --------
        >>> PoolingShift(column_shift=4, row_shift=-2).moved_along()
        1.0
        """
        before, after = self.features()
        state, step = self._state, self.total_stride()
        cells = [whole_cells(state[name], step) for name in ("row_shift", "column_shift")]
        sides = list(zip(cells, before.shape, strict=True))
        here = tuple(slice(max(0, -cell), size - max(0, cell)) for cell, size in sides)
        there = tuple(slice(max(0, cell), size + min(0, cell)) for cell, size in sides)
        return _cosine(before[here], after[there])

    def describe(self) -> Text:
        """Return the text that stands where no program may run."""
        before, after = self.features()
        alive = (before != 0) | (after != 0)
        changed, number = int((abs(before - after) > SAME).sum()), int(alive.sum())
        state = self._state
        names, down, right = POOLS[state["pool"]], state["row_shift"], state["column_shift"]
        return (
            f"Pooling and shift ({names[0]}): the picture moves {down} pixels down and {right} to "
            f"the right; {changed} of {number} features that respond change, and the shift "
            f"consistency is {self.consistency():.2f}. Interactive on the website and in a running "
            "notebook.",
            f"汇聚与平移（{names[1]}）：图像向下移 {down} 个像素，向右移 {right} 个像素；"
            f"{number} 个有响应的特征中有 {changed} 个改变，平移一致性为 "
            f"{self.consistency():.2f}。在网站上或运行中的 notebook 里可以操作。",
        )


def whole_cells(shift: int, step: int) -> int:
    """Return the number of cells of `step` pixels nearest to a shift, halves away from zero.

    Parameters
    ----------
    shift : int
        Pixels, with a sign.
    step : int
        Pixels a cell.

    Returns
    -------
    int

    Examples
    --------
    >>> whole_cells(-3, 2), whole_cells(1, 4)
    (-2, 0)
    """
    return (2 * abs(shift) + step) // (2 * step) * (1 if shift >= 0 else -1)


def _features(state: dict, shift: tuple[int, int]) -> object:
    """Return convolution, ReLU and pooling of the picture on its ground, moved."""
    import numpy as np

    from nndl import ops

    picture = DIGITS[state["picture"]] if isinstance(state["picture"], str) else state["picture"]
    rows, columns = len(picture), len(picture[0])
    ground = np.zeros((rows + 2 * MARGIN, columns + 2 * MARGIN))
    top, left = MARGIN + shift[0], MARGIN + shift[1]
    ground[top : top + rows, left : left + columns] = picture
    weight = np.array(kernel_values(state["filter"], 3, 3), float)
    maps = np.maximum(ops.correlate2d_loop(ground, weight, stride=state["stride"], padding=1), 0)
    if state["pool"] == "none":
        return maps
    pool = ops.max_pool2d if state["pool"] == "max" else ops.avg_pool2d
    return pool(maps[None, None], state["pool_size"], state["pool_stride"])[0, 0]


def _cosine(before: object, after: object) -> float:
    """Return the cosine of two maps; equal ones have exactly 1, also if they are zero."""
    if (abs(before - after) <= SAME).all():
        return 1.0
    norms = float((before**2).sum() * (after**2).sum()) ** 0.5
    return float((before * after).sum()) / norms if norms else 0.0
