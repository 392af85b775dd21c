"""The picture explorer: edit a kernel and see what it makes of a photograph."""

import base64

from nndl.widgets.base import Explorer
from nndl.widgets.convolution_stepper import kernel_values
from nndl.widgets.picture_data import COLUMNS, PHOTOGRAPHS, ROWS
from nndl.widgets.picture_words import PADDINGS, PICTURES, PRESETS, SHOWN, STRINGS
from nndl.widgets.schema import Text, check_matrix, choice, data, integer, switch

SIZES = (8, 128)  # rows and columns of an own picture
LARGEST_WEIGHT = 99
ZERO = 1e-9  # a sum below this is zero, rounded
DARK, BRIGHT = 50, 200  # the two values of the made pictures
RADIUS = 25
# stripes from broad to narrow, then of one pixel
STRIPES = (12, 12, 8, 8, 6, 6, 4, 4, 3, 3, 2, 2, 2, 2)
NEGATIVE, POSITIVE = (180, 30, 30), (0, 80, 160)  # the fullest colors of a signed result
WITHIN = 0.995  # share of the results that lie within the range of colors


class PictureKernel(Explorer):
    """Edit a kernel and see what a photograph becomes.

    The photographs are scikit-learn's, small and gray: ``china`` by danielbuechele, ``flower`` by
    vultilion, both CC BY 2.0 (see `nndl.data.photographs`).

    Parameters
    ----------
    picture : str or array_like
        "china" (a tower), "flower" (a dahlia), "disc" or "stripes"; or an own picture, 8 to 128
        rows and columns of gray values from 0 (black) to 255 (white). Values that all lie between
        0 and 1 are multiplied by 255; all are rounded.
    pixels : list of list of int, optional
        The own picture as the explorer holds it; giving it to `picture` is simpler.
    weight : str or array_like
        "identity", "blur", "gaussian", "sharpen", "sobel_x", "sobel_y", "laplace" or "emboss"; or
        the kernel's values, 3 x 3 or 5 x 5.
    kernel_size : int
        3 or 5.
    normalize : bool
        Whether each result is divided by the sum of the weights, unless that is 0.
    operation : str
        "correlation" (what deep learning calls convolution) or "convolution" (the kernel turned by
        180 degrees first).
    padding : str
        What is read outside the picture: "none" (the window stays inside), "zeros" or "edge" (the
        nearest pixel).
    show : str
        "gray" (cut off below 0 and above 255), "signed" (blue positive, red negative), "absolute",
        or "auto": signed if the weights sum to 0, gray otherwise.
    place : (int, int), optional
        Row and column of the pixel on which the window that is looked at is centered.
    predict : bool
        Whether the result is hidden until the reader has guessed what the kernel gives on a flat
        area and at an edge.

    Raises
    ------
    TypeError
        If an argument's name is unknown.
    ValueError
        If a value breaks its rule.

    Examples
    --------
    >>> explorer = PictureKernel(weight="blur", padding="zeros")
    >>> explorer.total, explorer.kernel[0][0] == 1 / 9
    (9, True)
    >>> explorer.gray_values().shape, explorer.result().shape
    ((71, 106), (71, 106))
    >>> PictureKernel(picture=[[0.0, 0.5, 1.0] * 4] * 8).state["pixels"][0][:3]
    [0, 128, 255]
    """

    kind = "picture_kernel"
    title = ("Picture and kernel", "图像与卷积核")
    parts = ("grid", "correlation", "pictures", "facts", "picture_model", "picture_views")
    constants = {  # noqa: RUF012 - a class's constant
        "rows": ROWS,
        "columns": COLUMNS,
        "photographs": PHOTOGRAPHS,
        "presets": list(PRESETS),
        "sizes": SIZES,
        "largest": LARGEST_WEIGHT,
        "zero": ZERO,
        "two": (DARK, BRIGHT),
        "radius": RADIUS,
        "stripes": STRIPES,
        "ends": (NEGATIVE, POSITIVE),
        "within": WITHIN,
    }
    schema = {  # noqa: RUF012 - a class's constant
        "picture": choice("china", PICTURES, ("Picture", "图像")),
        "pixels": data(None, page=True),
        "weight": data("sobel_x"),
        "kernel_size": integer(3, 3, 5, ("Kernel size", "核的大小")),
        "normalize": switch(True, ("Divide by the sum of weights", "除以权重之和")),
        "operation": choice(
            "correlation",
            {
                "correlation": ("Correlation", "互相关"),
                "convolution": ("Convolution", "卷积"),
            },
            ("Operation", "运算"),
        ),
        "padding": choice("none", PADDINGS, ("Padding", "填充")),
        "show": choice("auto", SHOWN, ("Show as", "显示为")),
        "place": data([33, 50]),
        "predict": switch(False),
    }
    strings = STRINGS

    @classmethod
    def complete(cls, settings: dict) -> dict:
        """Let a picture that is given be the own one, and a matrix set the kernel's size."""
        full = dict(settings)
        if "picture" in full and not isinstance(full["picture"], str):
            if full.get("pixels") is not None:
                raise ValueError("give an own picture as picture or as pixels, not as both")
            full["pixels"], full["picture"] = _gray_values(full["picture"]), "own"
        elif full.get("pixels") is not None:
            full.setdefault("picture", "own")
        if not isinstance(full.get("weight", ""), str):
            full["weight"] = check_matrix("weight", full["weight"], (3, 5), (3, 5), LARGEST_WEIGHT)
            full.setdefault("kernel_size", len(full["weight"]))
        return full

    @classmethod
    def check(cls, state: dict) -> dict:
        """Hold the kernel, the own picture and the place to their rules."""
        size, weight, pixels, place = (
            state[name] for name in ("kernel_size", "weight", "pixels", "place")
        )
        if size not in (3, 5):
            raise ValueError(f"kernel_size must be 3 or 5, got {size}")
        if not isinstance(weight, str):
            sides = (size, size)
            state["weight"] = check_matrix("weight", weight, sides, sides, LARGEST_WEIGHT)
        elif weight not in PRESETS:
            known = ", ".join(map(repr, PRESETS))
            raise ValueError(f"weight must be a matrix or one of {known}, got {weight!r}")
        if pixels is not None:
            matrix = check_matrix("pixels", pixels, SIZES, SIZES, 255)
            if not all(type(value) is int and value >= 0 for row in matrix for value in row):
                raise ValueError("pixels must hold integers from 0 to 255")
        elif state["picture"] == "own":
            raise ValueError("picture 'own' needs pixels: give the matrix itself as picture")
        if place is not None:
            pair = isinstance(place, list) and len(place) == 2
            if not pair or not all(type(n) is int and 0 <= n < SIZES[1] for n in place):
                raise ValueError(f"place must be two integers from 0 to 127, got {place!r}")
        return state

    @property
    def weights(self) -> list[list[float]]:
        """The weights as they are stored: neither turned nor divided, shape (U, U)."""
        state = self.state
        if isinstance(state["weight"], str):
            return preset_weights(state["weight"], state["kernel_size"])
        return state["weight"]

    @property
    def total(self) -> float:
        """The sum of the weights."""
        return sum(map(sum, self.weights))

    @property
    def kernel(self) -> list[list[float]]:
        """The kernel that slides: turned for a convolution, divided if so chosen."""
        rows, divisor = self.weights, self._divisor()
        if self._state["operation"] == "convolution":
            rows = [row[::-1] for row in rows[::-1]]
        return [[value / divisor for value in row] for row in rows]

    def _divisor(self) -> float:
        """Return the sum of the weights if it divides, or 1."""
        total = self.total
        return total if self._state["normalize"] and abs(total) > ZERO else 1

    def gray_values(self) -> object:
        """Return the picture's pixels.

        Returns
        -------
        numpy.ndarray
            Whole numbers from 0 to 255, float64, shape (H, W).

        Examples
        --------
        >>> int(PictureKernel(picture="disc").gray_values().max())
        200
        """
        import numpy as np

        state = self._state
        if state["picture"] == "own":
            return np.array(state["pixels"], float)
        if state["picture"] in PHOTOGRAPHS:
            values = np.frombuffer(base64.b64decode(PHOTOGRAPHS[state["picture"]]), np.uint8)
            return values.reshape(ROWS, COLUMNS).astype(float)
        return np.array(made_picture(state["picture"]), float)

    def result(self) -> object:
        """Return what the kernel gives, by `nndl.ops`, before it is made visible.

        Returns
        -------
        numpy.ndarray
            Shape (H, W), or smaller by the kernel's size less 1 without padding.

        Examples
        --------
        >>> flat = PictureKernel(picture=[[100] * 9] * 9, weight="laplace").result()
        >>> flat.shape, float(abs(flat).max())
        ((7, 7), 0.0)
        """
        import numpy as np

        from nndl import ops

        x, half = self.gray_values(), self._state["kernel_size"] // 2
        if self._state["padding"] != "none":
            x = np.pad(x, half, mode="edge" if self._state["padding"] == "edge" else "constant")
        return ops.conv2d(x[None, None], np.array(self.kernel)[None, None])[0, 0]

    def shown_as(self) -> str:
        """Return how the result is made visible: "gray", "signed" or "absolute".

        Returns
        -------
        str

        Examples
        --------
        >>> PictureKernel(weight="sobel_y").shown_as(), PictureKernel(weight="blur").shown_as()
        ('signed', 'gray')
        """
        if self._state["show"] != "auto":
            return self._state["show"]
        return "gray" if abs(self.total) > ZERO else "signed"

    def describe(self) -> Text:
        """Return the text that stands where no program may run."""
        state, size = self._state, self._state["kernel_size"]
        names = PICTURES[state["picture"]]
        preset = PRESETS.get(state["weight"]) if isinstance(state["weight"], str) else None
        kernels = preset or ("own weights", "自定义权重")
        result = self.result()
        # rounded before they are written: what rounding left of a zero may be negative
        least, most = round(float(result.min())), round(float(result.max()))
        total = round(self.total, 6) + 0
        return (
            f"Picture and kernel: a {size} × {size} kernel ({kernels[0]}) slides over a picture "
            f"({names[0]}); the sum of its weights is {total:g}, and the results lie between "
            f"{least} and {most}. Interactive on the website and in a running notebook.",
            f"图像与卷积核：{size} × {size} 的卷积核（{kernels[1]}）在图像（{names[1]}）上滑动，"
            f"权重之和为 {total:g}，结果在 {least} 到 {most} 之间。"
            "在网站上或运行中的 notebook 里可以操作。",
        )


def preset_weights(name: str, size: int) -> list[list[float]]:
    """Return the weights of a preset, whole numbers.

    Parameters
    ----------
    name : str
        "identity", "blur", "gaussian", "sharpen", "sobel_x", "sobel_y", "laplace" or "emboss".
    size : int
        Rows and columns.

    Returns
    -------
    list of list of int

    Examples
    --------
    >>> preset_weights("gaussian", 3)
    [[1, 2, 1], [2, 4, 2], [1, 2, 1]]
    >>> preset_weights("emboss", 3)
    [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]]
    """
    if name == "blur":
        return kernel_values("ones", size, size)
    places = range(-(size // 2), size // 2 + 1)  # from the middle
    if name == "gaussian":
        binomial = [row[-1] for row in kernel_values("sobel_x", size, 3)]
        return [[a * b for b in binomial] for a in binomial]
    if name == "emboss":
        # 3 x 3 in any size: a broader one would leave little but black and white
        return [
            [(u + v + (u == v == 0)) * (max(abs(u), abs(v)) < 2) for v in places] for u in places
        ]
    return kernel_values(name, size, size)


def made_picture(name: str) -> list[list[int]]:
    """Return a picture of two values, dark and bright, that shows what a kernel does.

    Parameters
    ----------
    name : str
        "disc", with edges in all directions, or "stripes", upright, from broad to narrow.

    Returns
    -------
    list of list of int
        71 rows of 106 values.

    Examples
    --------
    >>> made_picture("stripes")[0][10:14]
    [50, 50, 200, 200]
    """
    if name == "disc":

        def bright(r: int, c: int) -> bool:
            return (2 * r - ROWS + 1) ** 2 + (2 * c - COLUMNS + 1) ** 2 < 4 * RADIUS**2

    else:
        widths = (*STRIPES, *[1] * (COLUMNS - sum(STRIPES)))
        turns = [i % 2 == 1 for i, width in enumerate(widths) for _ in range(width)]

        def bright(r: int, c: int) -> bool:
            return turns[c]

    return [[BRIGHT if bright(r, c) else DARK for c in range(COLUMNS)] for r in range(ROWS)]


def _gray_values(picture: object) -> list[list[int]]:
    """Return an own picture as whole numbers from 0 to 255."""
    matrix = check_matrix("picture", picture, SIZES, SIZES, 255)
    if min(map(min, matrix)) < 0:
        raise ValueError("picture must hold numbers from 0 (black) on, got a negative one")
    factor = 255 if max(map(max, matrix)) <= 1 else 1
    return [[round(factor * value) for value in row] for row in matrix]
