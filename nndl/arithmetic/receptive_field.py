"""Receptive fields: what part of the input a unit of a layer can see, along one axis."""

from collections.abc import Mapping, Sequence

from nndl.arithmetic.checks import integer, sequence
from nndl.arithmetic.sizes import output_size

__all__ = ["backward_cone", "forward_cone", "graph_receptive_field", "receptive_field"]

Layer = tuple[int, int, int, int]
Field = tuple[int, int, float]


def _window(layer: Layer, name: str) -> Layer:
    """Return kernel size, stride, padding and dilation of a layer, checked."""
    if not isinstance(layer, (tuple, list)) or len(layer) != 4:
        got = tuple(layer) if isinstance(layer, list) else layer
        raise ValueError(f"{name} must be (kernel_size, stride, padding, dilation), got {got!r}")
    kernel_size = integer(f"{name}: kernel_size", layer[0])
    stride = integer(f"{name}: stride", layer[1])
    padding = integer(f"{name}: padding", layer[2], least=0)
    return kernel_size, stride, padding, integer(f"{name}: dilation", layer[3])


def _step(field: Field, layer: Layer, name: str) -> Field:
    """Return field, jump and start after one more layer."""
    kernel_size, stride, padding, dilation = _window(layer, name)
    size, jump, start = field
    span = dilation * (kernel_size - 1)
    return size + span * jump, jump * stride, start + (span / 2 - padding) * jump


def receptive_field(layers: Sequence[Layer]) -> list[Field]:
    """Return the receptive field after each layer of a stack.

    Parameters
    ----------
    layers : sequence of (kernel_size, stride, padding, dilation)
        The layers from the input on; pooling counts like convolution.

    Returns
    -------
    list of (field, jump, start)
        One entry a layer. `field`: how many input positions a unit sees. `jump`: how many input
        positions apart neighboring units' fields are. `start`: the center of the first unit's
        field, in input positions from 0; half a position when the field is even.

    Raises
    ------
    ValueError
        If a layer is not four integers that follow the rules of `output_size`.

    References
    ----------
    A. Araujo, W. Norris and J. Sim, "Computing receptive fields of convolutional neural
    networks", Distill, 2019.

    Examples
    --------
    Three 3 x 3 layers see what one 7 x 7 layer sees:

    >>> [field for field, jump, start in receptive_field([(3, 1, 0, 1)] * 3)]
    [3, 5, 7]
    """
    field: Field = (1, 1, 0.0)
    fields = []
    for number, layer in enumerate(sequence("layers", layers), start=1):
        field = _step(field, layer, f"layer {number}")
        fields.append(field)
    return fields


def graph_receptive_field(
    nodes: Mapping[str, tuple[Layer | None, Sequence[str]]],
) -> dict[str, Field]:
    """Return the receptive field at each node of a network with branches.

    Parameters
    ----------
    nodes : mapping from name to (layer, inputs)
        In an order in which inputs come first. `layer` is (kernel_size, stride, padding,
        dilation), or None where branches only join (addition, concatenation). `inputs` are names
        of earlier nodes; no inputs means the network's input.

    Returns
    -------
    dict from name to (field, jump, start)
        Where branches join, the field spans all of them: the largest over the paths when they
        share a center.

    Raises
    ------
    ValueError
        If a node is not a pair, a layer breaks a rule, an input is not an earlier node, or
        branches of different jumps join (their maps have different sizes).

    Examples
    --------
    A residual block: two 3 x 3 layers beside a shortcut.

    >>> same = (3, 1, 1, 1)
    >>> block = {"a": (same, []), "b": (same, ["a"]), "sum": (None, ["b", "input"])}
    >>> graph_receptive_field({"input": (None, []), **block})["sum"]
    (5, 1, 0.0)
    """
    if not isinstance(nodes, Mapping):
        raise ValueError(f"nodes must be a mapping of names to nodes, got {nodes!r}")
    fields: dict[str, Field] = {}
    for name, node in nodes.items():
        if not isinstance(node, (tuple, list)) or len(node) != 2 or isinstance(node[1], str):
            raise ValueError(f"node {name!r} must be (layer, names of inputs), got {node!r}")
        layer, inputs = node
        unknown = [source for source in inputs if source not in fields]
        if unknown:
            raise ValueError(f"node {name!r}: inputs must be earlier nodes, got {unknown[0]!r}")
        sources = [fields[source] for source in inputs] or [(1, 1, 0.0)]
        jumps = sorted({jump for _, jump, _ in sources})
        if len(jumps) > 1:
            raise ValueError(f"node {name!r}: branches must have one jump, got {jumps}")
        field = _union(sources)
        fields[name] = field if layer is None else _step(field, layer, f"node {name!r}")
    return fields


def _union(sources: Sequence[Field]) -> Field:
    """Return the smallest field that holds the fields of all branches."""
    first = min(start - (size - 1) / 2 for size, _, start in sources)
    last = max(start + (size - 1) / 2 for size, _, start in sources)
    return int(last - first) + 1, sources[0][1], (first + last) / 2


def backward_cone(layers: Sequence[Layer], input_size: int, unit: int) -> list[list[int]]:
    """Return what reaches a unit of the last layer, in every layer before it, along one axis.

    Parameters
    ----------
    layers : sequence of (kernel_size, stride, padding, dilation)
        The layers from the input on.
    input_size : int
        Positions of the input.
    unit : int
        A position in the last layer's map, from 0.

    Returns
    -------
    list of list of int
        The input's positions that the unit depends on, then each layer's, last the unit itself.
        Padding carries no data and is left out; so are positions that dilation or a stride
        larger than the kernel skips.

    Raises
    ------
    ValueError
        If a layer cannot be, or there is no such unit.

    Examples
    --------
    Two dilated layers skip every other position:

    >>> backward_cone([(3, 1, 0, 2), (3, 1, 0, 2)], 9, 0)
    [[0, 2, 4, 6, 8], [0, 2, 4], [0]]
    """
    windows, sizes = _maps(layers, input_size)
    cone = [[_position("unit", unit, sizes[-1], "layers and input_size")]]
    for (kernel_size, stride, padding, dilation), size in zip(
        reversed(windows), reversed(sizes[:-1]), strict=True
    ):
        starts = [position * stride - padding for position in cone[0]]
        read = {start + tap * dilation for start in starts for tap in range(kernel_size)}
        cone.insert(0, sorted(position for position in read if 0 <= position < size))
    return cone


def forward_cone(layers: Sequence[Layer], input_size: int, position: int) -> list[list[int]]:
    """Return what one position of the input reaches in every layer, along one axis.

    Parameters
    ----------
    layers : sequence of (kernel_size, stride, padding, dilation)
        The layers from the input on.
    input_size : int
        Positions of the input.
    position : int
        A position of the input, from 0.

    Returns
    -------
    list of list of int
        The position itself, then the units of each layer that depend on it; none where no window
        reads it.

    Raises
    ------
    ValueError
        If a layer cannot be, or there is no such position.

    Examples
    --------
    >>> forward_cone([(3, 1, 0, 1), (2, 2, 0, 1)], 9, 4)
    [[4], [2, 3, 4], [1, 2]]
    """
    windows, sizes = _maps(layers, input_size)
    cone = [[_position("position", position, sizes[0], "input_size")]]
    for (kernel_size, stride, padding, dilation), size in zip(windows, sizes[1:], strict=True):
        starts = {
            place + padding - tap * dilation for place in cone[-1] for tap in range(kernel_size)
        }
        units = {start // stride for start in starts if start % stride == 0}
        cone.append(sorted(unit for unit in units if 0 <= unit < size))
    return cone


def _maps(layers: Sequence[Layer], input_size: int) -> tuple[list[Layer], list[int]]:
    """Return the checked layers, and the size of the input and of each layer's map."""
    sizes, windows = [integer("input_size", input_size)], []
    for number, layer in enumerate(sequence("layers", layers), start=1):
        windows.append(_window(layer, f"layer {number}"))
        try:
            sizes.append(output_size(sizes[-1], *windows[-1]))
        except ValueError as error:
            raise ValueError(f"layer {number}: {error}") from None
    return windows, sizes


def _position(name: str, value: int, size: int, see: str) -> int:
    """Return a position on a map, or refuse one beyond its end."""
    if integer(name, value, least=0) >= size:
        raise ValueError(f"{name} must be less than the map's size {size}, got {value}: see {see}")
    return integer(name, value, least=0)
