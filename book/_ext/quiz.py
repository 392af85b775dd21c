"""Shuffle the options of a quiz, the same way on the page and in both notebooks.

An author writes the right option where it is easiest to write, mostly second. The order that a
reader sees is drawn from chapter, question and option, so it is the same in every build.
"""

import hashlib
import re

SECTION = re.compile(r"^## Quiz\n[\s\S]*?(?=^## |\Z)", re.M)
QUESTION = re.compile(r"^(?=\*\*\d+\. )", re.M)
OPTION = re.compile(r"^(?P<marks>`{3,})\{dropdown\} .+\n[\s\S]*?\n(?P=marks)$", re.M)


def shuffled(text: str, number: str) -> str:
    """Return a chapter's source with the options of each question in the order drawn for it.

    The number of lines stays, so every line outside the quiz keeps its own.

    Parameters
    ----------
    text : str
        The chapter.
    number : str
        Its number, in two digits: a part of the seed.
    """

    def shuffle(question: str) -> str:
        asked = question.split("\n", 1)[0]

        def draw(option: str) -> bytes:
            title = option.split("\n", 1)[0]
            return hashlib.sha256(f"{number} {asked} {title}".encode()).digest()

        options = iter(sorted((found[0] for found in OPTION.finditer(question)), key=draw))
        return OPTION.sub(lambda _: next(options), question)

    return SECTION.sub(lambda found: "".join(map(shuffle, QUESTION.split(found[0]))), text)
