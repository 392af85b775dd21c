"""The cost of a model, counted while it runs: what its operators do, a row for each layer."""

from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from typing import Any

from nndl import layers
from nndl.arithmetic import norm_macs
from nndl.arithmetic.checks import size
from nndl.device import paddle
from nndl.profile.operators import NORMS, PRODUCTS, Call
from nndl.profile.recording import Recorder, replaced

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
#: These normalize element by element, which no operator gives away.
NORMS_BY_HAND = (layers.BatchNorm2D, layers.LayerNorm)
#: Kept by a normalization, not learned: no parameters in any table.
STATISTICS = ("_mean", "_variance")


def _kind(layer: nn.Layer) -> str:
    """Return the kind of a layer, or the name of its class if it is of none."""
    for kind, classes in KINDS.items():
        if isinstance(layer, classes):
            return kind
    return type(layer).__name__


def _first_tensor(output: Any) -> Any:
    """Return the first tensor in what a layer returned, or None."""
    if isinstance(output, paddle.Tensor):
        return output
    if isinstance(output, dict):
        output = list(output.values())
    found = map(_first_tensor, output) if isinstance(output, (tuple, list)) else ()
    return next((tensor for tensor in found if tensor is not None), None)


class _Run:
    """One run of one layer, and the row that it becomes."""

    def __init__(self, name: str, layer: nn.Layer, event: Any) -> None:
        self.layer, self.event = layer, event
        self.row = {"name": name, "kind": _kind(layer), "shape": [], "parameters": 0, "macs": 0}
        self.row["activations"] = 0
        self.normalized: list[dict] = []  # a row for each normalization in it
        self.is_leaf, self.multiplies = True, False
        self.touched: list[nn.Layer] = []  # whose parameters it took by their names

    def add(self, name: str, call: Call) -> None:
        """Add an operator's work."""
        shape = list(call.result.shape)
        if name in NORMS:
            row = {"name": self.row["name"], "kind": "norm", "shape": shape[1:], "parameters": 0}
            self.normalized.append({**row, "macs": prod(shape), "activations": prod(shape[1:])})
            return
        self.multiplies = True
        self.row["macs"] += PRODUCTS[name](call)
        self.row["activations"] += prod(shape)  # for a layer of layers; a leaf's is its output's

    def end(self, output: Any) -> list[dict]:
        """Fill in what the output shows, and return the rows."""
        self.event.end()
        tensor, row = _first_tensor(output), self.row
        if tensor is not None:
            row["shape"] = list(tensor.shape[1:])
            if self.is_leaf:
                row["activations"] = prod(row["shape"])
        if isinstance(self.layer, NORMS_BY_HAND):
            row["macs"] = norm_macs(prod(row["shape"]))
        elif self.normalized and self.is_leaf and not self.multiplies:  # it is a normalization
            row["kind"], row["macs"] = "norm", sum(own["macs"] for own in self.normalized)
            return [row]
        return [*self.normalized, row]


class _Tally:
    """All runs of a model's layers, and who holds which parameter."""

    def __init__(self, model: nn.Layer) -> None:
        self.layers = dict(model.named_sublayers(include_self=True))
        self.names = {id(layer): name for name, layer in self.layers.items()}
        self.left = {
            id(parameter): name
            for name, parameter in model.named_parameters()
            if not (parameter.stop_gradient and name.rpartition(".")[2] in STATISTICS)
        }
        self.open: list[_Run] = []
        self.ended: list[tuple[_Run, list[dict]]] = []
        self.takes_out: list[str] = []
        self.recorder = Recorder(
            on_operator=lambda name, call: self.open[-1].add(name, call),
            on_leaving=lambda: self.takes_out.append(self.open[-1].row["name"]),
        )

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Note what the layers do until the end of the block."""
        call, attribute = nn.Layer.__call__, nn.Layer.__getattr__

        def noted_call(layer: nn.Layer, *inputs: Any, **named: Any) -> Any:
            if id(layer) not in self.names or not self.recorder.is_here():
                return call(layer, *inputs, **named)
            run, output = self._begin(layer), None
            try:
                output = call(layer, *inputs, **named)
            finally:
                self.open.pop()
                self.ended.append((run, run.end(output)))
            return output

        def noted_attribute(layer: nn.Layer, name: str) -> Any:
            value = attribute(layer, name)
            if self.open and id(value) in self.left and self.recorder.is_here():
                self.open[-1].touched.append(layer)
            return value

        instead = [(nn.Layer, "__call__", noted_call), (nn.Layer, "__getattr__", noted_attribute)]
        with replaced(instead), self.recorder.watching():
            yield

    def _begin(self, layer: nn.Layer) -> _Run:
        """Begin the run of a layer."""
        if self.open:
            self.open[-1].is_leaf = False
        name = self.names[id(layer)]
        self.open.append(_Run(name, layer, self.recorder.begin_layer(name)))
        return self.open[-1]

    def _own(self, layer: nn.Layer) -> list[Any]:
        """Return a layer's own parameters, with those of the plain lists that it holds."""
        own = list(layer.parameters(include_sublayers=False))
        for part in layer.children():
            if isinstance(part, nn.ParameterList):
                own += self._own(part)
        return own

    def rows(self) -> list[dict]:
        """Return the rows of the layers that did something themselves, parameters dealt out."""
        for run, _ in self.ended:
            self._deal(run, self._own(run.layer))
        for run, _ in self.ended:
            for layer in run.touched:
                self._deal(run, self._own(layer))
        self._check()
        return [
            row
            for run, rows in self.ended
            for row in rows
            if run.is_leaf or row["macs"] or row["parameters"]
        ]

    def _deal(self, run: _Run, parameters: list[Any]) -> None:
        for parameter in parameters:
            if self.left.pop(id(parameter), None) is not None:
                run.row["parameters"] += prod(parameter.shape)

    def _called(self, name: str | None) -> str:
        if name is None:
            return "another thread (work beside, or a compiled part of the model)"
        kind = type(self.layers[name]).__name__
        return f"layer {name} ({kind})" if name else f"the model itself ({kind})"

    def _check(self) -> None:
        """Refuse where a sum would be wrong."""
        for name, operator in self.recorder.unseen:
            known = operator in PRODUCTS or operator in NORMS
            raise ValueError(
                "model must run operators that are known here, by Paddle's own functions, but "
                f"{self._called(name)} runs {operator}{' by another way' if known else ''}"
            )
        for name in self.takes_out:
            raise ValueError(
                "model must compute within Paddle, where its products are seen, but "
                f"{self._called(name)} takes numbers out with numpy()"
            )
        if self.left:
            raise ValueError(
                "model must use each parameter in a layer that runs, but not so "
                f"{', '.join(self.left.values())}"
            )


def _zeros(shape: Any, dtype: Any) -> paddle.Tensor:
    """Return a batch of one sample of a shape."""
    try:
        sizes = None if isinstance(shape, (str, dict)) else list(shape)
    except TypeError:
        sizes = None
    if sizes is None:
        raise ValueError(f"input_shape must be sizes or a tensor, got {shape!r}")
    return paddle.zeros([1, *(size("input_shape", length) for length in sizes)], dtype=dtype)


def _inputs(first: Any, more: tuple, dtype: Any) -> list[Any]:
    """Return what to give to the model: shapes become batches, all else stays as it is."""
    if isinstance(first, paddle.Tensor):
        if list(first.shape[:1]) != [1]:
            raise ValueError(
                f"input_shape must be a batch of one sample, got shape {tuple(first.shape)}"
            )
    else:
        first = _zeros(first, dtype)
    is_shape = [isinstance(v, (tuple, list)) and _first_tensor(v) is None for v in more]
    pairs = zip(more, is_shape, strict=True)
    return [first, *(_zeros(value, dtype) if so else value for value, so in pairs)]


def count(model: nn.Layer, input_shape: Any, *more: Any, **named: Any) -> list[dict]:
    """Return the cost of each layer of a model, for one sample, by running the model once.

    It counts what the operators do: each product of matrices, convolution, recurrence, attention,
    whether a layer, a function or ``@`` asked for it, in the innermost layer that runs. It counts
    in the sense of :func:`nndl.arithmetic.network_cost`, which knows the same of some layers from
    the settings alone; :func:`nndl.arithmetic.network_totals` adds the rows up, with and without
    the normalizations. The model may hold Paddle's layers, those of :mod:`nndl.layers` and your
    own. It is left as it was.

    Parameters
    ----------
    model : paddle.nn.Layer
        Any that computes within Paddle.
    input_shape : sequence of int or paddle.Tensor
        The first input: the shape of one sample, such as (channels, height, width) or (features,),
        for a batch of zeros; or the batch itself, of one sample, such as numbers of words.
    *more : sequence of int, paddle.Tensor or object
        Further inputs: shapes as well; anything else is given to the model as it is.
    **named : object
        Given to the model as they are.

    Returns
    -------
    list of dict
        In the order in which the layers end: "name" in the model, "kind", "shape" of the output,
        "parameters" (frozen ones too, statistics of normalizations not; at the first run of a layer
        that runs twice), "macs" and "activations" (numbers in the output). A layer that holds
        others has a row where it multiplies or has parameters itself; its activations are what its
        own products gave. A normalization inside such a layer has a row of kind "norm".

    Raises
    ------
    RuntimeError
        If Paddle's profiler, which the count needs, is running already.
    TypeError
        If the model is no layer of Paddle.
    ValueError
        If an argument breaks its rule, or the sums would be wrong: the model runs an operator that
        may multiply and add and that is not known here (such as a Fourier transform or a bilinear
        interpolation; also what ``paddle.jit.to_static`` compiled), takes several real numbers out
        of Paddle, or has parameters in a layer that does not run.

    Notes
    -----
    Multiplications element by element (gates, masks, scales, residual weights) and poolings do not
    count, as in published tables; ``nndl/profile/operators.py`` lists what does. While the model
    runs, functions of Paddle are replaced in the whole process, and put back whatever happens. Let
    no other thread run a model meanwhile: its work is not counted in, but makes the count refuse.

    Examples
    --------
    >>> from nndl.arithmetic import network_totals
    >>> from nndl.models import LeNet
    >>> rows = count(LeNet(), [1, 32, 32])
    >>> rows[0]["name"], rows[0]["shape"], rows[0]["macs"]
    ('conv1', [6, 28, 28], 117600)
    >>> network_totals(rows)["macs"]
    416520

    Scores and weighted sums of attention are the work of the layer itself:

    >>> from nndl.layers import MultiHeadSelfAttention
    >>> [(row["name"], row["macs"]) for row in count(MultiHeadSelfAttention(4, 2), [10, 4])]
    [('q_proj', 160), ('k_proj', 160), ('v_proj', 160), ('out_proj', 160), ('', 800)]
    """
    if not isinstance(model, nn.Layer):
        raise TypeError(f"model must be a paddle.nn.Layer, got {type(model).__name__}")
    dtype = next((p.dtype for p in model.parameters() if p.is_floating_point()), None)
    inputs = _inputs(input_shape, more, dtype)
    tally = _Tally(model)
    modes = [(layer, layer.training) for layer in tally.layers.values()]
    try:
        model.eval()
        with paddle.no_grad(), tally.watching():
            model(*inputs, **named)
    finally:
        for layer, training in modes:
            layer.training = training
    return tally.rows()
