"""A quiz teaches: each option says why, one of them is right, and its place tells nothing."""

import re
from collections import Counter

import chapter
import exercises
import pytest
import quiz

import notebooks

CHAPTERS = chapter.chapter_files()
OPTION = re.compile(r"^(`{3,})\{dropdown\} (?P<text>.+)\n(?P<why>[\s\S]+?)\n\1$", re.M)


def questions(text: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the questions of a chapter's quiz, each with its options and their words."""
    section = re.search(r"^## Quiz\n([\s\S]*?)(?=^## |\Z)", text, re.M)
    parts = re.split(r"^\*\*(\d+\. .+)\*\*$", section[1] if section else "", flags=re.M)
    return [
        (question, [(option["text"], option["why"]) for option in OPTION.finditer(body)])
        for question, body in zip(parts[1::2], parts[2::2], strict=True)
    ]


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda p: p.stem)
def test_each_option_says_why_and_one_is_right(path):
    text = path.read_text("utf8")
    asked = questions(text)
    assert asked, "every chapter has a quiz"
    for number, (question, options) in enumerate(asked, 1):
        assert question.startswith(f"{number}. ") and len(options) >= 3, question
        assert sum(why.startswith("Right. ") for _, why in options) == 1, question
        assert all(len(why.split()) >= 6 for _, why in options), question
        # a fence of backticks may have none in its title: it would be shown as plain text
        assert not any("`" in option for option, _ in options), question


def as_shown(path):
    """Return the questions as the page has them."""
    table = exercises.exercise_table(path.stem[:2])
    return questions(exercises.site_view(path.read_text("utf8"), path, table))


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda p: p.stem)
def test_shuffling_changes_the_order_of_options_and_nothing_else(path):
    text = path.read_text("utf8")
    shown = quiz.shuffled(text, path.stem[:2])
    assert quiz.shuffled(text, path.stem[:2]) == shown, "the same in every build"
    written = [(question, sorted(options)) for question, options in questions(text)]
    assert [(question, sorted(options)) for question, options in questions(shown)] == written
    (before, _, after), (new_before, _, new_after) = (
        re.split(r"^(## Quiz\n[\s\S]*?)(?=^## )", whole, flags=re.M) for whole in (text, shown)
    )
    assert (before, after) == (new_before, new_after)
    assert len(shown.splitlines()) == len(text.splitlines()), "each line keeps its number"


def test_the_place_of_an_option_does_not_tell_whether_it_is_right():
    """Of all right options no more than half stand at one place, nor always one in a chapter."""
    places = {
        path.stem: [
            [why.startswith("Right. ") for _, why in options].index(True)
            for _, options in as_shown(path)
        ]
        for path in CHAPTERS
    }
    counted = Counter(place for found in places.values() for place in found)
    assert max(counted.values()) <= sum(counted.values()) / 2, counted
    assert all(len(set(found)) > 1 for found in places.values()), places


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda p: p.stem)
@pytest.mark.parametrize("kind", ["student", "solution"])
def test_a_notebook_has_the_order_of_the_page(path, kind):
    text = "\n".join(
        cell.source
        for cell in notebooks.make(path, kind, notebooks.page_titles(path.parent)).cells
        if cell.cell_type == "markdown"
    )
    text = text[text.index("## Quiz") :]
    places = [
        [text.index(f"<summary>{option}</summary>") for option, _ in options]
        for _, options in as_shown(path)
    ]
    assert all(found == sorted(found) for found in places)
