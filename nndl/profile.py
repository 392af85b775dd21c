"""What a model costs, counted while it runs: shapes, parameters, multiply-accumulates a layer."""

from collections.abc import Sequence
from functools import partial
from math import prod
from typing import Any

from nndl import layers
from nndl.arithmetic import conv_macs, linear_macs, norm_macs
from nndl.arithmetic.checks import integer
from nndl.device import paddle

__all__ = ["count"]

nn = paddle.nn
#: Kind, as `nndl.arithmetic.network_cost` calls it -> the layers that are of it.
KINDS: dict[str, tuple[type, ...]] = {
    "conv": (nn.Conv2D, layers.Conv2D),
    "max_pool": (nn.MaxPool2D, layers.MaxPool2D),
    "avg_pool": (nn.AvgPool2D, layers.AvgPool2D),
    "global_pool": (nn.AdaptiveAvgPool2D, layers.GlobalAvgPool2D),
    "norm": (nn.BatchNorm2D, layers.BatchNorm2D, nn.LayerNorm, layers.LayerNorm),
    "relu": (nn.ReLU,),
    "flatten": (nn.Flatten,),
    "linear": (nn.Linear,),
}


def _kind(layer: paddle.nn.Layer) -> str:
    """Return the kind of a layer, or the name of its class if it is of none."""
    for kind, classes in KINDS.items():
        if isinstance(layer, classes):
            return kind
    return type(layer).__name__


def _macs(kind: str, layer: Any, x: Any, shape: list[int]) -> int:
    """Return the multiply-accumulates of one sample; `shape` is that of the output."""
    if kind == "conv":
        outputs, inputs, *kernel = layer.weight.shape  # (P, D / groups, U, V)
        channels = x.shape[1]
        return conv_macs(channels, outputs, tuple(kernel), tuple(shape[1:]), channels // inputs)
    if kind == "linear":
        return linear_macs(*layer.weight.shape) * prod(shape[:-1])
    return norm_macs(prod(shape)) if kind == "norm" else 0


def count(model: paddle.nn.Layer, input_shape: Sequence[int]) -> list[dict]:
    """Return the cost of each layer of a model, for one sample, by running the model once.

    It counts in the sense of :func:`nndl.arithmetic.network_cost`, which knows the same from the
    settings alone, and :func:`nndl.arithmetic.network_totals` adds the rows up. The layers may be
    Paddle's or those of :mod:`nndl.layers`. The model is left as it was.

    Parameters
    ----------
    model : paddle.nn.Layer
        Takes one batch of real numbers.
    input_shape : sequence of int
        Of one sample: (channels, height, width), or (features,).

    Returns
    -------
    list of dict
        In the order in which the layers run: "name" in the model, "kind", "shape" of the output,
        "parameters" (those that are learned, at the first run of a layer that runs twice), "macs"
        and "activations" (numbers in the output).

    Raises
    ------
    ValueError
        If the model has parameters that no layer of a known kind used: the sums would be wrong.

    Examples
    --------
    >>> from nndl.arithmetic import network_totals
    >>> from nndl.models import LeNet
    >>> rows = count(LeNet(), [1, 32, 32])
    >>> rows[0]["name"], rows[0]["shape"], rows[0]["macs"]
    ('conv1', [6, 28, 28], 117600)
    >>> network_totals(rows)["macs"]
    416520
    """
    shape = [integer("input_shape", size) for size in input_shape]
    rows, left = [], {id(p): n for n, p in model.named_parameters() if not p.stop_gradient}

    def after(name: str, layer: Any, inputs: tuple, output: Any) -> None:
        if not isinstance(output, paddle.Tensor):  # a recurrent layer's: of no kind known here
            return
        kind, outputs = _kind(layer), list(output.shape[1:])
        new = [p for p in layer.parameters() if id(p) in left] if kind in KINDS else []
        for parameter in new:
            del left[id(parameter)]
        row = {"name": name, "kind": kind, "shape": outputs}
        row["parameters"] = sum(parameter.size for parameter in new)
        row["macs"] = _macs(kind, layer, inputs[0], outputs)
        rows.append({**row, "activations": prod(outputs)})

    parts = list(model.named_sublayers(include_self=True))
    modes = [(layer, layer.training) for _, layer in parts]
    hooks = [
        layer.register_forward_post_hook(partial(after, name))
        for name, layer in parts
        if not list(layer.children())
    ]
    dtype = next((p.dtype for p in model.parameters()), None)
    try:
        model.eval()
        with paddle.no_grad():
            model(paddle.zeros([1, *shape], dtype=dtype))
    finally:
        for hook in hooks:
            hook.remove()
        for layer, training in modes:
            layer.training = training
    if left:
        raise ValueError(
            "model must use each parameter in a layer of a known kind "
            f"({', '.join(KINDS)}), but not so {', '.join(left.values())}"
        )
    return rows
