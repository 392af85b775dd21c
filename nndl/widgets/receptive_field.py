"""The receptive-field explorer: what a unit sees of the input, traced through a stack of layers."""

from collections.abc import Mapping

from nndl import arithmetic
from nndl.widgets.base import Explorer
from nndl.widgets.receptive_words import NAMES, STRINGS
from nndl.widgets.schema import Text, check_matrix, choice, data, integer, switch

LIMIT = 40  # layers of a stack
LARGEST_INPUT = 256
FINEST = 64  # rows of a measured field that are kept
SHADES = 255
# two standard deviations of a Gaussian hold 95.45 % of it
MEASURED_FROM = 0.0455
#: As `nndl.arithmetic.LAYER_FIELDS`, of what moves a receptive field
FIELDS: dict[str, dict[str, tuple]] = {
    "conv": {
        "kernel_size": (3, 1, 31),
        "stride": (1, 1, 16),
        "padding": (0, 0, 32),
        "dilation": (1, 1, 32),
    },
    "max_pool": {"kernel_size": (2, 1, 31), "stride": (2, 1, 16), "padding": (0, 0, 15)},
    "avg_pool": {"kernel_size": (2, 1, 31), "stride": (2, 1, 16), "padding": (0, 0, 15)},
}


def _conv(kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> dict:
    window = {"kernel_size": kernel_size, "stride": stride, "padding": padding}
    return {"kind": "conv", **window, "dilation": dilation}


def _trunk(name: str) -> dict:
    """Return the layers with windows of one of the arithmetic's networks."""
    network = arithmetic.NETWORKS[name]
    layers = [
        {key: value for key, value in layer.items() if key == "kind" or key in fields}
        for layer in network["layers"]
        if (fields := FIELDS.get(layer["kind"]))
    ]
    return {"input_size": network["input_shape"][1], "layers": layers}


STACKS: dict[str, dict] = {
    "three": {"input_size": 15, "layers": [_conv(3)] * 3},
    "lenet": _trunk("lenet"),
    "vgg16": _trunk("vgg16"),
    # the longest path: its branches are shortcuts, which see less
    "resnet18": {
        "input_size": 224,
        "layers": [
            _conv(7, 2, 3),
            {"kind": "max_pool", "kernel_size": 3, "stride": 2, "padding": 1},
            *[_conv(3, 1, 1)] * 4,
            *([_conv(3, 2, 1)] + [_conv(3, 1, 1)] * 3) * 3,
        ],
    },
    "dilated": {"input_size": 40, "layers": [_conv(3, 1, d, d) for d in (1, 2, 4, 8)]},
}


def measured_cells(values: list[list[float]]) -> int:
    """Return how many numbers of a measured field are above 4.55 % of its largest.

    Parameters
    ----------
    values : list of list of float
        Numbers of at least 0.

    Returns
    -------
    int
        The field's size in cells, as Luo et al. count it: beyond two standard deviations of a
        Gaussian 4.55 % are left.

    References
    ----------
    W. Luo, Y. Li, R. Urtasun and R. Zemel, "Understanding the effective receptive field in deep
    convolutional neural networks", NeurIPS, 2016.

    Examples
    --------
    >>> measured_cells([[0, 1, 2], [10, 100, 10], [0, 4, 5]])
    4
    """
    largest = max(max(row) for row in values)
    return sum(value > MEASURED_FROM * largest for row in values for value in row)


def _shades(effective: list[list[float]]) -> list[list[int]]:
    """Return absolute values from 0 to 255, averaged in blocks to at most 64 rows."""
    size = len(effective)
    block = -(-size // FINEST)
    starts = range(0, size, block)
    means = [[_mean(effective, row, column, block) for column in starts] for row in starts]
    largest = max(map(max, means))
    if largest == 0:
        raise ValueError("effective must have an entry that is not 0")
    return [[round(SHADES * mean / largest) for mean in row] for row in means]


def _mean(matrix: list[list[float]], row: int, column: int, block: int) -> float:
    """Return the mean absolute value of a block; the last ones may be smaller."""
    values = [abs(v) for line in matrix[row : row + block] for v in line[column : column + block]]
    return sum(values) / len(values)


class ReceptiveField(Explorer):
    """Trace what a unit sees of the input, and what it is seen by, through a stack of layers.

    Parameters
    ----------
    preset : str
        "three" (three 3 x 3 layers), "lenet", "vgg16", "resnet18", "dilated", or "own" with
        `layers`.
    layers : list, optional
        An own stack: (kernel_size, stride, padding, dilation) for a convolution, or a mapping with
        "kind" ("conv", "max_pool" or "avg_pool") and these fields; sets `preset` to "own".
    input_size : int, optional
        Rows and columns of the input; a preset's own by default.
    level : int or str
        Which layer's unit is traced, counted from 1; 0 is the input, "last" the last layer.
    unit : (int, int), optional
        Row and column of the unit in its map; the middle one by default.
    cone : str
        "backward" (what the unit sees), "forward" (what sees it) or "both".
    effective : array_like, optional
        A measured field of this unit: the gradient of the unit with respect to each position of
        the input, rows and columns as many as the input's. Its absolute values are shown over the
        input while this unit of this stack is traced.
    measured : bool
        Whether the measured field is shown, if there is one.
    predict : bool
        Whether the receptive field is hidden until the reader has guessed it.

    Raises
    ------
    TypeError
        If an argument's name is unknown.
    ValueError
        If a value breaks its rule. A stack that cannot be is allowed: the explorer says where.

    Examples
    --------
    >>> ReceptiveField(preset="resnet18").fields()[-1]["field"]
    435
    >>> ReceptiveField(layers=[(3, 1, 0, 1), (3, 2, 0, 1)]).fields()[-1]
    {'size': 14, 'field': 5, 'jump': 2, 'start': 2.0}
    """

    kind = "receptive_field"
    title = ("Receptive field: what a unit sees", "感受野：一个单元看到什么")
    parts = (
        "network",
        "network_editor",
        "pictures",
        "receptive_model",
        "receptive_views",
        "receptive_list",
    )
    constants = {  # noqa: RUF012 - a class's constant
        "fields": FIELDS,
        "stacks": STACKS,
        "limit": LIMIT,
        "largest": LARGEST_INPUT,
        "from": MEASURED_FROM,
    }
    schema = {  # noqa: RUF012 - a class's constant
        "preset": choice("three", NAMES, ("Stack", "网络")),
        "layers": data(None),
        "input_size": data(None),
        "level": integer("last", 0, LIMIT, words={"last": ("last", "最后一层")}),
        "unit": data(None),
        "cone": choice(
            "both",
            {
                "backward": ("what it sees", "它看到的"),
                "forward": ("what sees it", "看到它的"),
                "both": ("both", "两者"),
            },
            ("Show", "显示"),
        ),
        "effective": data(None, page=True),
        "measured": switch(True, ("Measured field", "实测感受野")),
        "predict": switch(False),
    }
    strings = STRINGS

    @classmethod
    def complete(cls, settings: dict) -> dict:
        """Let layers that are given be the stack, and the measured field say the input's size."""
        settings = dict(settings)
        if settings.get("layers") is not None:
            if settings.setdefault("preset", "own") != "own":
                got = settings["preset"]
                raise ValueError(f"layers need preset to be 'own' or left out, got {got!r}")
            if isinstance(settings["layers"], (list, tuple)):
                settings["layers"] = [
                    layer if isinstance(layer, Mapping) else _from_window(f"layer {i}", layer)
                    for i, layer in enumerate(settings["layers"], start=1)
                ]
        effective = settings.get("effective")
        if isinstance(effective, (list, tuple)) or getattr(effective, "ndim", 0):
            settings.setdefault("input_size", len(effective) or 1)
        return settings

    @classmethod
    def check(cls, state: dict) -> dict:
        """Hold the stack, the unit and the measured field to their rules."""
        if state["preset"] != "own":
            state["layers"] = None
        elif state["layers"] in (None, []):
            raise ValueError("layers must be a list of layers when preset is 'own', got none")
        else:
            state["layers"] = arithmetic.check_layers(state["layers"], FIELDS)
            if len(state["layers"]) > LIMIT:
                raise ValueError(f"layers must be at most {LIMIT}, got {len(state['layers'])}")
        size, unit = state["input_size"], state["unit"]
        if size is not None and not (type(size) is int and 1 <= size <= LARGEST_INPUT):
            raise ValueError(f"input_size must be an integer from 1 to {LARGEST_INPUT}, got {size}")
        if unit is not None:
            pair = isinstance(unit, list) and len(unit) == 2
            if not pair or not all(type(n) is int and 0 <= n < LARGEST_INPUT for n in unit):
                raise ValueError(f"unit must be two integers of at least 0, got {unit!r}")
        effective = state["effective"]
        if isinstance(effective, list):
            state["effective"] = cls._measured(state, effective)
        elif effective is not None and not (
            isinstance(effective, dict) and set(effective) == {"values", "block", "of"}
        ):
            raise ValueError(f"effective must be a square matrix, got {effective!r}")
        return state

    @classmethod
    def _measured(cls, state: dict, effective: list) -> dict:
        """Return a measured field as the page holds it: its shades, and what it was measured of."""
        layers, size = cls._stack(state)
        matrix = check_matrix("effective", effective, (size, size), (size, size), 1e300)
        rows = _rows(layers, size)
        level = len(rows) if state["level"] == "last" else min(state["level"], len(rows))
        last = (rows[level - 1]["size"] if level else size) - 1
        unit = [min(n, last) for n in state["unit"] or [last // 2] * 2]
        windows = [_window(layer) for layer in layers[:level]]
        of = {"layers": windows, "input_size": size, "unit": unit}
        return {"values": _shades(matrix), "block": -(-size // FINEST), "of": of}

    @staticmethod
    def _stack(state: dict) -> tuple[list[dict], int]:
        """Return the layers, every field filled in, and the input's size."""
        preset = STACKS.get(state["preset"], {"input_size": 32})
        layers = state["layers"] or preset["layers"]
        return arithmetic.check_layers(layers, FIELDS), state["input_size"] or preset["input_size"]

    def stack(self) -> tuple[list[dict], int]:
        """Return the layers and the input's size.

        Returns
        -------
        layers : list of dict
        input_size : int

        Examples
        --------
        >>> ReceptiveField().stack()[1]
        15
        """
        return self._stack(self._state)

    def fields(self) -> list[dict]:
        """Return what `nndl.arithmetic` says of each layer, up to the first that cannot be.

        Returns
        -------
        list of dict
            "size" (rows and columns of the layer's map), "field", "jump", "start".

        Examples
        --------
        >>> [row["field"] for row in ReceptiveField().fields()]
        [3, 5, 7]
        """
        return _rows(*self.stack())

    def describe(self) -> Text:
        """Return the text that stands where no program may run."""
        names, rows = NAMES[self._state["preset"]], self.fields()
        seen = ", ".join(str(row["field"]) for row in rows)
        return (
            f"Receptive field, {names[0]}: layer by layer a unit sees {seen} rows and columns of "
            f"the input, which has {self.stack()[1]}. Interactive on the website and in a running "
            "notebook.",
            f"感受野，{names[1]}：各层的单元依次看到输入的 {seen} 行（列），"
            f"输入有 {self.stack()[1]} 行（列）。在网站上或运行中的 notebook 里可以操作。",
        )


def _from_window(at: str, window: object) -> dict:
    """Return a convolution from (kernel_size, stride, padding, dilation)."""
    if not isinstance(window, (list, tuple)) or not 1 <= len(window) <= 4:
        rule = "must be a mapping, or (kernel_size, stride, padding, dilation)"
        raise ValueError(f"{at} {rule}, got {window!r}")
    return {"kind": "conv", **dict(zip(FIELDS["conv"], window, strict=False))}


def _window(layer: dict) -> list[int]:
    """Return a layer as `nndl.arithmetic.receptive_field` takes it."""
    return [layer["kernel_size"], layer["stride"], layer["padding"], layer.get("dilation", 1)]


def _rows(layers: list[dict], size: int) -> list[dict]:
    """Return map size, field, jump and start of each layer up to the first that cannot be."""
    rows = []
    fields = arithmetic.receptive_field([_window(layer) for layer in layers])
    for layer, (field, jump, start) in zip(layers, fields, strict=True):
        if layer["kind"] != "conv" and 2 * layer["padding"] > layer["kernel_size"]:
            break  # some windows would hold nothing but padding
        try:
            size = arithmetic.output_size(size, *_window(layer))
        except ValueError:
            break
        rows.append({"size": size, "field": field, "jump": jump, "start": start})
    return rows
