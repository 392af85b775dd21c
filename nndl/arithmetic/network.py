"""The cost of a whole network, layer by layer: shapes, parameters, operations, memory."""

from collections.abc import Mapping, Sequence
from math import prod

from nndl.arithmetic.checks import flag, integer, sequence
from nndl.arithmetic.costs import (
    conv_macs,
    conv_parameters,
    linear_macs,
    linear_parameters,
    norm_macs,
    norm_parameters,
)
from nndl.arithmetic.sizes import output_size

__all__ = [
    "LAYER_FIELDS",
    "NETWORKS",
    "check_layers",
    "network_cost",
    "network_memory",
    "network_totals",
]

#: Kind -> field -> (value of a new layer, least, greatest); bias is true or false
LAYER_FIELDS: dict[str, dict[str, tuple]] = {
    "conv": {
        "channels": (8, 1, 4096),
        "kernel_size": (3, 1, 31),
        "stride": (1, 1, 16),
        "padding": (0, 0, 15),
        "dilation": (1, 1, 16),
        "groups": (1, 1, 4096),
        "bias": (True, False, True),
    },
    "max_pool": {"kernel_size": (2, 1, 31), "stride": (2, 1, 16), "padding": (0, 0, 15)},
    "avg_pool": {"kernel_size": (2, 1, 31), "stride": (2, 1, 16), "padding": (0, 0, 15)},
    "global_pool": {},
    "norm": {},
    "relu": {},
    "flatten": {},
    "linear": {"features": (10, 1, 100_000), "bias": (True, False, True)},
}
# copies of the parameters that training keeps beside them: gradients, and the optimizer's state
KEPT = {"inference": (0, 0), "sgd": (1, 0), "momentum": (1, 1), "adam": (1, 2)}


def _conv(channels: int, kernel_size: int, **more: int) -> dict:
    return {"kind": "conv", "channels": channels, "kernel_size": kernel_size, **more}


def _pool(kind: str = "max_pool") -> dict:
    return {"kind": kind, "kernel_size": 2, "stride": 2}


def _linear(*features: int) -> list[dict]:
    return [{"kind": "linear", "features": count} for count in features]


def _vgg(*stages: tuple[int, int]) -> list[dict]:
    """Return stages of (convolutions, channels), each closed by a pooling."""
    layers: list[dict] = []
    for count, channels in stages:
        layers += [_conv(channels, 3, padding=1)] * count + [_pool()]
    return layers


def _separable(*channels: int) -> list[dict]:
    """Return depthwise 3 x 3 and pointwise 1 x 1 convolutions; each pair halves the map."""
    layers, depth = [_conv(channels[0], 3, stride=2, padding=1)], channels[0]
    for count in channels[1:]:
        layers += [_conv(depth, 3, stride=2, padding=1, groups=depth), _conv(count, 1)]
        depth = count
    return layers


_FLATTEN = {"kind": "flatten"}
_GLOBAL = {"kind": "global_pool"}
#: Well-known networks; activations such as ReLU are left out: they have no parameters and no
#: multiply-accumulates, and can be computed in place.
NETWORKS: dict[str, dict] = {
    "lenet": {
        "input_shape": [1, 32, 32],
        "layers": [
            _conv(6, 5), _pool(), _conv(16, 5), _pool("avg_pool"), _conv(120, 5),
            _FLATTEN, *_linear(84, 10),
        ],
    },
    "mlp": {"input_shape": [1, 32, 32], "layers": [_FLATTEN, *_linear(256, 128, 10)]},
    "digits": {
        "input_shape": [1, 8, 8],
        "layers": [
            _conv(16, 3, stride=2, padding=1), _conv(16, 3, padding=1), _conv(16, 3, padding=1),
            _FLATTEN, *_linear(10),
        ],
    },
    "vgg16": {
        "input_shape": [3, 224, 224],
        "layers": [
            *_vgg((2, 64), (2, 128), (3, 256), (3, 512), (3, 512)),
            _FLATTEN, *_linear(4096, 4096, 1000),
        ],
    },
    "separable": {
        "input_shape": [3, 224, 224],
        "layers": [*_separable(32, 64, 128, 256, 512), _GLOBAL, _FLATTEN, *_linear(1000)],
    },
}  # fmt: skip


def check_layers(
    layers: Sequence[Mapping], fields: Mapping[str, Mapping[str, tuple]] = LAYER_FIELDS
) -> list[dict]:
    """Return the layers with every field filled in.

    Parameters
    ----------
    layers : sequence of mapping
        Each with its "kind", one of `fields`, and that kind's fields; "channels", "features" and
        "kernel_size" must be given, the others have the usual defaults.
    fields : mapping
        Which kinds there are and what each may have, in the form of `LAYER_FIELDS`.

    Returns
    -------
    list of dict

    Raises
    ------
    ValueError
        If a kind or a field is unknown, or a value breaks its rule; the message begins with the
        layer's number, counted from 1.

    Examples
    --------
    >>> check_layers([{"kind": "max_pool", "kernel_size": 2}])
    [{'kind': 'max_pool', 'kernel_size': 2, 'stride': 2, 'padding': 0}]
    """
    tables = fields.values() if isinstance(fields, Mapping) else ()
    if not tables or not all(isinstance(table, Mapping) for table in tables):
        raise ValueError(f"fields must be as LAYER_FIELDS, got {fields!r}")
    if not isinstance(layers, (list, tuple)):
        raise ValueError(f"layers must be a list of layers, got {layers!r}")
    return [_check_layer(f"layer {i}", layer, fields) for i, layer in enumerate(layers, start=1)]


def _check_layer(at: str, layer: Mapping, fields: Mapping[str, Mapping[str, tuple]]) -> dict:
    """Return one layer with every field filled in; `at` names it in a refusal."""
    kind = layer.get("kind") if isinstance(layer, Mapping) else None
    if not isinstance(kind, str) or kind not in fields:
        raise ValueError(f"{at}: kind must be one of {', '.join(fields)}, got {kind!r}")
    known = fields[kind]
    for name in layer:
        if name != "kind" and name not in known:
            raise ValueError(f"{at}: {kind} has no field {name}")
    full = {"kind": kind}
    for name, (default, least, greatest) in known.items():
        if name not in layer and name in ("channels", "features", "kernel_size"):
            raise ValueError(f"{at}: {kind} needs {name}")
        value = layer.get(name, default)
        if name == "bias":
            flag(f"{at}: bias", value)
        else:
            value = integer(f"{at}: {name}", value, least)
            if value > greatest:
                raise ValueError(f"{at}: {name} must be at most {greatest}, got {value}")
        full[name] = value
    return full


def network_cost(layers: Sequence[Mapping], input_shape: Sequence[int]) -> list[dict]:
    """Return the cost of each layer of a network, for one sample.

    Parameters
    ----------
    layers : sequence of mapping
        As for `check_layers`.
    input_shape : sequence of int
        (channels, height, width), or (features,).

    Returns
    -------
    list of dict
        For each layer: "kind", "shape" (of its output), "parameters", "macs" and "activations"
        (numbers in its output); see `network_totals` for their sums.

    Raises
    ------
    ValueError
        If a layer cannot take what comes before it; the message begins with the layer's number.

    Notes
    -----
    A bias is added, not multiplied, and a pooling has no weights: neither counts here.
    PaddlePaddle's counter adds one operation for each output of a convolution with a bias and of
    an average pooling. For LeNet-5 it so reports 416,520 + 6,424 + 400 = 423,344.

    Examples
    --------
    >>> rows = network_cost([{"kind": "conv", "channels": 6, "kernel_size": 5}], [1, 32, 32])
    >>> rows[0]["shape"], rows[0]["parameters"], rows[0]["macs"]
    ([6, 28, 28], 156, 117600)
    >>> network_cost([{"kind": "linear", "features": 10}], [1, 32, 32])
    Traceback (most recent call last):
    ...
    ValueError: layer 1: linear needs a vector, put flatten before it, got [1, 32, 32]
    """
    if not isinstance(input_shape, (list, tuple)) or len(input_shape) not in (1, 3):
        raise ValueError(f"input_shape must have 1 or 3 numbers, got {input_shape!r}")
    shape = [integer("input_shape", size) for size in input_shape]
    rows = []
    for number, layer in enumerate(check_layers(layers), start=1):
        try:
            shape, parameters, macs = _layer_cost(layer, shape)
        except ValueError as error:
            raise ValueError(f"layer {number}: {error}") from None
        # a copy: several layers may leave the shape as it is
        row = {"kind": layer["kind"], "shape": [*shape], "parameters": parameters, "macs": macs}
        rows.append({**row, "activations": prod(shape)})
    return rows


def _layer_cost(layer: Mapping, shape: list[int]) -> tuple[list[int], int, int]:
    """Return output shape, parameters and multiply-accumulates of one layer."""
    kind = layer["kind"]
    if kind == "relu":
        return shape, 0, 0
    if kind == "flatten":
        return [prod(shape)], 0, 0
    if kind == "norm":
        return shape, norm_parameters(shape[0]), norm_macs(prod(shape))
    if kind == "linear":
        if len(shape) != 1:
            raise ValueError(f"linear needs a vector, put flatten before it, got {shape}")
        features = layer["features"]
        parameters = linear_parameters(shape[0], features, layer["bias"])
        return [features], parameters, linear_macs(shape[0], features)
    if len(shape) != 3:
        raise ValueError(f"{kind} needs channels, height and width, got {shape}")
    if kind == "global_pool":
        return [shape[0], 1, 1], 0, 0
    window = (layer["kernel_size"], layer["stride"], layer["padding"], layer.get("dilation", 1))
    maps = [output_size(size, *window) for size in shape[1:]]
    if kind != "conv":
        if 2 * layer["padding"] > layer["kernel_size"]:
            raise ValueError(
                "padding must be at most half of kernel_size in pooling, got padding "
                f"{layer['padding']} and kernel_size {layer['kernel_size']}"
            )
        return [shape[0], *maps], 0, 0
    channels = (shape[0], layer["channels"], layer["kernel_size"])
    parameters = conv_parameters(*channels, layer["groups"], layer["bias"])
    macs = conv_macs(*channels, (maps[0], maps[1]), layer["groups"])
    return [layer["channels"], *maps], parameters, macs


def network_totals(rows: Sequence[Mapping]) -> dict[str, int]:
    """Return the sums over all layers, for one sample.

    Parameters
    ----------
    rows : sequence of mapping
        From `network_cost`, or counted from a model by :func:`nndl.profile.count`.

    Returns
    -------
    dict
        "parameters"; "macs", normalizations among them; "macs_without_norms", which is what
        published tables give; and "activations".

    Examples
    --------
    >>> layers = [{"kind": "conv", "channels": 6, "kernel_size": 5}, {"kind": "norm"}]
    >>> totals = network_totals(network_cost(layers, [1, 32, 32]))
    >>> totals["macs"], totals["macs_without_norms"]
    (122304, 117600)
    """
    names = ("parameters", "macs", "activations")
    totals = {name: sum(row[name] for row in _checked(rows)) for name in names}
    return totals | {"macs_without_norms": sum(r["macs"] for r in rows if r["kind"] != "norm")}


def _checked(rows: Sequence[Mapping]) -> Sequence[Mapping]:
    """Return rows, or refuse what `network_cost` has not made."""
    known = {"kind", "parameters", "macs", "activations"}
    for row in sequence("rows", rows):
        if not (isinstance(row, Mapping) and known <= row.keys()):
            raise ValueError(f"rows must come from network_cost, got {row!r} among them")
    return rows


def network_memory(
    rows: Sequence[Mapping],
    input_shape: Sequence[int],
    mode: str = "inference",
    number_bytes: int = 4,
    batch_size: int = 1,
) -> dict:
    """Return the memory of a network in bytes.

    Parameters
    ----------
    rows : sequence of mapping
        From `network_cost`.
    input_shape : sequence of int
        As given to `network_cost`.
    mode : {"inference", "sgd", "momentum", "adam"}
        Prediction, or training with an optimizer. Training keeps a gradient for each parameter,
        the optimizer's state (momentum: one number, Adam: two) and every layer's output until the
        backward pass; prediction needs a layer's input and output at a time.
    number_bytes : int
        4 for float32, 2 for float16 throughout.
    batch_size : int
        Samples at once.

    Returns
    -------
    dict
        "layers": for each layer [parameters, gradients, optimizer state, output];
        "total": what is needed at once.

    Raises
    ------
    ValueError
        If an argument breaks its rule.

    Examples
    --------
    >>> rows = network_cost([{"kind": "linear", "features": 2}], [3])
    >>> network_memory(rows, [3], "adam")
    {'layers': [[32, 32, 64, 8]], 'total': 148}
    """
    if not isinstance(mode, str) or mode not in KEPT:
        raise ValueError(f"mode must be one of {', '.join(KEPT)}, got {mode!r}")
    gradients, states = KEPT[mode]
    number_bytes = integer("number_bytes", number_bytes)
    input_shape = [integer("input_shape", size) for size in sequence("input_shape", input_shape)]
    sample = number_bytes * integer("batch_size", batch_size)
    layers = []
    for row in _checked(rows):
        weights = row["parameters"] * number_bytes
        output = row["activations"] * sample
        layers.append([weights, gradients * weights, states * weights, output])
    outputs = [prod(input_shape) * sample, *(layer[3] for layer in layers)]
    kept = sum(sum(layer[:3]) for layer in layers)
    if mode == "inference":
        pairs = zip(outputs, [*outputs[1:], 0], strict=True)
        return {"layers": layers, "total": kept + max(a + b for a, b in pairs)}
    return {"layers": layers, "total": kept + sum(outputs)}
