"""From texts to numbers: a tokenizer, a vocabulary, and whole sets encoded with it."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from nndl.arithmetic import checks
from nndl.data.splits import Pairs, Sequences, Splits, Texts

__all__ = ["Vocabulary", "encode_texts", "tokenize"]

SPECIALS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
PAD, UNK, CLS, SEP = range(len(SPECIALS))
WORD = re.compile(r"[a-z]+(?:'[a-z]+)*|[0-9]+")
LINE_BREAK = re.compile(r"<br\s*/?>")


def tokenize(text: str) -> list[str]:
    """Split an English text into words.

    Small letters only; a word is a run of letters, with apostrophes inside, or a run of digits.
    Everything else separates words and is dropped, and so are the line breaks of web pages
    (``<br />``).

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    list of str
        Its words, none for a text without any.

    Examples
    --------
    >>> tokenize("It's GOOD.<br /><br />10/10, isn't it?")
    ["it's", 'good', '10', '10', "isn't", 'it']
    """
    return WORD.findall(LINE_BREAK.sub(" ", checks.text("text", text).lower()))


class Vocabulary:
    """Number the words of a training set.

    Four tokens come first: ``[PAD]`` (0) fills up what is shorter, ``[UNK]`` (1) stands for words
    that are not in the vocabulary, ``[CLS]`` (2) and ``[SEP]`` (3) begin and end the texts of a
    pair. Words follow by how often they occur, the most frequent first, ties by the alphabet.

    Parameters
    ----------
    texts : iterable of str
        The training texts: of development and test texts a model must know nothing.
    min_count : int
        How often a word must occur to be in.
    max_size : int, optional
        The most tokens, the four special ones included.
    tokenize : callable
        From a text to its words.

    Attributes
    ----------
    words : list of str
        All tokens; the place of each is its number.

    Raises
    ------
    ValueError
        If ``min_count`` is not positive, or ``max_size`` leaves no room for a word.

    Examples
    --------
    >>> vocabulary = Vocabulary(["the cat sat", "the dog sat", "the end"])
    >>> vocabulary.words[:6]
    ['[PAD]', '[UNK]', '[CLS]', '[SEP]', 'the', 'sat']
    >>> vocabulary.encode("The bird sat")
    array([4, 1, 5])
    >>> vocabulary.decode([4, 1, 5])
    ['the', '[UNK]', 'sat']
    """

    def __init__(
        self,
        texts: Iterable[str],
        min_count: int = 1,
        max_size: int | None = None,
        tokenize: Callable[[str], list[str]] = tokenize,
    ):
        min_count = checks.integer("min_count", min_count)
        if max_size is not None and checks.integer("max_size", max_size) <= len(SPECIALS):
            raise ValueError(f"max_size must be more than {len(SPECIALS)}, got {max_size}")
        if isinstance(texts, str):
            raise TypeError("texts must be several texts, got one string")
        if not isinstance(texts, Iterable):
            raise TypeError(f"texts must be several texts, got {type(texts).__name__}")
        checks.function("tokenize", tokenize)
        texts = [checks.text("texts", text) for text in texts]
        counts = Counter(word for text in texts for word in tokenize(text))
        frequent = [word for word, count in counts.items() if count >= min_count]
        frequent.sort(key=lambda word: (-counts[word], word))
        self.words = [*SPECIALS, *frequent][:max_size]
        self.tokenize = tokenize
        self._number = {word: number for number, word in enumerate(self.words)}

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: str) -> bool:
        return word in self._number

    def encode(self, text: str) -> np.ndarray:
        """Turn a text into the numbers of its words.

        Parameters
        ----------
        text : str
            Any text.

        Returns
        -------
        numpy.ndarray
            int64, shape ``[T]``; a text without words becomes one ``[UNK]``, so that T is never 0.

        Examples
        --------
        >>> Vocabulary(["a b"]).encode("b c a")
        array([5, 1, 4])
        """
        return self._encode("text", text)

    def _encode(self, name: str, text: str) -> np.ndarray:
        numbers = [self._number.get(word, UNK) for word in self.tokenize(checks.text(name, text))]
        return np.array(numbers or [UNK], dtype=np.int64)

    def encode_pair(self, first: str, second: str) -> tuple[np.ndarray, np.ndarray]:
        """Turn two texts into one sequence: ``[CLS] first [SEP] second [SEP]``.

        Parameters
        ----------
        first, second : str
            Any texts.

        Returns
        -------
        ids : numpy.ndarray
            int64, shape ``[T]``.
        segments : numpy.ndarray
            int64, shape ``[T]``: 0 up to the first ``[SEP]``, 1 after it.

        References
        ----------
        J. Devlin, M.-W. Chang, K. Lee and K. Toutanova, BERT: Pre-training of deep bidirectional
        transformers for language understanding, NAACL 2019.

        Examples
        --------
        >>> Vocabulary(["a b"]).encode_pair("a", "b a")
        (array([2, 4, 3, 5, 4, 3]), array([0, 0, 0, 1, 1, 1]))
        """
        one, other = self._encode("first", first), self._encode("second", second)
        ids = np.concatenate([[CLS], one, [SEP], other, [SEP]])  # (T,)
        return ids, np.repeat([0, 1], [len(one) + 2, len(other) + 1])

    def decode(self, ids: Sequence[int]) -> list[str]:
        """Turn numbers back into words.

        Parameters
        ----------
        ids : sequence of int
            Numbers of tokens; padding is left out.

        Returns
        -------
        list of str

        Raises
        ------
        ValueError
            If a number belongs to no token.

        Examples
        --------
        >>> Vocabulary(["a b"]).decode([2, 5, 3, 0, 0])
        ['[CLS]', 'b', '[SEP]']
        """
        if isinstance(ids, (str, dict)) or not isinstance(ids, Iterable):
            raise TypeError(f"ids must be a list of whole numbers, got {type(ids).__name__}")
        numbers = [checks.integer("ids", number, least=0) for number in ids]
        for number in numbers:
            if number >= len(self.words):
                raise ValueError(f"ids must be from 0 to {len(self.words) - 1}, got {number}")
        return [self.words[number] for number in numbers if number != PAD]

    def __repr__(self) -> str:
        return f"Vocabulary({len(self.words)} tokens)"


def encode_texts(
    splits: Splits,
    min_count: int = 2,
    max_size: int | None = None,
    tokenize: Callable[[str], list[str]] = tokenize,
) -> tuple[Splits, Vocabulary]:
    """Turn a set of texts, or of pairs of texts, into numbers.

    The vocabulary is built on the training part only.

    Parameters
    ----------
    splits : Splits
        Of :class:`Texts` or :class:`Pairs`.
    min_count, max_size, tokenize
        As :class:`Vocabulary` takes them.

    Returns
    -------
    splits : Splits
        Of :class:`Sequences`; with ``segments`` where they were pairs.
    vocabulary : Vocabulary
        What the numbers mean.

    Raises
    ------
    TypeError
        If the parts are neither texts nor pairs.

    Examples
    --------
    >>> train = Texts(["good film", "bad film"], np.array([1, 0]))
    >>> other = Texts(["good play"], np.array([1]))
    >>> encoded, vocabulary = encode_texts(Splits(train, other, other), min_count=1)
    >>> encoded.test.ids
    [array([6, 1])]
    >>> vocabulary.decode(encoded.test.ids[0])
    ['good', '[UNK]']
    """
    if not isinstance(splits, Splits):
        raise TypeError(f"splits must be Splits, got {type(splits).__name__}")
    for part in splits:
        if not isinstance(part, (Texts, Pairs)):
            raise TypeError(f"splits must hold Texts or Pairs, got {type(part).__name__}")
    texts = splits.train[:-1]  # one list of texts, or two
    vocabulary = Vocabulary((t for some in texts for t in some), min_count, max_size, tokenize)
    return Splits(*(_encode(part, vocabulary) for part in splits)), vocabulary


def _encode(part: Texts | Pairs, vocabulary: Vocabulary) -> Sequences:
    """Turn one part into numbers."""
    if isinstance(part, Texts):
        return Sequences([vocabulary.encode(text) for text in part.texts], part.labels)
    pairs = [vocabulary.encode_pair(*pair) for pair in zip(part.first, part.second, strict=True)]
    return Sequences([ids for ids, _ in pairs], part.labels, [segments for _, segments in pairs])
