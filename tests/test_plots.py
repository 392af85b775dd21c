"""Figures read on white and on dark, change no global setting, and show what they are given."""

from itertools import pairwise
from types import SimpleNamespace

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.patches import Rectangle

from nndl import arithmetic, ops, plots
from nndl.plots import graphs, style

X = np.arange(36).reshape(6, 6)
HISTORY = SimpleNamespace(
    train_steps=list(range(1, 101)),
    train_losses=list(np.linspace(2.3, 0.1, 100)),
    dev_steps=[50, 100],
    dev_losses=[1.3, 0.4],
    dev_scores=[0.7, 0.9],
    best_step=100,
)
GRAPH = ops.Graph({"p": (ops.Multiply(), "x", "x"), "y": (ops.Tanh(), "p")})
GRAPH(np.array(0.3))
GRAPH.backward(np.array(1.0))
FIGURES = {
    "graph": lambda: plots.show_graph(GRAPH, title="tanh(x x)"),
    "matrices": lambda: plots.show_matrices([X, -X], titles=["a", "b"], symbols=["="]),
    "window": lambda: plots.show_window(X, 3, stride=2, padding=1, position=(1, 1)),
    "images": lambda: plots.show_images(np.random.rand(5, 8, 8), titles=range(5)),
    "bars": lambda: plots.show_bars({"one": 10, "other": 1}, title="Parameters", unit="MACs"),
    "history": lambda: plots.plot_history(HISTORY, title="A run"),
    "flow": lambda: plots.show_flow([["data", "model"], ["loss"]], titles=["one", "two"]),
    "points": lambda: plots.show_points([X[:, :2], X[:, 2:4]], [0, 1, 2, 7, 8, 9], ["a", "b"]),
    "curves": lambda: plots.plot_curves({"a": [3, 2, 1], "b": ([1, 2], [2, 3]), "c": [1, 1, 1]}),
    "fit": lambda: plots.plot_curves({"a": [3, 2, 1]}, points=([1, 2, 3], [3, 1, 2]), log=True),
}
WHITE, DARK = "#ffffff", "#14181e"


@pytest.fixture(autouse=True)
def no_figure_is_left_open():
    plt.close("all")
    yield
    assert plt.get_fignums() == []  # a notebook would show it a second time


def texts(figure):
    return [t.get_text() for ax in figure.axes for t in ax.texts]


@pytest.mark.parametrize("name", FIGURES)
def test_no_global_setting_changes(name):
    before = dict(mpl.rcParams)
    FIGURES[name]().savefig("/dev/null", format="png")
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize("name", FIGURES)
def test_no_dependence_on_a_dark_style(name):
    """A reader's own style must not bring black words or an opaque ground back."""
    with plt.style.context("dark_background"):
        figure = FIGURES[name]()
        figure.canvas.draw()
    assert figure.get_facecolor()[3] == 0
    for ax in figure.axes:
        labels = [*ax.get_xticklabels(), *ax.get_yticklabels(), ax.xaxis.label, ax.yaxis.label]
        for text in [*labels, ax.title]:
            if text.get_text() and ax.axison:
                assert mpl.colors.to_hex(text.get_color()) == style.INK


@pytest.mark.parametrize("ground", [WHITE, DARK])
@pytest.mark.parametrize("color", ["INK", "BLUE", "ORANGE", "GREEN"])
def test_colors_stand_out_on_both_grounds(ground, color):
    least = 4.0 if color == "INK" else 3.0
    assert plots.contrast(getattr(style, color), ground) >= least


@pytest.mark.parametrize("name", FIGURES)
def test_every_word_on_the_page_stands_out(name):
    """Each word is the gray of the page, or stands on a cell of its own."""
    figure = FIGURES[name]()
    figure.canvas.draw()
    for ax in figure.axes:
        cells = [p for p in ax.patches if isinstance(p, Rectangle) and p.get_facecolor()[3] == 1]
        for text in ax.texts:
            x, y = text.get_position()
            below = [
                p for p in cells
                if p.get_x() < x < p.get_x() + p.get_width()
                and p.get_y() < y < p.get_y() + p.get_height()
            ] if name in ("matrices", "window") else []  # fmt: skip
            if below:
                assert plots.contrast(text.get_color(), below[-1].get_facecolor()) >= 4.5
            elif name == "points":  # large enough to be read at 3 to 1, and the label is the word
                assert text.get_color() in (style.BLUE, style.ORANGE, style.GREEN)
            else:
                assert text.get_color() == style.INK


@pytest.mark.parametrize("name", [style.SEQUENTIAL, style.DIVERGING, "gray", "jet"])
def test_text_color_on_any_color(name):
    for value in np.linspace(0, 1, 101):
        fill = mpl.colormaps[name](value)
        assert plots.contrast(plots.text_color(fill), fill) >= 4.5


def test_contrast_is_that_of_the_guidelines():
    assert plots.contrast("white", "black") == pytest.approx(21)
    assert plots.contrast("#777777", "white") == pytest.approx(4.48, abs=0.01)
    assert plots.contrast("red", "red") == 1


class TestMatrices:
    def test_numbers_are_written_in(self):
        figure = plots.show_matrices([[1, -2], [0, 30]])
        assert texts(figure) == ["1", "−2", "0", "30"]

    def test_decimals(self):
        assert texts(plots.show_matrices([[1.0, 0.256]])) == ["1.00", "0.26"]
        assert texts(plots.show_matrices([[1.0, 0.256]], decimals=1)) == ["1.0", "0.3"]
        assert texts(plots.show_matrices([[0.5, -0.0001]])) == ["0.50", "0.00"]  # no minus zero

    def test_unknown_entries(self):
        assert texts(plots.show_matrices([[np.nan, 4]])) == ["?", "4"]

    def test_titles_and_symbols(self):
        figure = plots.show_matrices([[[1]], [[2]], [[3]]], ["a", "b", "c"], symbols=["*", "="])
        assert sorted(texts(figure)) == sorted(["1", "2", "3", "a", "b", "c", "*", "="])

    def cells(self, figure):
        patches = figure.axes[0].patches
        return [p.get_facecolor() for p in patches if p.get_facecolor()[3] == 1]

    def test_zero_is_white_and_signs_differ(self):
        negative, zero, positive = self.cells(plots.show_matrices([[-1, 0, 3]]))
        assert min(zero) > 0.95
        assert negative[0] > negative[2]  # red
        assert positive[2] > positive[0]  # blue

    def test_blue_is_positive_in_both_maps(self):
        for matrix in ([[1, 9]], [[-9, 9]]):
            *_, largest = self.cells(plots.show_matrices(matrix))
            assert largest[2] > largest[0]

    def test_shared_scale(self):
        a, b = self.cells(plots.show_matrices([[[1]], [[10]]]))
        assert a != b
        a, b = self.cells(plots.show_matrices([[[1]], [[10]]], shared=False))
        assert a == b

    def test_frame(self):
        figure = plots.show_matrices([X, X], highlight=[(1, 2, 3, 4), None])
        (frame,) = [p for p in figure.axes[0].patches if p.get_linewidth() > 2]
        assert frame.get_bbox().bounds == (2, 1, 4, 3)

    def test_a_wide_row_fits_the_page(self):
        figure = plots.show_matrices([np.zeros((4, 30)), np.zeros((4, 30))])
        assert figure.get_size_inches()[0] < 7.2

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (([[[1]], [[2]]], ["a"]), "titles must have 2 entries, got 1"),
            (([[[1]], [[2]]], None, [None]), "highlight must have 2 entries, got 1"),
            ((np.zeros((2, 2, 2)),), r"two axes and at least one cell, got shape \[2, 2, 2\]"),
            ((np.zeros((0, 2)),), "at least one cell"),
        ],
    )
    def test_errors(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            plots.show_matrices(*arguments)


class TestWindow:
    def hatched(self, figure):
        return {(int(p.get_y()), int(p.get_x())) for p in figure.axes[0].patches if p.get_hatch()}

    @pytest.mark.parametrize(
        ("kernel_size", "stride", "padding", "dilation"),
        [(3, 2, 0, 1), (2, 3, 0, 1), (1, 2, 0, 1), (2, 2, 1, 2), ((2, 1), 3, 0, 1)],
    )
    def test_hatches_what_no_window_reads(self, kernel_size, stride, padding, dilation):
        u, v = kernel_size if isinstance(kernel_size, tuple) else (kernel_size, kernel_size)
        read = set()
        rows = arithmetic.output_size(6, u, stride, padding, dilation)
        columns = arithmetic.output_size(6, v, stride, padding, dilation)
        for i, j, a, b in np.ndindex(rows, columns, u, v):
            read.add((i * stride + a * dilation, j * stride + b * dilation))
        inside = {(i + padding, j + padding) for i, j in np.ndindex(6, 6)}
        figure = plots.show_window(X, kernel_size, stride, padding, dilation)
        assert self.hatched(figure) == inside - read

    def test_frame_is_the_window(self):
        figure = plots.show_window(X, (2, 3), stride=2, padding=1, position=(1, 2))
        (frame,) = [p for p in figure.axes[0].patches if p.get_linewidth() > 2]
        assert frame.get_bbox().bounds == (4, 2, 3, 2)

    def test_dilated_window_is_framed_cell_by_cell(self):
        figure = plots.show_window(X, 3, dilation=2, position=(1, 0))
        frames = [p for p in figure.axes[0].patches if p.get_linewidth() > 2]
        cells = {(int(p.get_y()), int(p.get_x())) for p in frames}
        assert cells == {(1 + 2 * u, 2 * v) for u in range(3) for v in range(3)}

    @pytest.mark.parametrize("position", [(2, 0), (0, 2), (-1, 0)])
    def test_position_outside(self, position):
        with pytest.raises(ValueError, match="position must lie within the output of 2 x 2, got"):
            plots.show_window(X, 3, stride=2, position=position)

    def test_kernel_larger_than_the_input(self):
        with pytest.raises(ValueError, match="kernel_size"):
            plots.show_window(X, 7)


class TestImages:
    @pytest.mark.parametrize(
        ("shape", "number"),
        [((8, 8), 1), ((1, 8, 8), 1), ((3, 8, 8), 1), ((8, 8, 3), 1), ((5, 8, 8), 5),
         ((5, 1, 8, 8), 5), ((2, 3, 8, 8), 2), ((2, 8, 8, 3), 2)],
    )  # fmt: skip
    def test_shapes(self, shape, number):
        figure = plots.show_images(np.random.rand(*shape))
        drawn = [ax for ax in figure.axes if ax.images]
        assert len(drawn) == number
        assert drawn[0].images[0].get_array().shape[:2] == (8, 8)

    def test_channels_first_is_turned(self):
        image = np.zeros((3, 4, 5))
        image[0] = 1
        array = plots.show_images(image).axes[0].images[0].get_array()
        assert array.shape == (4, 5, 3)
        assert (array[..., 0] == 1).all()

    def test_signed_map_has_zero_in_the_middle(self):
        image = plots.show_images([[[-1.0, 0.0], [3.0, 0.5]]], cmap="signed").axes[0].images[0]
        assert image.norm.vmin == -image.norm.vmax
        assert image.cmap.name == style.DIVERGING

    def test_values_are_not_smoothed(self):
        assert plots.show_images(X).axes[0].images[0].get_interpolation() == "nearest"

    def test_bad_input(self):
        with pytest.raises(ValueError, match=r"got \[5\]"):
            plots.show_images([np.zeros(5)])
        with pytest.raises(ValueError, match="titles must have 2 entries, got 3"):
            plots.show_images(np.zeros((2, 8, 8)), titles=[1, 2, 3])


class TestCharts:
    def test_bars_carry_their_numbers(self):
        figure = plots.show_bars({"a": 1025, "b": 0.5}, unit="MACs")
        assert texts(figure) == ["1,025 MACs", "0.5 MACs"]
        assert [t.get_text() for t in figure.axes[0].get_yticklabels()] == ["a", "b"]

    def test_linear_bars_begin_at_zero(self):
        ax = plots.show_bars({"a": 1000, "b": 999}).axes[0]
        assert ax.get_xlim()[0] == 0

    def test_logarithmic_bars_say_so(self):
        assert "logarithmic" in plots.show_bars({"a": 1, "b": 9}, "T", log=True).axes[0].get_title(
            loc="left"
        )

    @pytest.mark.parametrize(
        ("values", "log", "message"),
        [
            ({}, False, "at least one amount"),
            ({"a": -1}, False, "0 or greater, got -1 for 'a'"),
            ({"a": float("nan")}, False, "0 or greater, got nan for 'a'"),
            ({"a": 0}, True, "greater than 0 on a logarithmic scale, got 0 for 'a'"),
        ],
    )
    def test_bad_bars(self, values, log, message):
        with pytest.raises(ValueError, match=message):
            plots.show_bars(values, log=log)

    def test_history_has_a_panel_for_the_score_if_there_is_one(self):
        assert len(plots.plot_history(HISTORY).axes) == 2
        no_score = SimpleNamespace(**{**vars(HISTORY), "dev_scores": [None, None]})
        assert len(plots.plot_history(no_score).axes) == 1
        nothing = SimpleNamespace(
            train_steps=[1], train_losses=[1.0], dev_steps=[], dev_losses=[], dev_scores=[]
        )
        assert len(plots.plot_history(nothing).axes[0].lines) == 1

    def test_history_draws_the_values(self):
        loss, score = plots.plot_history(HISTORY, score="accuracy").axes
        raw, smooth, dev, best = loss.lines
        np.testing.assert_allclose(raw.get_ydata(), HISTORY.train_losses)
        # A straight line's mean over the 5 values up to each is that line, two steps late.
        np.testing.assert_allclose(
            np.asarray(smooth.get_ydata())[4:], np.asarray(HISTORY.train_losses)[2:-2]
        )
        assert list(dev.get_ydata()) == HISTORY.dev_losses
        assert list(best.get_xdata()) == [100]
        assert list(score.lines[0].get_ydata()) == HISTORY.dev_scores
        assert score.get_title(loc="left") == "accuracy"

    def test_empty_and_broken_histories(self):
        empty = SimpleNamespace(
            train_steps=[], train_losses=[], dev_steps=[], dev_losses=[], dev_scores=[]
        )
        plots.plot_history(empty)
        broken = SimpleNamespace(**{**vars(HISTORY), "train_losses": [float("nan")] * 100})
        plots.plot_history(broken).canvas.draw()

    def test_history_of_the_runner(self):
        from nndl.runner import History

        plots.plot_history(History(train_steps=[1], train_losses=[1.0]))

    def test_curves_differ_by_stroke_too(self):
        lines = FIGURES["curves"]().axes[0].lines
        assert len({line.get_linestyle() for line in lines}) == 3
        assert list(lines[1].get_xdata()) == [1, 2]
        with pytest.raises(ValueError, match="curves must be 1 to 3, got 4"):
            plots.plot_curves({str(i): [1] for i in range(4)})

    def test_points_set_the_range_that_a_wild_curve_leaves(self):
        x, y = np.array([0.0, 0.5, 1.0]), np.array([1.0, 3.0, 2.0])
        axes = plots.plot_curves({"fit": (x, 100 * y)}, "x", "y", points=(x, y)).axes[0]
        dots, fit = axes.lines
        assert dots.get_marker() == "o" and list(dots.get_ydata()) == list(y)
        assert axes.get_ylim() == (0.5, 3.5)
        assert fit.get_label() == "fit"

    def test_logarithmic_curves_say_so(self):
        axes = plots.plot_curves({"a": [1, 0.1]}, ylabel="loss", log=True).axes[0]
        assert axes.get_yscale() == "log"
        assert axes.get_title(loc="left") == "loss (logarithmic scale)"


@pytest.mark.slow
def test_shown_once_in_a_notebook():
    nbclient = pytest.importorskip("nbclient")
    nbformat = pytest.importorskip("nbformat")
    code = "from nndl import plots\nplots.show_matrices([[1, 2]])"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    nbclient.NotebookClient(notebook, timeout=120).execute()
    pictures = [o for o in notebook.cells[0].outputs if "image/png" in o.get("data", {})]
    assert len(pictures) == len(notebook.cells[0].outputs) == 1


class TestDiagrams:
    def test_each_point_is_the_number_of_its_class(self):
        figure = plots.show_points(np.random.rand(4, 2), [3, 1, 4, 1])
        assert texts(figure) == ["3", "1", "4", "1"]

    def test_neighboring_classes_differ_in_color(self):
        figure = plots.show_points(np.random.rand(10, 2), range(10))
        colors = [t.get_color() for t in figure.axes[0].texts]
        assert all(one != other for one, other in pairwise(colors))

    def test_boxes_in_their_order_with_an_arrow_between_two(self):
        figure = plots.show_flow([["data", "model", "loss"]])
        assert [t for t in texts(figure) if t] == ["data", "model", "loss"]
        assert len([t for t in figure.axes[0].texts if not t.get_text()]) == 2

    @pytest.mark.parametrize(
        ("call", "message"),
        [
            (lambda: plots.show_points(np.ones((3, 2)), [1]), "points must have shape (1, 2)"),
            (lambda: plots.show_points(np.ones((1, 2)), [1], ["a", "b"]), "titles must have 1"),
            (lambda: plots.show_flow([]), "lanes must have at least one row"),
            (lambda: plots.show_flow([["a"], []]), "lanes must have at least one row"),
        ],
    )
    def test_refusals(self, call, message):
        with pytest.raises(ValueError) as caught:
            call()
        assert message in str(caught.value)


class TestGraph:
    def graph(self):
        graph = ops.Graph({"p": (ops.Multiply(), "w", "x"), "y": (ops.Add(), "p", "x")}, ("w", "x"))
        graph(np.array(2.0), np.array(-3.0))
        graph.backward(np.array(1.0))
        return graph

    def test_values_stand_on_edges_and_gradients_below_them(self):
        figure = plots.show_graph(self.graph(), title="y = w x + x")
        shown = texts(figure)
        assert sorted(text for text in shown if "→" in text) == [
            "→ 2", "→ −3", "→ −3", "→ −6", "→ −9",
        ]  # fmt: skip
        assert sorted(text for text in shown if "←" in text) == [
            "← 1", "← 1", "← 1", "← 2", "← −3",
        ]  # fmt: skip
        # x is read twice: 1 along the one edge, 2 along the other
        assert {"w", "x", "y", "×", "+", "sum 3", "y = w x + x"} <= set(shown)
        (axes,) = figure.axes
        height = {text.get_text(): text.get_position()[1] for text in axes.texts}
        assert height["→ −9"] < height["← 1"]  # the axis points down

    def test_a_negative_zero_is_written_without_its_sign(self):
        graph = ops.Graph({"y": (ops.Multiply(), "w", "x")}, ("w", "x"))
        graph(np.array(0.0), np.array(-3.0))
        assert graph.values["y"] == 0 and np.signbit(graph.values["y"])
        assert texts(plots.show_graph(graph, gradients=False)).count("→ 0") == 2

    def test_forwards_alone(self):
        shown = texts(plots.show_graph(self.graph(), gradients=False))
        assert not any("←" in text or "sum" in text for text in shown)

    def test_arrays_are_shown_by_their_shape(self):
        graph = ops.Graph({"z": (ops.MatMul(), "x", "w")}, inputs=("x", "w"))
        graph(np.ones((4, 3)), np.ones((3, 2)))
        graph.backward(np.ones((4, 2)))
        shown = texts(plots.show_graph(graph))
        assert {"→ (4, 3)", "← (3, 2)", "→ (4, 2)", "@"} <= set(shown)

    def test_labels_have_no_gradient(self):
        graph = ops.Graph({"loss": (ops.CrossEntropy(), "z", "t")}, inputs=("z", "t"))
        graph(np.zeros((1, 2)), np.array([1]))
        graph.backward(np.array(1.0))
        shown = texts(plots.show_graph(graph))
        assert [text for text in shown if "←" in text] == ["← (1, 2)", "← 1"]
        assert "CrossEntropy" in shown

    def test_lines_end_at_the_edges_of_nodes(self):
        figure = plots.show_graph(self.graph())
        (axes,) = figure.axes
        circles = [patch for patch in axes.patches if isinstance(patch, mpl.patches.Circle)]
        assert len(circles) == 2
        for line in axes.lines:
            for x, y in zip(*line.get_data(), strict=True):
                for circle in circles:
                    distance = np.hypot(x - circle.center[0], y - circle.center[1])
                    assert distance > circle.radius - 1e-9

    def test_no_two_nodes_share_a_place_and_readers_stand_to_the_right(self):
        sources = {"a": ("x", "y"), "b": ("a", "x"), "c": ("b", "b"), "d": ("c", "y")}
        places, paths = graphs.layout(sources, ("x", "y"), "d")
        assert len(set(places.values())) == len(places) == 7
        assert len(paths) == 9
        for (source, target, _), path in paths.items():
            assert path[0] == places[source] and path[-1] == places[target]
            along = [x for x, _ in path]
            assert along == sorted(along)
