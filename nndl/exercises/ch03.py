"""The exercises of chapter 03, the Runner: answers, cases, known mistakes and hints."""

import math

import numpy as np

from nndl.exercises.table import Exercise, Mistake

__all__ = ["EXERCISES"]

nan = math.nan


def best_place(scores, mode):
    """Return the place of the best score, the first of equal ones; never that of a NaN."""
    best, place = None, "none"
    for i, score in enumerate(scores):
        if math.isnan(score):
            continue
        if best is None or (score > best if mode == "max" else score < best):
            best, place = score, i
    return place


def from_zero(scores, mode):
    """Let the best score start at 0."""
    best, place = 0, "none"
    for i, score in enumerate(scores):
        if score > best if mode == "max" else score < best:
            best, place = score, i
    return place


def later_of_equals(scores, mode):
    """Take the later of two equal scores."""
    best, place = None, "none"
    for i, score in enumerate(scores):
        if math.isnan(score):
            continue
        if best is None or (score >= best if mode == "max" else score <= best):
            best, place = score, i
    return place


def begun_with_the_first(scores, mode):
    """Begin with the first score, also where it is not a number."""
    best, place = scores[0], 0
    for i, score in enumerate(scores):
        if score > best if mode == "max" else score < best:
            best, place = score, i
    return place


def read_settings(defaults, given):
    """Return the settings, and the names that do not exist."""
    settings = {name: given.get(name, value) for name, value in defaults.items()}
    return settings, [name for name in given if name not in defaults]


def largest_rate(X, factor=2.0, bias=True, mean=True, limit=2.0, eigenvalue=max):
    """Return the limit of the learning rate for a linear model under mean squared error."""
    A = np.hstack([X, np.ones((len(X), 1))]) if bias else X
    H = factor * A.T @ A / (len(A) if mean else 1)
    return limit / eigenvalue(np.linalg.eigvalsh(H))


class Forgetful:
    """A model of two classes that drops every second answer while it is training.

    Parameters
    ----------
    training : bool
        Whether it is learning at present.

    Examples
    --------
    >>> model = Forgetful(training=True)
    >>> model(np.array([5.0, 5.0])).tolist()
    [1, 0]
    >>> model.eval()
    >>> model(np.array([5.0, 5.0])).tolist()
    [1, 1]
    """

    def __init__(self, training):
        self.training = training

    def __call__(self, x):
        classes = (np.asarray(x) > 0).astype(int)
        if self.training:
            classes[1::2] = 0
        return classes

    def __repr__(self):
        return f"Forgetful(training={self.training})"

    def train(self):
        """Learn from now on."""
        self.training = True

    def eval(self):
        """Be used from now on."""
        self.training = False


def evaluate(model, batches):
    """Return the share of samples that are right in use, and the mode, as it was."""
    training = model.training
    model.eval()
    right = sum(int(np.sum(model(x) == labels)) for x, labels in batches)
    model.training = training
    return right / sum(len(labels) for _, labels in batches), model.training


def measured_in_training(model, batches):
    """Forget eval()."""
    right = sum(int(np.sum(model(x) == labels)) for x, labels in batches)
    return right / sum(len(labels) for _, labels in batches), model.training


def mean_of_means(model, batches):
    """Weigh the batches alike, not the samples."""
    training = model.training
    model.eval()
    score = np.mean([np.mean(model(x) == labels) for x, labels in batches])
    model.training = training
    return score, training


def left_in_use(model, batches):
    """Leave the model in the mode for use."""
    score, _ = evaluate(model, batches)
    model.eval()
    return score, model.training


def always_learning_after(model, batches):
    """Put every model into training afterwards."""
    score, _ = evaluate(model, batches)
    model.train()
    return score, model.training


def _batches(*sizes, seed):
    """Draw batches of signed numbers and classes that fit most of them."""
    rng = np.random.default_rng(seed)
    batches = []
    for size in sizes:
        x = rng.integers(1, 5, size) * rng.choice([-1.0, 1.0], size)
        labels = (x > 0).astype(int)
        labels[0] = 1 - labels[0]
        batches.append((x, labels))
    return batches


CONDITION = Exercise(
    id="runner-condition",
    title="Digits that are left",
    reference=1e10,
    mistakes=(
        Mistake(
            1e5,
            "That is the condition number of A. In the product every singular value is squared.",
        ),
        Mistake(
            2e5,
            "You have doubled the condition number. Singular values of the product are squares.",
        ),
        Mistake(
            200**2,
            "That is the largest singular value of the product. Divide by the smallest, 0.002².",
        ),
        Mistake(
            1e-10, "The other way round: the condition number is the largest over the smallest."
        ),
        Mistake(
            0.16, "You have multiplied largest and smallest. The condition number is their ratio."
        ),
    ),
    hints=(
        "What are the singular values of AᵀA, if A = U S Vᵀ?",
        "AᵀA = V S² Vᵀ: the ratio 200 / 0.002 is squared.",
    ),
)

STEPS = Exercise(
    id="runner-steps",
    title="Steps and evaluations",
    reference=(192, 4),
    mistakes=(
        Mistake(
            (192, 3),
            "At steps 50, 100 and 150, that is right. But no run ends unmeasured: there is one "
            "evaluation more, after the last step.",
        ),
        Mistake(
            (180, 4),
            "1,000 / 64 is 15.6. The last batch is smaller, but it is a batch: 16 steps an epoch.",
        ),
        Mistake(
            (180, 3),
            "An epoch has 16 steps, since the last batch is smaller, not missing. And there is an "
            "evaluation after the last step of all.",
        ),
        Mistake(
            (192, 12),
            "Once an epoch is what happens without `eval_steps`. Here it is every 50 steps.",
        ),
        Mistake((12, 4), "12 are the epochs. A step is one batch."),
    ),
    hints=(
        "How many batches does an epoch have, if the last one may be smaller?",
        "16 batches, 12 times. Which steps can be divided by 50? And when does the Runner evaluate "
        "besides?",
    ),
)

RATE = Exercise(
    id="runner-rate",
    title="The largest rate",
    kind="code",
    reference=largest_rate,
    cases=(
        (np.array([[1.0], [2.0], [3.0]]),),
        (np.array([[-1.0], [0.0], [1.0]]),),
        (np.array([[1.0, 0.0], [0.5, 2.0], [0.0, 1.0], [3.0, 1.0]]),),
        (np.array([[10.0], [11.0]]),),
    ),
    mistakes=(
        Mistake(
            lambda X: largest_rate(X, bias=False),
            "The bias is a parameter, too. Give the inputs a column of ones.",
        ),
        Mistake(
            lambda X: largest_rate(X, factor=1.0),
            "The second derivative of a square has a factor 2: the Hessian is 2 A^T A / N.",
        ),
        Mistake(
            lambda X: largest_rate(X, mean=False),
            "The loss is the *mean* of the squares: divide by the number of samples.",
        ),
        Mistake(
            lambda X: largest_rate(X, eigenvalue=min),
            "That is the flattest direction, which would bear much more. The steepest decides.",
        ),
        Mistake(
            lambda X: largest_rate(X, limit=1.0),
            "At 1 / λ the steepest direction arrives in one step. Up to twice that it still "
            "converges, from side to side.",
        ),
    ),
    hints=(
        "The loss is the mean of (A θ - y)², where A holds the inputs and a column of ones. What "
        "is its second derivative?",
        "H = 2 A^T A / N. `np.linalg.eigvalsh(H)` gives the eigenvalues; 2 divided by the greatest "
        "is the limit.",
    ),
)

CLEAR = Exercise(
    id="runner-clear",
    title="Bug: the gradients are never cleared",
    reference=-1.5,
    mistakes=(
        Mistake(
            -0.5, "That is with `clear_grad()`. Without it, each gradient is added to those before."
        ),
        Mistake(1.5, "Right in size. Gradient descent goes *against* the gradient."),
        Mistake(
            -2.5,
            "You have let every step follow five gradients. The first step has one, the second "
            "two.",
        ),
        Mistake(-1.0, "That is after 4 steps. The fifth follows five gradients."),
        Mistake(-3.1, "The gradient does not double at each step; another 1 is added to it."),
    ),
    hints=(
        "Which gradient does the optimizer see at the first step, at the second, at the third?",
        "1, 2, 3, 4, 5. Each is multiplied by 0.1 and taken off the weight.",
    ),
)

HISTORY = Exercise(
    id="runner-history",
    title="Bug: measuring leaves a mark",
    reference=(12, 2),
    mistakes=(
        Mistake(
            (10, 2),
            "Epoch 10 comes after the two evaluations of the test set, which take places 9 and 10.",
        ),
        Mistake((10, 0), "Every call of `evaluate` appends, also the two that you made yourself."),
        Mistake((11, 1), "The test set was evaluated twice."),
        Mistake(
            (12, 4),
            "The place is right. Count the entries that are not the development loss of an epoch: "
            "only those of the test set.",
        ),
        Mistake(
            (4, 2),
            "Nothing says that the second call of `train` begins a new list. Epoch 10 is the "
            "second "
            "of the 4 further ones.",
        ),
    ),
    hints=(
        "Write down the list: eight entries, then what?",
        "Places 1 to 8 are epochs 1 to 8, places 9 and 10 the test set. Where do epochs 9 and 10 "
        "come?",
    ),
)

BEST = Exercise(
    id="runner-best",
    title="Bug: the best score starts at 0",
    kind="code",
    reference=best_place,
    cases=(
        ([0.5, 0.9, 0.7], "max"),
        ([2.0, 0.4, 0.9], "min"),
        ([-3.0, -1.0, -2.0], "max"),
        ([0.5, 0.9, 0.9], "max"),
        ([nan, 0.2, 0.3], "max"),
        ([nan, nan], "min"),
        ([0.6, 0.4, 0.4], "min"),
    ),
    mistakes=(
        Mistake(
            from_zero,
            "It still begins at 0. No loss is below 0, and a score of -3 is never above it. Begin "
            "with no value at all.",
        ),
        Mistake(
            later_of_equals,
            "With `>=` (or `<=`) a later score wins that is only as good. Keep the first one.",
        ),
        Mistake(
            begun_with_the_first,
            "You begin with the first score, and that may be no number. Nothing is greater than "
            "`nan`, and nothing less: it stays for ever.",
        ),
        Mistake(
            lambda scores, mode: best_place(scores, "max"),
            "The mode is forgotten: for a loss the least value is the best.",
        ),
        Mistake(
            lambda scores, mode: best_place(scores, "max" if mode == "min" else "min"),
            "The two modes have changed places.",
        ),
    ),
    hints=(
        "What should `best` be before there is any score? And what does `nan > 1` say?",
        "Begin with `best = None`. A score that differs from itself is not a number: pass it over. "
        "Then `best is None or (score > best if mode == 'max' else score < best)`.",
    ),
)

SETTINGS = Exercise(
    id="runner-settings",
    title="Bug: arguments are swallowed",
    kind="code",
    reference=read_settings,
    cases=(
        ({"num_epochs": 1, "log_epochs": 100}, {"num_epochs": 5}),
        ({"num_epochs": 1, "log_epochs": 100}, {"log_eopchs": 10}),
        ({"num_epochs": 1, "log_epochs": 100}, {"save": "a", "num_epochs": 2, "Log_epochs": 3}),
        ({"num_epochs": 1, "log_epochs": 100}, {"log_epochs": 0}),
    ),
    mistakes=(
        Mistake(
            lambda defaults, given: (read_settings(defaults, given)[0], []),
            "That is the bug itself: unknown names are passed over. List them.",
        ),
        Mistake(
            lambda defaults, given: ({**defaults, **given}, read_settings(defaults, given)[1]),
            "The unknown names are listed, and still stand among the settings. Take only those "
            "that "
            "have a default.",
        ),
        Mistake(
            lambda defaults, given: (
                read_settings(defaults, given)[0],
                [name for name in defaults if name not in given],
            ),
            "Those are the settings that nobody gave. Asked for are the names that were given and "
            "do "
            "not exist.",
        ),
        Mistake(
            lambda defaults, given: (
                {name: given.get(name) or value for name, value in defaults.items()},
                read_settings(defaults, given)[1],
            ),
            "`given.get(name) or value` takes a 0 for nothing. `log_epochs=0` was given, and means "
            "something.",
        ),
        Mistake(
            lambda defaults, given: (dict(defaults), read_settings(defaults, given)[1]),
            "What was given has no effect: the settings are all defaults.",
        ),
    ),
    hints=(
        "Go through the defaults for the settings, and through what was given for the unknown "
        "names.",
        "`{name: given.get(name, value) for name, value in defaults.items()}`; and every name in "
        "`given` that is not in `defaults`.",
    ),
)

EVALUATE = Exercise(
    id="runner-evaluate",
    title="Bug: measured while it learns",
    kind="code",
    reference=evaluate,
    cases=(
        (Forgetful(True), _batches(4, 4, seed=0)),
        (Forgetful(True), _batches(6, 2, seed=1)),
        (Forgetful(False), _batches(5, 3, seed=2)),
    ),
    look=lambda model, batches: model.training,
    mistakes=(
        Mistake(
            measured_in_training,
            "The model is still training, and drops answers. Call `model.eval()` before you "
            "measure.",
        ),
        Mistake(
            mean_of_means,
            "A mean of the batches' means lets a sample in a small batch weigh more. Count "
            "samples.",
        ),
        Mistake(
            left_in_use,
            "The model stays in the mode for use, and the training that goes on does so without "
            "dropout. Put it back as it was.",
        ),
        Mistake(
            always_learning_after,
            "`model.train()` at the end is right only if it was training before. Remember the mode "
            "first.",
        ),
    ),
    hints=(
        "Keep `model.training` in a name of its own before you change it.",
        "`was = model.training`, `model.eval()`, count `np.sum(model(x) == labels)` and "
        "`len(labels)` over all batches, then `if was: model.train()`.",
    ),
)

LEAK = Exercise(
    id="runner-leak",
    title="Bug: a sum that remembers",
    kind="experiment",
    reference=4,
    mistakes=(
        Mistake(
            1,
            "Did you start again from `paddle.zeros([])` in each epoch? Or did you detach the "
            "loss?",
        ),
        Mistake(
            76,
            "76 is the number of steps. After the first epoch there were 19 steps' nodes already.",
        ),
        Mistake(
            10,
            "1 + 2 + 3 + 4 = 10 would be the sum over the ends of the epochs. The last one alone "
            "is asked for.",
        ),
        Mistake(
            3,
            "That many were *added* after the first epoch. Compare the last count with the first.",
        ),
    ),
    hints=(
        "Two loops, one in the other; `nodes_behind(total)` after the inner one.",
        "Keep the counts in a list and divide the last by the first.",
    ),
)

RIDGE = Exercise(
    id="runner-ridge",
    title="How much ridge?",
    kind="experiment",
    reference=10,
    mistakes=(
        Mistake(
            0,
            "That has the least loss on the training set, as always. Compare the accuracy on the "
            "development set.",
        ),
        Mistake(
            1,
            "Close. Did you compare the loss? The accuracy on the development set is still higher "
            "for another value.",
        ),
        Mistake(
            100,
            "That is more than is good: the weights are drawn so far to zero that it underfits.",
        ),
        Mistake(0.1, "Better than without, but not yet enough. Go on to larger values."),
    ),
    hints=(
        "A loop over the six values, with a new `RunnerV1` each time; `history.dev_scores[0]` is "
        "what to compare.",
        "`max(by_ridge, key=by_ridge.get)`, where `by_ridge` holds the accuracy for each value.",
    ),
)

_RESUME = {"SGD": True, "Momentum": False, "Adam": False, "SGD with schedule": False}

RESUME = Exercise(
    id="runner-resume",
    title="Are the weights enough?",
    kind="experiment",
    reference=_RESUME,
    mistakes=(
        Mistake(
            dict.fromkeys(_RESUME, True),
            "Then no checkpoint would be needed. Did both runs really stop, or did the second go "
            "on "
            "with the optimizer of the first?",
        ),
        Mistake(
            dict.fromkeys(_RESUME, False),
            "Plain SGD remembers nothing. If it differs, look whether both runs have the same "
            "start "
            "and the same batches.",
        ),
        Mistake(
            _RESUME | {"SGD with schedule": True},
            "The schedule starts again at 0.1 in the second half, where one run had come to 0.001.",
        ),
        Mistake(
            _RESUME | {"Momentum": True},
            "Momentum keeps a velocity for each weight. A new optimizer begins with velocity 0.",
        ),
        Mistake(
            _RESUME | {"Adam": True},
            "Adam keeps two running means for each weight, and the number of steps for its "
            "correction.",
        ),
    ),
    hints=(
        "What does each optimizer know that is not in the weights?",
        "Write a function that trains for some epochs from a given state and returns the new "
        "state. "
        "Compare `run(4)` with `run(2, run(2))`.",
    ),
)

EXERCISES: tuple[Exercise, ...] = (
    CONDITION,
    STEPS,
    RATE,
    CLEAR,
    HISTORY,
    BEST,
    SETTINGS,
    EVALUATE,
    LEAK,
    RIDGE,
    RESUME,
)
