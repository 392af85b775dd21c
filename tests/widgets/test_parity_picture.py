"""The picture explorer's JavaScript against `nndl.ops`, over drawn settings; its photographs."""

import json
import random
import re

import numpy as np
import pytest
from script_engine import engine_of, python_results

from nndl import ops
from nndl.data import photograph
from nndl.widgets import PictureKernel
from nndl.widgets.picture_data import COLUMNS, PHOTOGRAPHS, ROWS
from nndl.widgets.picture_kernel import ZERO, made_picture, preset_weights
from nndl.widgets.picture_words import PADDINGS, PICTURES, PRESETS, SHOWN, STRINGS

MADE = [name for name in PICTURES if name != "own"]
# right and wrong ones
PIXELS = [None, None, [[0] * 8] * 8, [[255] * 128] * 9, [[1] * 7] * 8, [[1] * 129] * 8, 5, "china"]
PIXELS += [
    [[1.5] * 8] * 8,
    [[-1] * 8] * 8,
    [[256] * 8] * 8,
    [[True] * 8] * 8,
    [[1] * 8] * 7 + [[1]],
]
WEIGHTS = ["blur", "emboss", "ones", 3, None, [[1] * 3] * 3, [[0.5] * 5] * 5, [[1] * 4] * 4]
WEIGHTS += [[[99, -99, 0]] * 3, [[100, 0, 0]] * 3, [["1", 0, 0]] * 3, [[1, 2]] * 3]
PLACES = [None, [0, 0], [127, 127], [128, 0], [-1, 2], [1], [1, 1.5], [True, 1], "a", 3]


@pytest.fixture(scope="module")
def engine():
    return engine_of(PictureKernel)


def draw(rnd, **fixed):
    size = rnd.choice([3, 5])
    weight, picture = rnd.choice(list(PRESETS)), rnd.choice(MADE)
    if rnd.random() < 0.4:
        weight = [[rnd.randint(-20, 20) / 4 for _ in range(size)] for _ in range(size)]
    if rnd.random() < 0.4:
        rows, columns = rnd.randint(8, 40), rnd.randint(8, 40)
        picture = [[rnd.randint(0, 255) for _ in range(columns)] for _ in range(rows)]
    settings = {
        "picture": picture,
        "weight": weight,
        "kernel_size": size,
        "normalize": rnd.random() < 0.6,
        "operation": rnd.choice(["correlation", "convolution"]),
        "padding": rnd.choice(list(PADDINGS)),
        "show": rnd.choice(list(SHOWN)),
    }
    return PictureKernel(**settings | fixed)


def listed(found):
    """A typed array as JSON has it."""
    return np.array(list(found.values()), float)


def test_results_and_numbers_are_those_of_the_operators(engine):
    rnd = random.Random(0)
    explorers = [draw(rnd) for _ in range(150)]
    divided = turned = 0
    for explorer, found in zip(
        explorers, engine("solvePicture", [[e.state] for e in explorers]), strict=True
    ):
        model, y = found["value"], explorer.result()
        size = model["result"]["rows"], model["result"]["columns"]
        assert size == y.shape
        found_y = listed(model["result"]["values"])
        np.testing.assert_allclose(found_y, y.ravel(), rtol=1e-10, atol=1e-9)
        assert model["total"] == pytest.approx(explorer.total) and model["show"] == (
            explorer.shown_as()
        )
        assert [model["least"], model["most"]] == pytest.approx([y.min(), y.max()], abs=1e-9)
        cut = (found_y < -ZERO).sum(), (found_y > 255 + ZERO).sum()
        assert (model["under"], model["over"]) == cut
        if model["show"] != "gray":
            limit = np.percentile(abs(y), 99.5) or abs(y).max() or 1
            assert model["limit"] == pytest.approx(limit)
        # no picture can leave the range that is said
        kernel = np.array(explorer.kernel)
        bounds = 255 * kernel.clip(max=0).sum(), 255 * kernel.clip(min=0).sum()
        assert [model["low"], model["high"]] == pytest.approx(bounds)
        divided += model["divisor"] != 1
        turned += model["turn"] == "other" and model["flipped"]
    assert divided > 30 and turned > 15


def test_what_rounding_leaves_of_a_zero_is_not_below_it(engine):
    """In binary 0.1 + 0.2 - 0.3 is no zero: on one side of it here, with the signs turned there."""
    for sign in (1, -1):
        weight = [[sign * 0.1, sign * 0.2, sign * -0.3]] * 3
        explorer = PictureKernel(picture=[[51] * 9] * 9, weight=weight, show="gray")
        [found] = engine("solvePicture", [[explorer.state]])
        assert (found["value"]["under"], found["value"]["over"]) == (0, 0)
        english, chinese = explorer.describe()
        assert "the sum of its weights is 0, and the results lie between 0 and 0." in english
        assert "权重之和为 0，结果在 0 到 0 之间。" in chinese
    for value, expected in (
        (-1e-13, [False, False]),
        (255 + 1e-13, [False, False]),
        (-0.5, [True, False]),
        (255.5, [False, True]),
    ):
        [under], [over] = (engine(name, [[value]]) for name in ("isUnder", "isOver"))
        assert [under["value"], over["value"]] == expected


def test_the_class_computes_by_the_loops_of_the_book():
    rnd = random.Random(1)
    for _ in range(20):
        picture = [[rnd.randint(0, 255) for _ in range(11)] for _ in range(9)]
        explorer = draw(rnd, picture=picture, padding=rnd.choice(["none", "zeros"]))
        half = explorer.state["kernel_size"] // 2 * (explorer.state["padding"] == "zeros")
        kernel = np.array(explorer.kernel)
        expected = ops.correlate2d_loop(np.array(picture, float), kernel, padding=half)
        np.testing.assert_allclose(explorer.result(), expected, rtol=1e-10, atol=1e-9)


def test_presets_and_made_pictures(engine):
    cases = [[name, size] for name in PRESETS for size in (3, 5)]
    assert engine("preset_weights", cases) == python_results(preset_weights, cases)
    for name in ("disc", "stripes"):
        [found] = engine("made_picture", [[name]])
        assert listed(found["value"]).reshape(ROWS, COLUMNS).tolist() == made_picture(name)
    for name in PHOTOGRAPHS:
        [found] = engine("pictureOf", [[{"picture": name, "pixels": None}]])
        values = listed(found["value"]["values"]).reshape(ROWS, COLUMNS)
        assert (values == PictureKernel(picture=name).gray_values()).all()


def test_the_well_known_kernels():
    """What the presets are called is what they are."""
    assert preset_weights("gaussian", 5)[2] == [6, 24, 36, 24, 6]
    assert preset_weights("sharpen", 3) == [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]
    for size in (3, 5):
        sums = {name: sum(map(sum, preset_weights(name, size))) for name in PRESETS}
        flat = {name for name, total in sums.items() if total == 0}
        assert flat == {"sobel_x", "sobel_y", "laplace"}
        assert all(sums[name] == 1 for name in ("identity", "sharpen", "emboss"))


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_the_photographs_are_those_of_the_data(name):
    gray = photograph(name).astype(float).mean(axis=2)
    blocks = gray[:426, 2:638].reshape(ROWS, 6, COLUMNS, 6).mean(axis=(1, 3)) * 255
    gaps = abs(PictureKernel(picture=name).gray_values() - blocks)
    # rounded, and no more; where JPEG is read in another way, a few means may be off by a little
    assert gaps.max() < 1 and (gaps <= 0.5).mean() > 0.95


def test_colors(engine):
    rnd = random.Random(4)
    for show in ("gray", "signed", "absolute"):
        values = [rnd.uniform(-400, 400) for _ in range(30)] + [0, 300, -300]
        picture = {"rows": 3, "columns": 11, "values": values}
        bytes_ = listed(engine("painted", [[picture, show, 300]])[0]["value"]).reshape(-1, 4)
        assert (bytes_[:, 3] == 255).all()
        for value, (red, green, blue) in zip(values, bytes_[:, :3], strict=True):
            found = engine("colorOf", [[value, show, 300]])[0]["value"]
            assert np.allclose(np.clip(np.rint(found), 0, 255), [red, green, blue], atol=1)
            if show == "signed" and abs(value) > 10:
                assert (blue > red) == (value > 0)
            elif show != "signed":
                assert red == green == blue


def test_a_window_gives_the_result_of_its_place(engine):
    rnd = random.Random(5)
    for _ in range(40):
        explorer = draw(rnd, picture=rnd.choice(["disc", "china"]))
        state, y = explorer.state, explorer.result()
        [solved] = engine("solvePicture", [[state]])
        model = solved["value"]
        for key in ("picture", "result"):
            model[key]["values"] = list(model[key]["values"].values())
        padding = state["padding"]
        place = [rnd.randint(0, 127), rnd.randint(0, 127)]
        at = engine("nearest", [[place, model, padding]])[0]["value"]
        spot = engine("windowOf", [[model, padding, at]])[0]["value"]
        i, j = spot["index"]
        half = 0 if padding != "none" else state["kernel_size"] // 2
        assert [i + half, j + half] == at
        total = sum(cell["x"] * cell["w"] for cell in spot["cells"]) / model["divisor"]
        assert total == pytest.approx(y[i, j], abs=1e-8) and spot["y"] == pytest.approx(y[i, j])
        outside = [cell["x"] for cell in spot["cells"] if cell["outside"]]
        assert not (outside and padding == "none")
        assert not (any(outside) and padding == "zeros")


def test_answers_to_the_question_are_computed_results(engine):
    """A step from 100 to 160, through the operators: flat far left, and on the last 100."""
    rnd, step = random.Random(6), [[100] * 6 + [160] * 6] * 9
    named = {}
    for _ in range(80):
        explorer = draw(rnd, picture=step, padding="none")
        [kernel] = engine("solveKernel", [[explorer.state]])
        [found] = engine("answersAt", [[kernel["value"]]])
        y, half = explorer.result(), explorer.state["kernel_size"] // 2
        flat, edge = found["value"]["answers"]
        assert [flat, edge] == pytest.approx([y[2, 0], y[2, 5 - half]], abs=1e-8)
        for name, values in found["value"]["slips"].items():
            guess = [a if v is None else v for v, a in zip(values, (flat, edge), strict=True)]
            slip = engine("slipFor", [[guess, found["value"]]])[0].get("value")
            named[name] = named.get(name, 0) + (slip == name)
    assert named.keys() == {key for key in STRINGS if key.startswith("slip_")}
    assert all(count > 3 for count in named.values()), named


def test_both_sides_hold_the_same_rules(engine):
    rnd, base, refused = random.Random(2), PictureKernel().state, 0
    for _ in range(400):
        state = dict(base)
        state["pixels"], state["weight"] = rnd.choice(PIXELS), rnd.choice(WEIGHTS)
        state["place"], state["picture"] = rnd.choice(PLACES), rnd.choice(["china", "own"])
        state["kernel_size"] = rnd.choice([3, 3, 5, 4])
        if rnd.random() < 0.7:
            state |= {"pixels": rnd.choice(PIXELS[2:4]), "place": None}
        [right] = python_results(PictureKernel.check, [[json.loads(json.dumps(state))]])
        [found] = engine("checkPicture", [[state]])
        assert ("error" in found) == ("error" in right), state
        assert found.get("value") == right.get("value"), state
        refused += "error" in right
    assert 150 < refused < 390


def test_weights_follow_the_size_around_the_middle(engine):
    before = PictureKernel(weight=[[1, 2, 3], [4, 5, 6], [7, 8, 9]]).state
    wide = engine("((s) => checkPicture({...s, kernel_size: 5}, s))", [[before]])[0]["value"]
    assert np.array(wide["weight"])[1:4, 1:4].tolist() == before["weight"]
    assert np.array(wide["weight"]).sum() == 45 and wide["kernel_size"] == 5
    back = engine("((s) => checkPicture({...s, kernel_size: 3}, s))", [[wide]])[0]["value"]
    assert back == before


def test_an_own_picture_between_0_and_1_becomes_gray_values():
    values = np.linspace(0, 1, 80).reshape(8, 10)
    explorer = PictureKernel(picture=values)
    assert explorer.state["picture"] == "own"
    assert (explorer.gray_values() == np.rint(255 * values)).all()
    same = PictureKernel(picture=(255 * values).astype(np.uint8))
    assert abs(same.gray_values() - explorer.gray_values()).max() <= 1
    assert PictureKernel(pixels=explorer.state["pixels"]).state == explorer.state
    assert "own" in repr(explorer) and len(repr(explorer)) < 80


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"picture": "lena"}, "picture must be one of 'china', 'flower', 'disc', 'stripes'"),
        ({"picture": [[1] * 7] * 8}, "picture must have 8 to 128 columns, got 7"),
        ({"picture": [[-1] * 8] * 8}, "picture must hold numbers from 0 (black) on"),
        ({"picture": [[256] * 8] * 8}, "picture must hold numbers from -255 to 255, got 256"),
        ({"picture": "own"}, "picture 'own' needs pixels"),
        ({"picture": [[1] * 8] * 8, "pixels": [[1] * 8] * 8}, "as picture or as pixels"),
        ({"pixels": [[0.5] * 8] * 8}, "pixels must hold integers from 0 to 255"),
        ({"kernel_size": 4}, "kernel_size must be 3 or 5, got 4"),
        ({"weight": [[1] * 4] * 4}, "kernel_size must be 3 or 5, got 4"),
        ({"weight": "sobel"}, "weight must be a matrix or one of 'identity', 'blur'"),
        ({"place": (1, 128)}, "place must be two integers from 0 to 127"),
    ],
)
def test_bad_settings_are_refused(settings, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        PictureKernel(**settings)
