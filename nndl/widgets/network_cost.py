"""The network-cost explorer: where a network's parameters, operations and memory are."""

from nndl import arithmetic
from nndl.widgets.base import Explorer
from nndl.widgets.network_words import STRINGS
from nndl.widgets.schema import Text, choice, data, integer, switch

LIMIT = 40  # layers of a stack
NAMES: dict[str, Text] = {
    "lenet": ("LeNet-5", "LeNet-5"),
    "mlp": ("Fully connected", "全连接网络"),
    "digits": ("Small, strided", "小型步长卷积网络"),
    "vgg16": ("VGG-16", "VGG-16"),
    "separable": ("Depthwise separable", "深度可分离"),
    "own": ("My own", "自定义"),
}
BATCHES = {str(size): (str(size), str(size)) for size in (1, 8, 32, 64, 128, 256)}


class NetworkCost(Explorer):
    """Show what each layer of a network costs, and edit the network.

    Parameters
    ----------
    preset : str
        "lenet", "mlp", "digits", "vgg16", "separable", or "own" with `layers`.
    layers : list of dict, optional
        An own stack, as `nndl.arithmetic.check_layers` takes it; sets `preset` to "own".
    input_shape : sequence of int, optional
        (channels, height, width); a preset's own by default.
    quantity : str
        What the bars show: "parameters", "macs", "activations" or "memory".
    order : str
        "network" (as built) or "size" (largest first).
    mode : str
        "inference", "sgd", "momentum" or "adam": what memory has to hold.
    number_type : str
        "float32" or "float16".
    batch_size : str
        Samples at once: "1", "8", "32", "64", "128" or "256".
    selected : int
        Which layer is open for editing, counted from 0.
    predict : bool
        Whether the costs are hidden until the reader has guessed the largest.

    Raises
    ------
    TypeError
        If an argument's name is unknown.
    ValueError
        If a value breaks its rule. A stack that cannot be is allowed: the explorer says where.

    Examples
    --------
    >>> cost = NetworkCost(preset="vgg16")
    >>> cost.totals()["parameters"]
    138357544
    >>> NetworkCost(layers=[{"kind": "linear", "features": 3}], input_shape=[4]).state["preset"]
    'own'
    """

    kind = "network_cost"
    title = ("What a network costs", "网络的代价")
    parts = ("network", "network_views", "network_editor")
    constants = {  # noqa: RUF012 - a class's constant
        "fields": arithmetic.LAYER_FIELDS,
        "networks": arithmetic.NETWORKS,
        "limit": LIMIT,
    }
    schema = {  # noqa: RUF012 - a class's constant
        "preset": choice("lenet", NAMES, ("Network", "网络")),
        "layers": data(None),
        "input_shape": data(None),
        "quantity": choice(
            "parameters",
            {
                "parameters": ("Parameters", "参数"),
                "macs": ("MACs", "乘加"),
                "activations": ("Activations", "激活值"),
                "memory": ("Memory", "内存"),
            },
            ("Show", "显示"),
        ),
        "order": choice(
            "network",
            {"network": ("as built", "按层序"), "size": ("by size", "按大小")},
            ("Order", "顺序"),
        ),
        "mode": choice(
            "inference",
            {
                "inference": ("prediction", "预测"),
                "sgd": ("training, SGD", "训练：SGD"),
                "momentum": ("training, momentum", "训练：动量法"),
                "adam": ("training, Adam", "训练：Adam"),
            },
            ("Use", "用途"),
        ),
        "number_type": choice(
            "float32",
            {"float32": ("float32", "float32"), "float16": ("float16", "float16")},
            ("Numbers", "数值类型"),
        ),
        "batch_size": choice("1", BATCHES, ("Batch", "批量大小")),
        "selected": integer(0, 0, LIMIT - 1),
        "predict": switch(False),
    }
    strings = STRINGS

    @classmethod
    def complete(cls, settings: dict) -> dict:
        """Let layers that are given be the network; a preset beside them would be ignored."""
        if settings.get("layers") is None:
            return settings
        preset = settings.get("preset", "own")
        if preset != "own":
            raise ValueError(f"layers need preset to be 'own' or left out, got {preset!r}")
        return {**settings, "preset": "own"}

    @classmethod
    def check(cls, state: dict) -> dict:
        """Hold the stack to its rules; a preset has its own layers."""
        if state["preset"] != "own":
            state["layers"] = None
        elif state["layers"] in (None, []):
            raise ValueError("layers must be a list of layers when preset is 'own', got none")
        else:
            state["layers"] = arithmetic.check_layers(state["layers"])
            if len(state["layers"]) > LIMIT:
                raise ValueError(f"layers must be at most {LIMIT}, got {len(state['layers'])}")
        shape = state["input_shape"]
        if shape is not None:
            whole = isinstance(shape, list) and len(shape) in (1, 3)
            if not whole or not all(type(n) is int and 1 <= n <= 4096 for n in shape):
                raise ValueError(
                    f"input_shape must be 1 or 3 integers from 1 to 4096, got {shape!r}"
                )
        elif state["preset"] == "own":
            state["input_shape"] = list(arithmetic.NETWORKS["lenet"]["input_shape"])
        return state

    def stack(self) -> tuple[list[dict], list[int]]:
        """Return the layers and the input's shape.

        Returns
        -------
        layers : list of dict
        input_shape : list of int

        Examples
        --------
        >>> NetworkCost().stack()[1]
        [1, 32, 32]
        """
        preset = arithmetic.NETWORKS.get(self._state["preset"], {})
        layers = self._state["layers"] or preset["layers"]
        shape = self._state["input_shape"] or preset["input_shape"]
        return arithmetic.check_layers(layers), list(shape)

    def totals(self) -> dict[str, int]:
        """Return the sums over all layers, for one sample, and the memory in bytes.

        Returns
        -------
        dict
            "parameters", "macs" (of them "macs_without_norms"), "activations", "memory".

        Raises
        ------
        ValueError
            If the stack cannot be.

        Examples
        --------
        >>> NetworkCost().totals()["macs"]
        416520
        """
        layers, shape = self.stack()
        rows = arithmetic.network_cost(layers, shape)
        totals = arithmetic.network_totals(rows)
        state = self._state
        size = {"float32": 4, "float16": 2}[state["number_type"]]
        memory = arithmetic.network_memory(
            rows, shape, state["mode"], size, int(state["batch_size"])
        )
        return {**totals, "memory": memory["total"]}

    def describe(self) -> Text:
        """Return the text that stands where no program may run."""
        names = NAMES[self._state["preset"]]
        try:
            sums = self.totals()
            english = f"{sums['parameters']:,} parameters, {sums['macs']:,} multiply-accumulates"
            chinese = f"参数 {sums['parameters']:,} 个，乘加 {sums['macs']:,} 次"
            if (rest := sums["macs_without_norms"]) != sums["macs"]:
                english += f", without normalizations {rest:,}"
                chinese += f"，不计归一化为 {rest:,} 次"
        except ValueError as error:
            english, chinese = f"no output: {error}", "没有输出"
        return (
            f"Network cost, {names[0]}: {english}. Interactive on the website and in a running "
            "notebook.",
            f"网络的代价，{names[1]}：{chinese}。在网站上或运行中的 notebook 里可以操作。",
        )
