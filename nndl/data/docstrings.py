r"""Real texts that are on every reader's machine: what docstrings say about arguments.

Where they come from
--------------------
The course's own libraries, NumPy, Matplotlib and Paddle, describe each argument and each result of
their functions by a sentence, and name it and its type in front of it, in one of two styles::

    axis : int                              axis (int): The axis along which to add.
        The axis along which to add.

The sentences are read from the installed source files, without importing them and without a
network, at the moment they are asked for; nothing of them is stored or shipped. So the numbers
depend on the installed versions a little.

Two tasks are made of them. *Which type?* From "Whether to keep the axis" a reader guesses ``bool``,
by the word *whether*: the label hangs on one or a few words, and so it can be checked by eye what
attention looks at. *Which go together?* Of two sentences, do both describe an argument of the same
name? Every sentence comes up as often in pairs that match as in pairs that don't, so that one of
the two alone says nothing.
"""

import re
from collections import defaultdict
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np

from nndl.arithmetic import checks
from nndl.data.splits import Pairs, Splits, Texts, take
from nndl.data.vocabulary import tokenize

__all__ = ["ARGUMENT_TYPES", "load_docstring_pairs", "load_docstrings"]

LIBRARIES = ("numpy", "matplotlib", "paddle")
#: The classes of `load_docstrings`, in the order of their labels.
ARGUMENT_TYPES = ("bool", "int", "str", "array")
SHARES = (0.7, 0.15, 0.15)  # of the docstrings, for train, dev and test
WORDS = range(3, 25)  # that a sentence may have
# With a dozen sentences under a name, some of dev and of test still go together.
LEAST_SENTENCES = 8
MOST_PAIRS = 400  # of one name: `out` and `axis` would be everywhere

# A colon, a new line, an indented string: nothing but a docstring looks like this.
DOCSTRING = re.compile(r':[ \t]*\n[ \t]+[rR]?"""(.+?)"""', re.DOTALL)
# "name : type" or "name (type): text", then the lines that are indented further.
ENTRY = re.compile(
    r"^([ ]*)\*{0,2}`{0,2}(\w+)`{0,2} ?"
    r"(?:: ([^\n]+)|\(([^()\n]*(?:\([^()\n]*\))?[^()\n]*)\) *:([^\n]*))\n"
    r"((?:\1[ ]+[^\n]+\n)*)",
    re.MULTILINE,
)
ROLE = re.compile(r":\w+:`~?\.?([^`]*)`")
FIRST_SENTENCE = re.compile(r".+?\.(?=\s|$)")
# The value that is taken by default would give the type away.
DEFAULT_VALUE = re.compile(r"[,;(]?\s*\b(?:the |it is |by )?default(?:s|ed)?\b.*$", re.IGNORECASE)
TYPE_EXTRAS = re.compile(r"[,;]?\s*\(?(?:optional|default.*|keyword.*)\)?")
TYPE_NAMES = {
    **dict.fromkeys(("bool", "boolean"), "bool"),
    **dict.fromkeys(("int", "integer"), "int"),
    **dict.fromkeys(("str", "string"), "str"),
    **dict.fromkeys(("array_like", "array-like", "array", "ndarray"), "array"),
    **dict.fromkeys(("tensor", "variable"), "array"),
}


class _Sentence(NamedTuple):
    """What a docstring says about one argument."""

    text: str
    name: str
    type: str | None  # one of ARGUMENT_TYPES, None for any other
    docstring: int  # the number of the docstring


def load_docstrings(seed: int = 0) -> Splits:
    """Load descriptions of arguments, to guess the argument's type.

    Classes are ``bool``, ``int``, ``str`` and ``array`` (:data:`ARGUMENT_TYPES`), equally frequent
    in each part. What a sentence says about a default value is cut off. The parts share no
    docstring and no sentence.

    Parameters
    ----------
    seed : int
        Decides the split.

    Returns
    -------
    Splits
        Three :class:`Texts`; labels int64 ``[N]``, places in :data:`ARGUMENT_TYPES`.

    Raises
    ------
    ImportError
        If none of NumPy, Matplotlib and Paddle is installed with its source files.
    ValueError
        If ``seed`` is negative.

    Examples
    --------
    >>> train, dev, test = load_docstrings()
    >>> text, label = train.texts[0], train.labels[0]
    >>> ARGUMENT_TYPES[label] in ("bool", "int", "str", "array")
    True
    """
    rng = np.random.default_rng(checks.seed("seed", seed))
    parts = []
    for sentences in _deal_out(_read(), rng):
        by_type = [[s.text for s in sentences if s.type == kind] for kind in ARGUMENT_TYPES]
        size = min(map(len, by_type))
        chosen = [its[index] for its in by_type for index in rng.permutation(len(its))[:size]]
        labels = np.repeat(np.arange(len(by_type)), size)
        order = rng.permutation(len(chosen))
        parts.append(Texts(take(chosen, order), labels[order]))
    return Splits(*parts)


def load_docstring_pairs(
    n_train: int = 12000, n_dev: int = 1000, n_test: int = 1000, seed: int = 0
) -> Splits:
    """Load pairs of descriptions, some of arguments of the same name.

    Half of the pairs match: both describe an argument of the same name. A sentence comes up in
    many pairs, as often in matching ones as in others; the parts share no docstring and no
    sentence.

    Parameters
    ----------
    n_train, n_dev, n_test : int
        The most pairs in each part, fewer where there are not as many.
    seed : int
        Decides the split and the pairs.

    Returns
    -------
    Splits
        Three :class:`Pairs`; labels int64 ``[N]``, 1 where the two match.

    Raises
    ------
    ImportError
        If none of NumPy, Matplotlib and Paddle is installed with its source files.
    ValueError
        If a number is below 4 or ``seed`` negative.

    Examples
    --------
    >>> train, dev, test = load_docstring_pairs(n_train=100)
    >>> len(train.first), len(train.second), int(train.labels.sum())
    (100, 100, 50)
    """
    rng = np.random.default_rng(checks.seed("seed", seed))
    sizes = {"n_train": n_train, "n_dev": n_dev, "n_test": n_test}
    for name, size in sizes.items():
        if checks.size(name, size) < 4:
            raise ValueError(f"{name} must be at least 4, got {size}")
    counts: dict[str, int] = defaultdict(int)
    for sentence in _read():
        counts[sentence.name] += 1
    # One letter is no name: `x` is a place here and an input there.
    frequent = [s for s in _read() if counts[s.name] >= LEAST_SENTENCES and len(s.name) > 1]
    parts = _deal_out(frequent, rng)
    return Splits(
        *(_pairs(part, size, rng) for part, size in zip(parts, sizes.values(), strict=True))
    )


@lru_cache(maxsize=1)
def _read() -> tuple[_Sentence, ...]:
    """Read the sentences from the installed libraries, once in a process."""
    found: dict[tuple[str, ...], list[_Sentence]] = defaultdict(list)
    number = 0
    for library in LIBRARIES:
        for path in _source_files(library):
            for docstring in DOCSTRING.findall(path.read_text("utf-8", errors="replace")):
                number += 1
                for sentence in _entries(docstring, number):
                    found[tuple(tokenize(sentence.text))].append(sentence)
    # The same words under two names or with two types are nobody's fault and no use.
    clear = [its for its in found.values() if len({(s.name, s.type) for s in its}) == 1]
    if not clear:
        raise ImportError(
            f"load_docstrings() reads the source files of {', '.join(LIBRARIES)}, and found none: "
            "pip install numpy matplotlib paddlepaddle"
        )
    return tuple(its[0] for its in clear)


def _source_files(library: str) -> list[Path]:
    """List a library's source files, its tests left out; none if it is not installed."""
    package = find_spec(library)
    if package is None or not package.submodule_search_locations:
        return []
    folder = Path(package.submodule_search_locations[0])
    files = [path.relative_to(folder) for path in folder.rglob("*.py") if path.is_file()]
    files = [path for path in files if not {"test", "tests"} & set(path.parts)]
    return [folder / path for path in sorted(files, key=Path.as_posix)]


def _entries(docstring: str, number: int) -> list[_Sentence]:
    """Find what a docstring says about each argument."""
    sentences = []
    for _, name, type_below, type_inside, beside, below in ENTRY.findall(
        docstring.expandtabs() + "\n"
    ):
        text = ROLE.sub(r"\1", f"{beside} {below}")
        text = " ".join(re.sub(r"[`*]+", "", text).split())
        if first := FIRST_SENTENCE.match(text):
            text = first[0]
        text = DEFAULT_VALUE.sub("", text).strip()
        if "\\" not in text and len(tokenize(text)) in WORDS:
            kind = TYPE_EXTRAS.sub("", (type_below or type_inside).lower()).strip(" ,.`*")
            sentences.append(_Sentence(text, name.lower(), TYPE_NAMES.get(kind), number))
    return sentences


def _deal_out(sentences: tuple | list, rng: np.random.Generator) -> list[list[_Sentence]]:
    """Deal the docstrings out to train, dev and test, each with all its sentences."""
    docstrings = np.unique([sentence.docstring for sentence in sentences])
    part = dict(
        zip(docstrings.tolist(), rng.choice(3, size=len(docstrings), p=SHARES), strict=True)
    )
    return [[s for s in sentences if part[s.docstring] == which] for which in range(3)]


def _pairs(sentences: list[_Sentence], size: int, rng: np.random.Generator) -> Pairs:
    """Draw matching pairs; then pair their sentences anew, so that none match."""
    by_name: dict[str, list[_Sentence]] = defaultdict(list)
    for sentence in sentences:
        by_name[sentence.name].append(sentence)
    matching: list[tuple[_Sentence, _Sentence]] = []
    for its in by_name.values():
        its = [its[index] for index in rng.permutation(len(its))]
        couples = [(one, other) for place, one in enumerate(its) for other in its[:place]]
        chosen = rng.permutation(len(couples))[:MOST_PAIRS]
        matching += [couples[index] for index in chosen]
    matching = _some([matching[index] for index in rng.permutation(len(matching))], (size + 1) // 2)
    first = [one for one, _ in matching]
    second = [other for _, other in matching]
    others = _mismatched(first, second, rng)
    order = rng.permutation(2 * len(first))[:size]
    return Pairs(
        [(first + first)[index].text for index in order],
        [(second + others)[index].text for index in order],
        np.array([1] * len(first) + [0] * len(first), dtype=np.int64)[order],
    )


def _some(pairs: list[tuple[_Sentence, _Sentence]], size: int) -> list:
    """Take the first pairs; of one name no more than half, else some could not be mismatched."""
    size = min(size, len(pairs))
    left: dict[str, int] = defaultdict(lambda: size // 2)
    taken = []
    for pair in pairs:
        if left[pair[0].name] and len(taken) < size:
            left[pair[0].name] -= 1
            taken.append(pair)
    return taken


def _mismatched(
    first: list[_Sentence], second: list[_Sentence], rng: np.random.Generator
) -> list[_Sentence]:
    """Reorder the second sentences until no pair is about the same name."""
    others = [second[index] for index in rng.permutation(len(second))]
    for place, one in enumerate(first):
        while others[place].name == one.name:
            swap = int(rng.integers(len(others)))
            # Only a swap after which both pairs are as they should be; no name has more than half
            # of the places, so there is one.
            if others[swap].name != one.name and others[place].name != first[swap].name:
                others[place], others[swap] = others[swap], others[place]
    return others
