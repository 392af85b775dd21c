"""A graph of operators, with the values that flow forwards and the gradients that come back."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyBboxPatch

from nndl.arithmetic import checks
from nndl.plots.style import BLUE, DPI, FONT, INK, finished, words

__all__ = ["show_graph"]

SYMBOLS = {
    "Add": "+",
    "Subtract": "\N{MINUS SIGN}",
    "Multiply": "×",
    "Divide": "÷",
    "Exp": "exp",
    "Log": "log",
    "MatMul": "@",
    "Logistic": "σ",
    "Tanh": "tanh",
    "ReLU": "relu",
    "Sum": "sum",
    "Mean": "mean",
}
PARTS = ("ops", "sources", "inputs", "output", "values", "gradients", "edge_gradients")
COLUMN, ROW, LANE = 2.0, 1.5, 0.75  # between columns, between rows, between edges of one node
UNIT, RADIUS, SCALE = 0.62, 0.33, 1.2  # inches; of an operator's circle; of the words

Point = tuple[float, float]
Edge = tuple[str, str, int]  # from, to, and which operand of it


def show_graph(graph: Any, title: str = "", gradients: bool = True) -> Figure:
    """Draw a graph of operators with its numbers on the edges.

    The value of each edge stands above it, behind an arrow to the right; the gradient that comes
    back along it stands below, behind an arrow to the left. Above a node that several edges leave
    stands the sum of what they bring back. An array of several numbers is shown by its shape.

    Parameters
    ----------
    graph : nndl.ops.Graph
        After `forward` its values are drawn, after `backward` its gradients, too. Anything with
        ``ops``, ``sources``, ``inputs``, ``output``, ``values``, ``gradients`` and
        ``edge_gradients`` will do.
    title : str
        Stands above.
    gradients : bool
        Whether to draw the gradients, where there are any.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> from nndl.ops import Add, Graph
    >>> graph = Graph({"z": (Add(), "x", "y")}, inputs=("x", "y"))
    >>> float(graph(np.array(2.0), np.array(3.0)))
    5.0
    >>> back = graph.backward(np.array(1.0))
    >>> figure = show_graph(graph)
    """
    checks.text("title", title)
    gradients = checks.flag("gradients", gradients)
    if missing := [name for name in PARTS if not hasattr(graph, name)]:
        raise TypeError(
            f"graph must be an ops.Graph, or have {', '.join(missing)}; got {type(graph).__name__}"
        )
    places, paths = layout(graph.sources, graph.inputs, graph.output)
    across, down = zip(*(point for path in paths.values() for point in path), strict=True)
    low, high = min(down) - 0.75, max(down) + 0.75
    width, height = max(across) + 1.1, high - low + (0.45 if title else 0)
    figure = plt.figure(figsize=(width * UNIT, height * UNIT), dpi=DPI)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(-0.55, width - 0.55)
    axes.set_ylim(high, high - height)
    axes.set_aspect("equal")
    axes.axis("off")
    for (source, target, operand), path in paths.items():
        line = [
            _moved(path[0], path[1], _half(graph, source)),
            *path[1:-1],
            _moved(path[-1], path[-2], _half(graph, target)),
        ]
        axes.plot(*zip(*line, strict=True), color=INK, linewidth=1.1, zorder=1)
        (left, y), (right, _) = path[1:3]
        middle = (left + right) / 2
        if source in graph.values:
            text = f"→ {_short(graph.values[source])}"
            axes.text(middle, y - 0.08, text, ha="center", va="bottom", **words(SCALE))
        back = _edge_gradient(graph, source, target, operand) if gradients else None
        if back is not None:
            text = f"← {_short(back)}"
            axes.text(middle, y + 0.08, text, ha="center", va="top", **words(SCALE))
    readers = [source for source, *_ in paths]
    for name, (x, y) in places.items():
        _draw_node(axes, graph, name, x, y)
        total = graph.gradients.get(name) if gradients and readers.count(name) > 1 else None
        if total is not None:
            axes.text(x, y - 0.38, f"sum {_short(total)}", ha="center", va="bottom", **words(SCALE))
    if title:
        axes.text(-0.4, high - height + 0.2, title, ha="left", va="center", **words(SCALE))
    return finished(figure)


def _half(graph: Any, name: str) -> float:
    """Return how far a node reaches to each side."""
    return RADIUS if name in graph.ops else max(0.25, 0.09 * len(name or graph.output) + 0.14)


def _moved(start: Point, end: Point, by: float) -> Point:
    """Return the point so far from the start towards the end: there a line meets a node."""
    share = by / math.dist(start, end)
    return tuple(a + share * (b - a) for a, b in zip(start, end, strict=True))


def _edge_gradient(graph: Any, source: str, target: str, operand: int) -> Any:
    if target:
        return graph.edge_gradients.get(target, (None,) * 9)[operand]
    return graph.gradients.get(source)


def _draw_node(axes: Any, graph: Any, name: str, x: float, y: float) -> None:
    """Draw an input or the output as its name, an operator as a circle with its sign."""
    center = {"ha": "center", "va": "center"}
    if name in graph.ops:
        kind = type(graph.ops[name]).__name__
        sign = SYMBOLS.get(kind, kind)
        axes.add_patch(Circle((x, y), RADIUS, facecolor="none", edgecolor=BLUE, linewidth=1.6))
        axes.text(x, y, sign, **words(1.5 if len(sign) == 1 else 0.95), **center)
        return
    written = name or graph.output
    half = _half(graph, name) - 0.05
    box = FancyBboxPatch(
        (x - half, y - 0.2), 2 * half, 0.4, boxstyle="round,pad=0.05", facecolor="none",
        edgecolor=INK, linewidth=1.0,
    )  # fmt: skip
    axes.add_patch(box)
    axes.text(x, y, written, color=INK, fontsize=SCALE * FONT, fontweight="bold", **center)


def _short(value: Any) -> str:
    array = np.asarray(value)
    if array.size != 1:
        return str(tuple(array.shape))
    digits = 3 if abs(array.item()) >= 0.1 else 2  # there is little room on an edge
    written = f"{array.item() + 0:.{digits}g}"  # + 0 turns -0.0 into 0.0
    return written.replace("-", "\N{MINUS SIGN}")


# ---- where everything stands; the explorer's backprop_layout.js does the same ----------------


def layout(
    sources: Mapping[str, Sequence[str]], inputs: Sequence[str], output: str
) -> tuple[dict[str, Point], dict[Edge, list[Point]]]:
    """Place the nodes of a graph in columns from left to right, and lay the edges.

    Parameters
    ----------
    sources : dict of str to sequence of str
        What each node reads, in an order in which they can be computed.
    inputs : sequence of str
    output : str

    Returns
    -------
    places : dict of str to pair of float
        Middle of each input and node, and of the end of the output, whose name is "".
    paths : dict of (str, str, int) to list of pair of float
        For each edge, from a name to the operand of a node, its corners: start, the two ends of a
        level part for its label, then what leads to the end.

    Examples
    --------
    >>> places, paths = layout({"z": ("x", "y")}, ("x", "y"), "z")
    >>> places["x"], places["z"], places[""]
    ((0.0, -0.75), (2.0, 0.0), (4.0, 0.0))
    """
    depth = {name: 0 for name in inputs}
    for name, read in sources.items():
        depth[name] = 1 + max(depth[source] for source in read)
    for name in inputs:  # beside the first that reads it
        depth[name] = min(depth[node] for node, read in sources.items() if name in read) - 1
    depth[""] = depth[output] + 1
    edges = [(s, node, i) for node, read in sources.items() for i, s in enumerate(read)]
    edges.append((output, "", 0))
    # an edge over several columns has a stop in each that it crosses, so that it has room there
    stops: dict[Edge, list[Any]] = {
        edge: [(edge, d) for d in range(depth[edge[0]] + 1, depth[edge[1]])] for edge in edges
    }
    chains = {edge: [edge[0], *stops[edge], edge[1]] for edge in edges}
    following: dict[Any, list[tuple[Any, float]]] = {}
    for edge, chain in chains.items():
        count = len(sources[edge[1]]) if edge[1] else 1
        for here, there in pairwise(chain):
            part = (edge[2] + 0.5) / count if there == edge[1] else 0.5
            following.setdefault(here, []).append((there, part))
    y: dict[Any, float] = {"": 0.0}
    rank: dict[Any, float] = {"": 0.0}
    for column in range(depth[""] - 1, -1, -1):
        members = [name for name in depth if name and depth[name] == column]
        members += [stop for chain in stops.values() for stop in chain if stop[1] == column]
        weight = {
            m: sum(rank[there] + part for there, part in following[m]) / len(following[m])
            for m in members
        }
        members.sort(key=weight.__getitem__)
        for place, member in enumerate(members):
            rank[member] = place
            y[member] = (place - (len(members) - 1) / 2) * ROW
    places = {name: (COLUMN * depth[name], y[name]) for name in depth}
    paths = {}
    for name in depth:
        leaving = [edge for edge in edges if name and edge[0] == name]
        for edge, lane in zip(*_lanes(leaving, chains, y), strict=True):
            x = COLUMN * depth[name]
            corners = [(x, y[name]), (x + 0.45, lane), (x + COLUMN - 0.5, lane)]
            corners += [(COLUMN * stop[1], y[stop]) for stop in stops[edge]]
            paths[edge] = [*corners, places[edge[1]]]
    return places, paths


def _lanes(
    leaving: list[Edge], chains: Mapping[Edge, list[Any]], y: Mapping[Any, float]
) -> tuple[list[Edge], list[float]]:
    """Give the edges that leave a node a height each, in the order of where they go."""
    if not leaving:
        return [], []
    start = y[leaving[0][0]]
    leaving = sorted(leaving, key=lambda edge: (y[chains[edge][1]], edge[2]))
    to = [y[chains[edge][1]] for edge in leaving]
    last = len(leaving) - 1
    first = -last / 2
    if to[0] >= start and to[-1] > start:
        first = 0.0
    elif to[-1] <= start and to[0] < start:
        first = float(-last)
    return leaving, [start + (first + i) * LANE for i in range(len(leaving))]
