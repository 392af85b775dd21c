"""The transposed-convolution explorer: the wiring of a convolution, run backwards."""

from nndl import arithmetic
from nndl.widgets.base import Explorer
from nndl.widgets.schema import Text, check_matrix, choice, data, integer, switch
from nndl.widgets.transposed_words import STRINGS

FIRST_X, FIRST_W = (2, 1, 3, 1, 2), (1, 3, 2, 1, 2)  # what stands there until it is changed


def transposed_terms(
    input_size: int,
    kernel_size: int,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    output_padding: int = 0,
) -> list[list[list[int]]]:
    """Return what each output of a transposed convolution along one axis sums up.

    Parameters
    ----------
    input_size, kernel_size, stride, padding, dilation, output_padding : int
        As for `nndl.arithmetic.transposed_output_size`.

    Returns
    -------
    list of list of [int, int]
        For each output the pairs (input, weight) whose products it sums; their number is how often
        stamps overlap there.

    Raises
    ------
    ValueError
        If an argument breaks its rule, or nothing is left of the output.

    Examples
    --------
    >>> transposed_terms(2, 3, stride=2)[2]
    [[0, 2], [1, 0]]
    >>> [len(terms) for terms in transposed_terms(3, 3, stride=2)]
    [1, 1, 2, 1, 2, 1, 1]
    """
    size = arithmetic.transposed_output_size(
        input_size, kernel_size, stride, padding, dilation, output_padding
    )
    terms: list[list[list[int]]] = [[] for _ in range(size)]
    for place in range(input_size):
        for tap in range(kernel_size):
            output = place * stride + tap * dilation - padding
            if 0 <= output < size:
                terms[output].append([place, tap])
    return terms


def stamp_rhythm(kernel_size: int, stride: int, dilation: int = 1) -> list[int]:
    """Return how many stamps reach the outputs far from the border, in turn.

    Parameters
    ----------
    kernel_size, stride, dilation : int
        As for `nndl.arithmetic.transposed_output_size`.

    Returns
    -------
    list of int
        One number for each of `stride` neighboring outputs. Where they differ, the output has a
        checkerboard pattern even if input and kernel are flat; at dilation 1 they are equal exactly
        when the stride divides the kernel size.

    References
    ----------
    A. Odena, V. Dumoulin and C. Olah, "Deconvolution and checkerboard artifacts", Distill, 2016.

    Examples
    --------
    >>> stamp_rhythm(3, 2), stamp_rhythm(4, 2)
    ([2, 1], [2, 2])
    """
    rhythm = [0] * stride
    for tap in range(kernel_size):
        rhythm[tap * dilation % stride] += 1
    return rhythm


class TransposedConv(Explorer):
    """Show a transposed convolution along one axis, beside the direct one that it runs backwards.

    Parameters
    ----------
    input_size : int
        Length of the input of the transposed convolution, 1 to 5.
    kernel_size : int
        1 to 5.
    stride : int
        Stride of the direct convolution, 1 to 3.
    padding : int
        Padding of the direct convolution, 0 to 4: cells cut off each side here.
    dilation : int
        1 or 2.
    output_padding : int
        Cells added at the end, 0 to 2 and smaller than the stride.
    x, weight : list of float, optional
        Values of the input and of the kernel; their lengths set `input_size` and `kernel_size`.
    view : str
        "stamp" (stamp and add), "zeros" (zeros put between, then an ordinary convolution) or
        "matrix" (the matrix of the direct convolution, transposed).
    position : int
        Which output is shown.
    predict : bool
        Whether the answer is hidden until the reader has guessed the output's size.

    Raises
    ------
    TypeError
        If an argument's name is unknown.
    ValueError
        If a value breaks its rule. A padding that leaves nothing is allowed: the explorer says so.

    Examples
    --------
    >>> TransposedConv(x=[1, 1], weight=[1, 2, 3], stride=2).output()
    [1, 2, 4, 2, 3]
    >>> TransposedConv(output_padding=2)
    Traceback (most recent call last):
        ...
    ValueError: output_padding must be smaller than stride, got 2 with stride 2
    """

    kind = "transposed"
    title = ("Transposed convolution", "转置卷积")
    parts = ("grid", "facts", "transposed_model", "transposed_views")
    constants = {"x": FIRST_X, "weight": FIRST_W}  # noqa: RUF012 - a class's constant
    schema = {  # noqa: RUF012 - a class's constant
        "input_size": integer(4, 1, 5, ("Input size", "输入大小")),
        "kernel_size": integer(3, 1, 5, ("Kernel", "卷积核")),
        "stride": integer(2, 1, 3, ("Stride", "步长")),
        "padding": integer(0, 0, 4, ("Padding", "填充")),
        "dilation": integer(1, 1, 2, ("Dilation", "空洞率")),
        "output_padding": integer(0, 0, 2, ("Output padding", "输出填充")),
        "x": data(None),
        "weight": data(None),
        "view": choice(
            "stamp",
            {
                "stamp": ("Stamps", "盖章"),
                "zeros": ("Zeros between", "插零"),
                "matrix": ("Matrix", "矩阵"),
            },
            ("View", "视图"),
        ),
        "position": integer(2, 0, 22),
        "predict": switch(False),
    }
    strings = STRINGS

    @classmethod
    def complete(cls, settings: dict) -> dict:
        """Let values that are given set the size, unless the size is given too."""
        full = dict(settings)
        for name, size in (("x", "input_size"), ("weight", "kernel_size")):
            if full.get(name) is not None:
                [full[name]] = check_matrix(name, [full[name]], (1, 1), (1, 5))
                full.setdefault(size, len(full[name]))
        return full

    @classmethod
    def check(cls, state: dict) -> dict:
        """Hold the values to their sizes and the output padding below the stride."""
        if state["output_padding"] >= state["stride"]:
            raise ValueError(
                f"output_padding must be smaller than stride, got {state['output_padding']} with "
                f"stride {state['stride']}"
            )
        for name, size in (("x", "input_size"), ("weight", "kernel_size")):
            if state[name] is not None:
                [state[name]] = check_matrix(name, [state[name]], (1, 1), (state[size],) * 2)
        return state

    def terms(self) -> list[list[list[int]]]:
        """Return what each output sums; see `transposed_terms`.

        Returns
        -------
        list of list of [int, int]

        Raises
        ------
        ValueError
            If nothing is left of the output.

        Examples
        --------
        >>> len(TransposedConv().terms())
        9
        """
        names = ("input_size", "kernel_size", "stride", "padding", "dilation", "output_padding")
        return transposed_terms(*(self._state[name] for name in names))

    def output(self) -> list[float]:
        """Return the values of the output.

        Returns
        -------
        list of float

        Raises
        ------
        ValueError
            If nothing is left of the output.

        Examples
        --------
        >>> TransposedConv(x=[1], weight=[5, 6], stride=2).output()
        [5, 6]
        """
        x, w = self._state["x"] or FIRST_X, self._state["weight"] or FIRST_W
        return [sum(x[place] * w[tap] for place, tap in pairs) for pairs in self.terms()]

    def describe(self) -> Text:
        """Return the text that stands where no program may run."""
        state = self._state
        try:
            size = len(self.terms())
            english, chinese = f"gives {size} outputs", f"得到 {size} 个输出"
        except ValueError as error:
            english, chinese = f"gives no output: {error}", "没有输出"
        return (
            f"Transposed convolution: {state['input_size']} inputs, kernel "
            f"{state['kernel_size']}, stride {state['stride']}, {english}. Interactive on the "
            "website and in a running notebook.",
            f"转置卷积：输入 {state['input_size']} 个，核长 {state['kernel_size']}，步长 "
            f"{state['stride']}，{chinese}。在网站上或运行中的 notebook 里可以操作。",
        )
