"""The convolution stepper: one kernel, one input, every number on the table."""

from nndl import arithmetic
from nndl.widgets.base import Explorer
from nndl.widgets.convolution_words import KERNELS, STRINGS
from nndl.widgets.schema import Text, check_matrix, choice, data, integer, switch


def kernel_values(preset: str, rows: int, columns: int) -> list[list[float]]:
    """Return the weights of a kernel preset in any size.

    Parameters
    ----------
    preset : str
        "ones", "identity", "blur", "sharpen", "sobel_x", "sobel_y" or "laplace".
    rows, columns : int
        The kernel's size; at 3 x 3 the presets are the well-known kernels.

    Returns
    -------
    list of list of float
        The weights, shape (rows, columns).

    Raises
    ------
    ValueError
        If the preset is unknown.

    Examples
    --------
    >>> kernel_values("sobel_x", 3, 3)
    [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]
    >>> kernel_values("laplace", 3, 3)
    [[0, 1, 0], [1, -4, 1], [0, 1, 0]]
    """
    if preset not in KERNELS:
        raise ValueError(f"preset must be one of {', '.join(map(repr, KERNELS))}, got {preset!r}")
    middle = ((rows - 1) // 2, (columns - 1) // 2)
    arms = rows + columns - 2  # the cells of the cross around the middle

    def weight(u: int, v: int) -> float:
        on_cross, central = u == middle[0] or v == middle[1], (u, v) == middle
        if preset == "ones":
            return 1
        if preset == "blur":
            return 1 / (rows * columns)
        if preset == "identity":
            return int(central)
        if preset == "laplace":
            return -arms if central else int(on_cross)
        if preset == "sharpen":
            return 1 + arms if central else -int(on_cross)
        if preset == "sobel_x":
            return _binomial(rows, u) * _slope(columns, v)
        return _slope(rows, u) * _binomial(columns, v)

    return [[weight(u, v) for v in range(columns)] for u in range(rows)]


def _binomial(size: int, index: int) -> int:
    """Return entry `index` of the row of Pascal's triangle with `size` entries."""
    value = 1
    for k in range(index):
        value = value * (size - 1 - k) // (k + 1)
    return value


def _slope(size: int, index: int) -> int:
    """Return whole numbers that rise by one step per index and sum to zero."""
    return index - size // 2 if size % 2 else 2 * index - size + 1


def input_values(rows: int, columns: int) -> list[list[int]]:
    """Return the stepper's first input: small whole numbers with an edge down the middle.

    Parameters
    ----------
    rows, columns : int
        The input's size.

    Returns
    -------
    list of list of int
        The values, shape (rows, columns).

    Examples
    --------
    >>> input_values(2, 4)
    [[0, 1, 8, 6], [1, 0, 8, 7]]
    """
    return [
        [(i * i + i * j + j) % 3 + (6 if 2 * j >= columns else 0) for j in range(columns)]
        for i in range(rows)
    ]


class ConvStepper(Explorer):
    """Slide a kernel over an input, one output at a time.

    Parameters
    ----------
    height, width : int
        Rows and columns of the input, 3 to 12.
    kernel_size : int or (int, int)
        Rows and columns of the kernel, 1 to 5.
    stride : int or (int, int)
        Step between neighboring windows, 1 to 4.
    padding : int or (int, int) or str
        Zeros added on each side, 0 to 4, or "valid", "same", "full".
    dilation : int or (int, int)
        Distance between the cells a window reads, 1 to 3.
    operation : str
        "correlation" (what deep learning calls convolution) or "convolution" (the kernel turned by
        180 degrees first).
    x : array_like, optional
        Values of the input, shape (height, width); its shape sets `height` and `width`.
    weight : str or array_like
        A preset's name or the kernel's values, shape (U, V); its shape sets `kernel_size`.
    view : str
        "grid" (numbers), "symbols" (x, w, y with indices) or "matrix" (the same operation as one
        sparse matrix).
    position : int
        Which output is shown, counted row by row.
    pinned : int, optional
        An output kept beside the one shown.
    linked : bool
        Whether one slider moves rows and columns together, as long as they agree.
    predict : bool
        Whether the answer is hidden until the reader has guessed the output's size.

    Raises
    ------
    TypeError
        If an argument's name is unknown.
    ValueError
        If a value breaks its rule. Sizes that leave no output are allowed: the explorer says why.

    Examples
    --------
    >>> stepper = ConvStepper(x=[[1, 2, 3], [4, 5, 6], [7, 8, 9]], weight=[[1, 1], [1, 1]])
    >>> stepper.state["height"], stepper.state["kernel_size"]
    (3, 2)
    >>> ConvStepper(stride=0)
    Traceback (most recent call last):
        ...
    ValueError: stride must be an integer from 1 to 4, or a pair of them (rows, columns), got 0
    """

    kind = "convolution_stepper"
    title = ("Convolution, step by step", "卷积：一步一步算")
    parts = ("grid", "correlation", "facts", "convolution_model", "convolution_views")
    schema = {  # noqa: RUF012 - a class's constant
        "height": integer(6, 3, 12, ("Input rows", "输入行数")),
        "width": integer(6, 3, 12, ("Input columns", "输入列数")),
        "kernel_size": integer(3, 1, 5, ("Kernel", "卷积核"), pair=True),
        "stride": integer(1, 1, 4, ("Stride", "步长"), pair=True),
        "padding": integer(
            0,
            0,
            4,
            ("Padding", "填充"),
            pair=True,
            words={
                "valid": ("valid", "valid"),
                "same": ("same", "same"),
                "full": ("full", "full"),
            },
        ),
        "dilation": integer(1, 1, 3, ("Dilation", "空洞率"), pair=True),
        "operation": choice(
            "correlation",
            {
                "correlation": ("Correlation", "互相关"),
                "convolution": ("Convolution", "卷积"),
            },
            ("Operation", "运算"),
        ),
        "x": data(None),
        "weight": data("sobel_x"),
        "view": choice(
            "grid",
            {
                "grid": ("Numbers", "数值"),
                "symbols": ("Symbols", "符号"),
                "matrix": ("Matrix", "矩阵"),
            },
            ("View", "视图"),
        ),
        "position": integer(0, 0, 575),
        "pinned": data(None),
        "linked": switch(True, ("Rows and columns alike", "行列一致")),
        "predict": switch(False),
    }
    strings = STRINGS

    @classmethod
    def complete(cls, settings: dict) -> dict:
        """Let a matrix that is given set the size, unless the size is given too."""
        full = dict(settings)
        if full.get("x") is not None:
            full["x"] = check_matrix("x", full["x"], (3, 12), (3, 12))
            full.setdefault("height", len(full["x"]))
            full.setdefault("width", len(full["x"][0]))
        if not isinstance(full.get("weight", ""), str):
            full["weight"] = check_matrix("weight", full["weight"], (1, 5), (1, 5))
            full.setdefault("kernel_size", (len(full["weight"]), len(full["weight"][0])))
        return full

    @classmethod
    def check(cls, state: dict) -> dict:
        """Hold matrices to their shapes; rows and columns that differ cannot be linked."""
        rows, columns = _pair(state["kernel_size"])
        if state["x"] is not None:
            height, width = state["height"], state["width"]
            state["x"] = check_matrix("x", state["x"], (height, height), (width, width))
        if not isinstance(state["weight"], str):
            kernel = check_matrix("weight", state["weight"], (rows, rows), (columns, columns))
            state["weight"] = kernel
        elif state["weight"] not in KERNELS:
            known = ", ".join(map(repr, KERNELS))
            raise ValueError(f"weight must be a matrix or one of {known}, got {state['weight']!r}")
        pinned = state["pinned"]
        if pinned is not None and (type(pinned) is not int or not 0 <= pinned <= 575):
            raise ValueError(f"pinned must be None or an integer from 0 to 575, got {pinned!r}")
        axes = (state[name] for name in ("kernel_size", "stride", "padding", "dilation"))
        alike = state["height"] == state["width"] and not any(isinstance(a, list) for a in axes)
        state["linked"] = state["linked"] and alike
        return state

    @property
    def input(self) -> list[list[float]]:
        """The input's values, shape (height, width)."""
        state = self.state
        return state["x"] or input_values(state["height"], state["width"])

    @property
    def kernel(self) -> list[list[float]]:
        """The kernel's values as stored, shape (U, V)."""
        state = self.state
        if isinstance(state["weight"], str):
            return kernel_values(state["weight"], *_pair(state["kernel_size"]))
        return state["weight"]

    def paddings(self) -> tuple[int, int]:
        """Return the zeros on each side of the rows and of the columns.

        Returns
        -------
        tuple of int
            Rows, columns.

        Raises
        ------
        ValueError
            If the padding is "same" and the window's reach is even.

        Examples
        --------
        >>> ConvStepper(padding="same", kernel_size=5).paddings()
        (2, 2)
        """
        state = self._state
        if not isinstance(state["padding"], str):
            return _pair(state["padding"])
        axes = zip(_pair(state["kernel_size"]), _pair(state["dilation"]), strict=True)
        rows, columns = (arithmetic.padding_for(state["padding"], k, d) for k, d in axes)
        return rows, columns

    def output_size(self) -> tuple[int, int]:
        """Return the rows and columns of the output.

        Returns
        -------
        tuple of int
            Rows, columns.

        Raises
        ------
        ValueError
            If the settings leave no output.

        Examples
        --------
        >>> ConvStepper(height=8, width=8, padding=1, stride=2).output_size()
        (4, 4)
        """
        state, padding = self._state, self.paddings()
        axes = [_pair(state[name]) for name in ("kernel_size", "stride")]
        dilation = _pair(state["dilation"])
        sizes = zip((state["height"], state["width"]), *axes, padding, dilation, strict=True)
        rows, columns = (arithmetic.output_size(*size) for size in sizes)
        return rows, columns

    def describe(self) -> Text:
        """Return the text that stands where no program may run."""
        height, width = self._state["height"], self._state["width"]
        rows, columns = _pair(self._state["kernel_size"])
        try:
            m, n = self.output_size()
            english, chinese = f"gives {m} × {n} outputs", f"得到 {m} × {n} 个输出"
        except ValueError as error:
            english, chinese = f"gives no output: {error}", "没有输出"
        return (
            f"Convolution stepper: a {rows} × {columns} kernel slides over a {height} × {width} "
            f"input and {english}. Interactive on the website and in a running notebook.",
            f"卷积演示：{rows} × {columns} 的卷积核在 {height} × {width} 的输入上滑动，{chinese}。"
            "在网站上或运行中的 notebook 里可以操作。",
        )


def _pair(value: int | list[int]) -> tuple[int, int]:
    """Return a setting's numbers for rows and columns."""
    return (value[0], value[1]) if isinstance(value, list) else (value, value)
