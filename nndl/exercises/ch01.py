"""The exercises of chapter 01, deep and shallow learning: answers, cases, mistakes and hints."""

import math

import numpy as np

from nndl.exercises.table import Exercise, Mistake

__all__ = ["EXERCISES"]


def read(vectors, known, labels, k):
    """Return for each vector the label that most of its k nearest neighbors have."""
    answers = []
    for vector in vectors:
        apart = ((known - vector) ** 2).sum(axis=1)
        near = np.argsort(apart, kind="stable")[:k]
        answers.append(int(np.bincount(labels[near]).argmax()))
    return answers


def read_by_the_nearest(vectors, known, labels, k):
    """Ask one neighbor only."""
    return read(vectors, known, labels, 1)


def read_by_the_farthest(vectors, known, labels, k):
    """Take the largest distances."""
    answers = []
    for vector in vectors:
        far = np.argsort(-((known - vector) ** 2).sum(axis=1), kind="stable")[:k]
        answers.append(int(np.bincount(labels[far]).argmax()))
    return answers


def read_the_places(vectors, known, labels, k):
    """Return where the nearest one stands instead of its label."""
    return [int(((known - vector) ** 2).sum(axis=1).argmin()) for vector in vectors]


def read_by_the_mean(vectors, known, labels, k):
    """Average the labels, as if they were amounts."""
    answers = []
    for vector in vectors:
        near = np.argsort(((known - vector) ** 2).sum(axis=1), kind="stable")[:k]
        answers.append(round(float(labels[near].mean())))
    return answers


def by_class(predicted, labels, classes):
    """Return the share of each class's samples that was read right."""
    shares = []
    for number in range(classes):
        own = labels == number
        shares.append(float(np.mean(predicted[own] == number)) if own.any() else 0.0)
    return shares


def by_prediction(predicted, labels, classes):
    """Divide by how often a class was predicted."""
    return by_class(labels, predicted, classes)


def of_all_samples(predicted, labels, classes):
    """Divide by the number of all samples."""
    return [
        float(np.sum((predicted == labels) & (labels == n))) / len(labels) for n in range(classes)
    ]


def counted(predicted, labels, classes):
    """Return how many, not which share."""
    return [float(np.sum((predicted == labels) & (labels == n))) for n in range(classes)]


def _rows(*shape, seed):
    """Draw small whole numbers, so that a case can be read and redone by hand."""
    return np.random.default_rng(seed).integers(0, 5, shape).astype(float)


def _labels(count, classes, seed):
    return np.random.default_rng(seed).integers(0, classes, count)


ERROR = Exercise(
    id="deep-error",
    title="How uncertain is it?",
    reference=float(np.sqrt(0.97 * 0.03 / 300)),
    tolerance=2e-5,
    mistakes=(
        Mistake(
            0.97 * 0.03 / 300,
            "That is the variance of the share. The standard error is its square root.",
        ),
        Mistake(
            float(np.sqrt(0.97 * 0.03)),
            "That is how much a single digit varies. The mean of 300 varies less: divide by 300 "
            "under the root.",
        ),
        Mistake(
            0.03,
            "That is the share that was read wrong. How much would it move with other digits?",
        ),
        Mistake(
            float(np.sqrt(0.97 / 300)),
            "Under the root stands the share times its rest to one; the rest is missing.",
        ),
    ),
    hints=(
        "Which share was read right? The formula for the standard error of a share stands above "
        "the first table.",
        "The share is 291 / 300 = 0.97, so the root is of 0.97 · 0.03 / 300.",
    ),
)

SAMPLES = Exercise(
    id="deep-samples",
    title="How many digits would settle it?",
    reference=3136,
    # 0.98 * (1 - 0.98) / 0.0025**2 is 3136.0000000000005 in a computer, and rounds up to one more
    accept=lambda answer: answer in (3136, math.ceil(0.98 * (1 - 0.98) / 0.0025**2)),
    mistakes=(
        Mistake(
            56,
            "That solves for the root of the number. Square the equation before you solve for n.",
        ),
        Mistake(
            196,
            "That is for a standard error of one point. A quarter of it is asked, and the number "
            "grows with the square.",
        ),
        Mistake(
            784,
            "That is four times too few: the error has to become four times as small, so the "
            "number becomes sixteen times as large, not four times.",
        ),
        Mistake(
            3135,
            "The error is still a little above a quarter of a point. Round up.",
        ),
    ),
    hints=(
        "Set the formula for the standard error equal to 0.0025, and solve for n.",
        "n = 0.98 · 0.02 / 0.0025²; then the next whole number, if it is none.",
    ),
)

WEIGHTS = Exercise(
    id="deep-weights",
    title="The weights of the two models",
    reference=(650, 15338),
    mistakes=(
        Mistake(
            (640, 15248),
            "You have counted the weights. Each output of a linear layer and each output map of a "
            "convolution has a bias as well.",
        ),
        Mistake(
            (650, 2138),
            "A convolution has a kernel for each pair of an input map and an output map, not one "
            "for each output map.",
        ),
        Mistake(
            (650, 14058),
            "The last, linear layer of the network is missing: it has 128 inputs and ten outputs.",
        ),
        Mistake(
            (15338, 650),
            "Both numbers are right; the linear model's comes first.",
        ),
    ),
    hints=(
        "A linear layer has one weight for each pair of an input and an output, and one bias for "
        "each output.",
        "The first convolution has 1 · 9 · 16 weights and 16 biases, the second 16 · 9 · 32 and "
        "32. Two more layers follow.",
    ),
)

NEIGHBORS = Exercise(
    id="deep-neighbors",
    title="Reading by the nearest neighbors",
    kind="code",
    reference=read,
    cases=(
        (_rows(3, 4, seed=1), _rows(9, 4, seed=2), _labels(9, 3, seed=3), 1),
        (_rows(4, 4, seed=4), _rows(12, 4, seed=5), _labels(12, 4, seed=6), 3),
        (_rows(5, 6, seed=7), _rows(15, 6, seed=8), _labels(15, 3, seed=9), 5),
    ),
    mistakes=(
        Mistake(
            read_by_the_nearest,
            "Only the nearest one was asked. With k neighbors the most frequent label wins.",
        ),
        Mistake(
            read_by_the_farthest,
            "You have taken the largest distances: sort from small to large.",
        ),
        Mistake(
            read_the_places,
            "You have returned where the nearest one stands. Its label is asked: labels[place].",
        ),
        Mistake(
            read_by_the_mean,
            "The labels were averaged. The mean of a 1 and a 9 is no 5: labels are names, not "
            "amounts. Let them vote.",
        ),
    ),
    hints=(
        "For one vector: compute its distance to every known row, and sort. `np.argsort` gives "
        "the places.",
        "`np.bincount(labels[near])` counts the votes for each label, and `argmax` takes the "
        "first of the largest.",
    ),
)

CLASSES = Exercise(
    id="deep-classes",
    title="Accuracy, class by class",
    kind="code",
    reference=by_class,
    cases=(
        (np.array([0, 1, 1, 2, 0]), np.array([0, 1, 2, 2, 1]), 3),
        (np.array([1, 1, 1, 1]), np.array([0, 1, 0, 1]), 3),
        (_labels(20, 4, seed=1), _labels(20, 4, seed=2), 5),
    ),
    mistakes=(
        Mistake(
            by_prediction,
            "You have divided by how often a class was predicted. Asked is the share of the "
            "samples that are of that class.",
        ),
        Mistake(
            of_all_samples,
            "You have divided by the number of all samples. Each class is to be judged by its own.",
        ),
        Mistake(
            counted,
            "You have returned how many were right. Divide by how many samples the class has.",
        ),
    ),
    hints=(
        "`labels == number` is true for the samples of a class; use it to pick their predictions.",
        "`np.mean(predicted[own] == number)` is the share; take care of a class without samples.",
    ),
)

SHIFT = Exercise(
    id="deep-shift",
    title="How far until it is nobody's?",
    kind="experiment",
    reference=2,
    mistakes=(
        Mistake(
            1,
            "With one pixel the nearest picture still has the right label for about two thirds of "
            "the digits. Go on.",
        ),
        Mistake(
            3,
            "With two pixels it is below half already. Asked is the smallest movement.",
        ),
        Mistake(
            0,
            "Nothing is moved yet, and nearly all neighbors have the right label.",
        ),
    ),
    hints=(
        "Put the two lines that find the nearest picture of the moved test set into a loop over "
        "the movement.",
        "`for pixels in range(8): ...`, compute the share as in the text, and `break` when it is "
        "below 0.5.",
    ),
)

AUGMENT = Exercise(
    id="deep-augment",
    title="And downwards?",
    kind="experiment",
    reference=0.5,
    # another processor rounds otherwise and gets a few digits more or less
    accept=lambda gain: 0.35 <= float(gain) <= 0.65,
    mistakes=(
        Mistake(
            0.0,
            "No gain at all: are both networks asked about the digits that are moved down, and is "
            "the second one shown digits moved up and down?",
        ),
        Mistake(
            -0.5,
            "The size may be right. Take the second accuracy minus the first.",
        ),
        Mistake(
            50.0,
            "That is in percent. Accuracies are shares, from 0 to 1.",
        ),
    ),
    hints=(
        "Moving down is moving to the right in the picture with rows and columns exchanged.",
        "`down = lambda images, rows: moved(images.swapaxes(-1, -2), rows).swapaxes(-1, -2)`; then "
        "do with it what the text does with `moved`.",
    ),
)

EXERCISES = (ERROR, SAMPLES, WEIGHTS, NEIGHBORS, CLASSES, SHIFT, AUGMENT)
