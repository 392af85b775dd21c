"""A quiz teaches: each option says why, and one of them is right."""

import re
from pathlib import Path

import pytest

CHAPTERS = sorted((Path(__file__).resolve().parents[2] / "book").glob("[0-9][0-9]-*.md"))
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
    assert bool(asked) == ("## Quiz" in text)
    for number, (question, options) in enumerate(asked, 1):
        assert question.startswith(f"{number}. ") and len(options) >= 3, question
        assert sum(why.startswith("Right. ") for _, why in options) == 1, question
        assert all(len(why.split()) >= 6 for _, why in options), question
        # a fence of backticks may have none in its title: it would be shown as plain text
        assert not any("`" in option for option, _ in options), question
