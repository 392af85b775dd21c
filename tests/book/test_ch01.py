"""Chapter 01 says what is so: its numbers, its claims about results, its exercises."""

import re
from pathlib import Path

import numpy as np
import pytest
from run_chapter import check_answers, run_chapter

from nndl.exercises.ch01 import EXERCISES

SOURCE = Path(__file__).resolve().parents[2] / "book" / "01-shallow-and-deep.md"
TEXT = SOURCE.read_text("utf8")


@pytest.fixture(scope="module")
def page():
    return run_chapter(SOURCE)


def numbers(row):
    return [float(re.match(r"[\d.]+", cell)[0]) for cell in row if re.match(r"[\d.]+", str(cell))]


# --- claims about results


def test_every_other_digit_is_nearer_than_the_moved_one(page):
    nearer, others = re.search(r"nearer than that: (\d+) of (\d+)", page.printed).groups()
    assert nearer == others
    assert "farther away than every digit that means something else" in TEXT


def test_one_pixel_takes_much_of_nearness_away(page):
    shares = [int(n) for n in re.findall(r"same label in (\d+)%", page.printed)]
    assert shares[0] >= 97 and shares[1] <= 75


def test_with_many_digits_the_learned_representation_is_ahead_but_not_far(page):
    rows = {row[0]: numbers(row[2:]) for row in page.table("1,200 digits to learn from").rows}
    learned = rows["learned representation"]
    best_other = max(rows[name][0] for name in rows if name != "learned representation")
    assert 0.01 < learned[0] - best_other < 0.04
    assert min(row[0] for row in rows.values()) > 0.94, "all three read well"
    pixels, gradients = rows["linear on pixels"], rows["linear on oriented gradients"]
    assert abs(pixels[0] - gradients[0]) < 2 * np.hypot(pixels[2], gradients[2])


def test_with_few_digits_features_by_hand_are_ahead(page):
    rows = {row[0]: numbers(row[2:]) for row in page.table("50 digits to learn from").rows}
    hand = rows["linear on oriented gradients"]
    for name in set(rows) - {"linear on oriented gradients"}:
        assert 1.5 * hand[2] < hand[0] - rows[name][0]


def test_only_the_network_that_saw_moved_digits_closes_the_gap(page):
    table = page.table("learned from digits")
    plain, shown = (numbers(table.rows[k][2:]) for k in (1, 3))
    pixels, last = 0, table.columns.index("outputs") - 2
    assert all(share <= plain[pixels] + 0.05 for share in plain), "depth alone does not"
    assert shown[last] > 0.93 and shown[last - 1] > 0.85
    assert abs(shown[1] - shown[pixels]) < 0.1, "nothing is gained in the first layer"


def test_classes_draw_together_in_the_last_layers(page):
    spreads = [page["spread"](v, page["test"].labels) for v in page["seen"].values()]
    assert spreads[-1] < spreads[-2] < spreads[-3] < spreads[0] + 0.02
    assert spreads[-1] < 0.7 * spreads[0]


def test_every_layer_gets_credit_and_less_of_it_after_training(page):
    start, trained = (numbers(row[1:])[1:] for row in page.table("loss").rows)
    assert all(norm > 0 for norm in start + trained)
    assert all(after < before for before, after in zip(start, trained, strict=True))


def test_scrambling_any_one_layer_takes_nearly_everything(page):
    rows = page.table("scrambled layer").rows
    assert float(rows[0][1]) > 0.95
    assert all(float(row[1]) < 0.45 for row in rows[1:]) and len(rows) == 5


def test_the_parts_of_the_practice_are_named():
    for part in ("data", "model", "learning criterion", "optimization algorithm", "evaluation"):
        assert f"| {part}" in TEXT


def test_every_subject_of_the_course_is_there():
    for words in (
        "shallow learning",
        "feature\\ntransformation",
        "y = f_5(f_4(f_3(f_2(f_1(x)))))",
        "need not be continuous",
        "semantic gap",
        "credit assignment problem",
        "Deep learning and neural networks",
        "deep forest",
        "Theory lags behind practice",
        "Tuning is murky",
        "The models are opaque",
        "Nothing points to what would be better",
        "| linear algebra |",
        "| calculus: the chain rule |",
        "| calculus of variations |",
        "| probability |",
        "| optimization |",
        "| information theory |",
        "What this does not show",
        "Further reading",
    ):
        assert words in TEXT, words


def test_every_place_of_the_map_leads_somewhere_and_every_chapter_is_on_it():
    map_ = TEXT.split("{.knowledge-map}\n")[1].split("\n\n")[0]
    rows = re.split(r"^- ", map_, flags=re.M)[1:]
    assert len(rows) == 5
    for row in rows:
        title, *places = row.strip().splitlines()
        assert re.fullmatch(r"\*\*[\w ]+\*\*", title) and len(places) >= 2
        assert all(re.search(r"\{(doc|cite)\}`[^`]+`", place) for place in places)
    led_to = set(re.findall(r"\{doc\}`[^<`]+<([\w-]+)>`", map_))
    assert {path.stem for path in SOURCE.parent.glob("[0-9][0-9]-*.md")} <= led_to


# --- exercises


def test_answers_of_the_page_pass(page):
    check_answers(page, TEXT, EXERCISES)


def test_the_counted_parameters_are_the_models(page):
    count = lambda model: sum(p.size for p in model.parameters())  # noqa: E731
    assert (count(page["make_linear"](64)), count(page["make_network"]())) == page["parameters"]
