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
    counts = [int(n) for n in re.findall(r"same label for (\d+) of 300 digits", page.printed)]
    assert counts[0] == 298 and counts[1] <= 225


def test_a_rule_by_one_pixel_catches_the_threes_and_most_others(page):
    assert page["three"][3, 4] > 8, "the pixel of the rule holds ink in the digit that is shown"
    obey, true = map(int, re.findall(r"with ink there: (\d+)%", page.printed))
    assert obey > 80 and true < 30


def gap(found, one, other):
    """Return the difference of two programs on the same digits, and its error from the digits."""
    gaps = found[one][0].mean(axis=0) - found[other][0].mean(axis=0)
    return gaps.mean(), gaps.std(ddof=1) / np.sqrt(len(gaps))


HAND, LEARNED = "linear on oriented gradients", "learned representation"
LINEAR, NEAREST = "linear on pixels", "nearest neighbor"


def test_with_many_digits_remembering_is_ahead_of_everything_learned(page):
    results = page["results"]
    assert np.all(results[NEAREST][0].sum(axis=1) == 298), "no start and no chance in it"
    for name in (HAND, LEARNED, LINEAR):
        assert results[name][0].shape == (5, 300) and results[name][0].mean() > 0.94
        difference, error = gap(results, NEAREST, name)
        assert difference > 1.8 * error  # "more than twice", to the digit or two of a processor
    for other in (HAND, LINEAR):
        difference, error = gap(results, LEARNED, other)
        assert 0.5 * error < difference < 3 * error  # "likely, by one error to two"
    difference, error = gap(results, HAND, LINEAR)
    assert abs(difference) < 1.5 * error  # "not told apart"


def test_with_few_digits_none_is_told_apart_and_one_draw_would_mislead(page):
    few = page["few"]
    for one, other in [(HAND, NEAREST), *page["PAIRS"]]:
        difference, error = gap(few, one, other)
        gaps = few[one][0].mean(axis=1) - few[other][0].mean(axis=1)
        assert abs(difference) < 2.5 * np.hypot(error, gaps.std(ddof=1) / np.sqrt(5))
    scores = np.array([right.mean(axis=1) for right, _ in few.values()])  # (4, 5)
    assert len(set(scores.argmax(axis=0))) > 1, "the best is not always the same"
    between_draws = scores.mean(axis=0).std(ddof=1)
    assert between_draws > 2 * scores.mean(axis=1).std(ddof=1)  # "by far more than they differ"


def test_equal_steps_with_many_and_few_digits():
    many, few = (int(n) for n in re.findall(r'"epochs": (\d+)', TEXT))
    assert many * -(-1200 // 64) == few * 1


def test_remembering_moved_copies_reads_moved_digits(page):
    found = re.search(r"the same label for (\d+) of 300 moved digits", page.printed)[1]
    assert int(found) >= 297 and len(page["copies"]) == 3600


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


def test_scrambling_takes_most_from_a_network_and_from_a_pipeline_made_by_hand(page):
    for column, parts in (("scrambled layer", 4), ("scrambled stage, by hand", 2)):
        whole, *broken = page.table(column).rows
        assert float(whole[1]) > 0.93 and len(broken) == parts
        assert all(float(row[1]) < 0.5 for row in broken)
    assert (
        "so the layers do not each solve a part of the task, they have learned *together*" in TEXT
    )
    assert "Does that follow?" in TEXT


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
