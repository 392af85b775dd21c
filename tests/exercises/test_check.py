"""`check`: five outcomes, never an exception, known mistakes by name, hints that unfold."""

import io
import json
import os
import stat
import subprocess
import sys
import unittest.mock
import warnings
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nndl.exercises as exercises
from nndl.exercises import Exercise, Mistake, registry
from nndl.exercises.running import is_library, run, run_all

DOUBLE = Exercise(
    id="double",
    title="Twice",
    kind="code",
    reference=lambda x: 2 * x,
    cases=((2,), (5,)),
    mistakes=(
        Mistake(lambda x: x + 2, "That adds 2."),
        Mistake(lambda x: x * x, "That is the square."),
        Mistake(lambda x: x, "That is x itself."),
    ),
    hints=("What is x + x?", "Multiply by 2."),
)
COUNT = Exercise(
    id="count",
    title="How many?",
    reference=30,
    mistakes=(
        Mistake(32, "That is the input."),
        Mistake(29, "One too few."),
        Mistake(28, "Two too few."),
    ),
    hints=("Count positions.", "32 - 3 + 1."),
)


@pytest.fixture(autouse=True)
def small_table(monkeypatch, tmp_path):
    table = {"01": {"double": DOUBLE, "count": COUNT}}
    monkeypatch.setattr(registry, "chapters", lambda: table)
    monkeypatch.setattr(exercises, "chapters", lambda: table)
    monkeypatch.setenv("NNDL_PROGRESS", str(tmp_path / "progress.json"))
    monkeypatch.setattr(exercises, "GRADED", False)


def blank(x): ...


@pytest.mark.parametrize("answer", [..., None, (..., ...), {"a": ...}, blank])
def test_a_gap_is_not_attempted(answer):
    name = "double" if callable(answer) else "count"
    result = exercises.check(name, answer)
    assert result.outcome == "not attempted" and not result.hints


@pytest.mark.parametrize("answer", [30, 30.0, np.int64(30), np.array(30)])
def test_a_right_value_passes_whatever_its_type(answer):
    assert exercises.check("count", answer).passed


def test_a_paddle_tensor_is_a_value_too():
    paddle = pytest.importorskip("paddle")
    assert exercises.check("count", paddle.to_tensor(30)).passed


def test_right_code_passes():
    assert exercises.check("double", lambda x: x + x).passed


def test_wrong_code_shows_the_first_failing_case():
    def twice(x):
        return 2 * x if x < 3 else 0

    result = exercises.check("double", twice)
    assert result.outcome == "not passed"
    assert dict(result.lines)["Call"] == "twice(5)"
    assert dict(result.lines)["Expected"] == "10" and dict(result.lines)["Got"] == "0"


def test_a_known_mistake_is_named():
    # 2 + 2 == 2 * 2: the first case alone could not tell it from the right answer
    assert "That adds 2." in repr(exercises.check("double", lambda x: x + 2))
    assert "That is the square." in repr(exercises.check("double", lambda x: x**2))
    assert "That is the input." in repr(exercises.check("count", 32))


def test_an_unknown_wrong_answer_is_not_given_a_name():
    assert "known mistake" not in repr(exercises.check("double", lambda x: x - 100))


def test_a_forgotten_return_is_said():
    def twice(x):
        y = 2 * x  # noqa: F841

    result = exercises.check("double", twice)
    assert result.outcome == "not passed" and "Is there a return?" in repr(result)


def test_an_error_shows_the_learners_own_line():
    def twice(x):
        return x["two"]

    result = exercises.check("double", twice)
    assert result.outcome == "raised"
    assert "TypeError" in repr(result) and 'return x["two"]' in repr(result)
    assert "running.py" not in repr(result)


def test_system_exit_of_a_learner_is_an_error_not_an_exit():
    assert exercises.check("double", lambda x: sys.exit(3)).outcome == "raised"


def test_recursion_without_end_is_an_error():
    def twice(x):
        return twice(x)

    assert exercises.check("double", twice).outcome == "raised"


def test_the_learners_function_gets_copies():
    seen = np.zeros(2)

    def spoil(x):
        x += 1

    assert not run(spoil, (seen,)).error and not run_all(spoil, [(seen,)])[0].error
    assert not seen.any()


@pytest.mark.parametrize(
    ("name", "answer", "words"),
    [
        ("cuont", 30, "did you mean 'count'"),
        ("count", len, "call it"),
        ("double", 4, "A function is asked for"),
        (["count"], 1, "There is no exercise"),
        ("count", "30", "A number is asked for"),
        ("count", {"a": 30}, "A number is asked for"),
    ],
)
def test_what_cannot_be_checked_says_why(name, answer, words):
    result = exercises.check(name, answer)
    assert result.outcome == "cannot be checked" and words in repr(result)


class Nasty:
    def __eq__(self, other):
        raise RuntimeError("no")

    def __repr__(self):
        raise RuntimeError("no")

    def __array__(self, *_, **__):
        raise RuntimeError("no")


class Quitter:
    def __array__(self, *_, **__):
        sys.exit(1)


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@settings(max_examples=200, deadline=None)
@given(answer=junk | st.just(np.array([np.nan])) | st.just(object))
def test_check_never_raises(answer):
    never_raises(answer)


def test_check_never_raises_for_an_object_that_always_does():
    never_raises(Nasty())
    assert exercises.check("count", Quitter()).outcome == "cannot be checked"
    assert exercises.check("double", lambda x: Nasty()).outcome == "not passed"


def never_raises(answer):
    for name in ("double", "count", answer):
        result = exercises.check(name, answer)
        assert result.outcome in exercises.judging.OUTCOMES
        assert repr(result) and result._repr_html_()
        assert not result.passed or answer == 30


def test_hints_unfold_with_different_attempts():
    assert exercises.check("count", 1).hints == ()
    assert exercises.check("count", 1).hints == (), "the same answer again is no new attempt"
    assert exercises.check("count", 2).hints == ("Count positions.",)
    assert exercises.check("count", 3).hints == ("Count positions.", "32 - 3 + 1.")
    assert exercises.check("count", 4).hints == ("Count positions.", "32 - 3 + 1.")


def test_running_the_same_cell_again_is_no_new_attempt():
    cell = "def twice(x):\n    return sum([i for i in range(x)])\n"
    for _ in range(3):
        names = {}
        exec(cell, names)
        assert exercises.check("double", names["twice"]).hints == ()


def test_large_arrays_that_differ_in_the_middle_are_two_attempts():
    from nndl.exercises.progress import fingerprint

    a, b = np.zeros(5000), np.zeros(5000)
    b[2500] = 1
    assert fingerprint(a, a) == fingerprint(a, a.copy()) != fingerprint(b, b)


def test_a_hint_can_be_asked_for_and_stays():
    assert exercises.hint("count").hints == ("Count positions.",)
    assert exercises.hint("count").hints == ("Count positions.", "32 - 3 + 1.")
    assert exercises.check("count", 1).hints == ("Count positions.", "32 - 3 + 1.")
    assert exercises.hint("cuont").outcome == "cannot be checked"


def test_progress_counts_and_keeps_what_was_passed():
    exercises.check("count", 1)
    exercises.check("count", 30)
    exercises.check("count", 31)
    report = repr(exercises.progress())
    assert "chapter 01: 1 of 2 passed" in report and "✓ count  How many?  (attempts: 3)" in report


@pytest.mark.parametrize(
    "content",
    ["not json", "[]", '{"count": 3}', '{"count": {"attempts": "x"}}', "[" * 100_000, "\x00"],
)
def test_a_spoiled_progress_file_stops_nothing(tmp_path, content):
    (tmp_path / "progress.json").write_text(content)
    assert exercises.check("count", 1).outcome == "not passed"
    assert exercises.check("count", 30).passed
    assert "1 of 2" in repr(exercises.progress())


def test_a_spoiled_file_is_kept_aside(tmp_path):
    (tmp_path / "progress.json").write_text("not json")
    exercises.check("count", 30)
    assert (tmp_path / "progress.json.bad").read_text() == "not json"


def test_what_others_wrote_into_the_file_stays(tmp_path):
    file = tmp_path / "progress.json"
    file.write_text('{"of-an-older-edition": {"passed": true, "attempts": 4}}')
    exercises.check("count", 30)
    kept = json.loads(file.read_text())
    assert kept["of-an-older-edition"]["attempts"] == 4 and kept["count"]["passed"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-8"])
def test_a_file_that_an_editor_has_marked_is_read(tmp_path, encoding):
    file = tmp_path / "progress.json"
    file.write_text('{"count": {"passed": true, "attempts": 4}}', encoding)
    assert "1 of 2 passed" in repr(exercises.progress())
    exercises.check("double", 1)
    assert "1 of 2 passed" in repr(exercises.progress())
    assert os.listdir(tmp_path) == ["progress.json"]


def test_a_file_beyond_all_measure_is_kept_aside(tmp_path):
    file = tmp_path / "progress.json"
    with file.open("w") as opened:
        opened.write("{}" + " " * (1 << 20))
    assert exercises.check("count", 30).passed
    assert sorted(os.listdir(tmp_path)) == ["progress.json", "progress.json.bad"]


@pytest.mark.skipif(os.name != "posix", reason="modes, links and pipes of POSIX")
@pytest.mark.parametrize("content", ["{}", "not json", None])
def test_a_link_stays_a_link(tmp_path, content):
    (tmp_path / "far").mkdir()
    target, link = tmp_path / "far" / "mine.json", tmp_path / "progress.json"
    if content is not None:
        target.write_text(content)
        target.chmod(0o664)
    link.symlink_to(target)
    exercises.check("count", 30)
    assert link.is_symlink()
    assert json.loads(target.read_text())["count"]["passed"]
    if content == "{}":
        assert stat.S_IMODE(target.stat().st_mode) == 0o664
    assert (tmp_path / "far" / "mine.json.bad").exists() == (content == "not json")


@pytest.mark.skipif(os.name != "posix", reason="modes, links and pipes of POSIX")
def test_a_new_file_can_be_read_by_others(tmp_path):
    before = os.umask(0o022)
    try:
        exercises.check("count", 30)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "progress.json").stat().st_mode) == 0o644


@pytest.mark.skipif(os.name != "posix", reason="modes, links and pipes of POSIX")
def test_a_pipe_for_a_file_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / "progress.json")
    with pytest.warns(UserWarning, match="your progress is not saved: .*pipe"):
        assert exercises.check("count", 30).passed
    assert "1 of 2 passed" in repr(exercises.progress())


def test_a_file_that_cannot_be_read_is_not_written_over(monkeypatch, tmp_path):
    file = tmp_path / "progress.json"
    file.write_text("{}")

    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    # the module, not the function of that name
    monkeypatch.setattr(sys.modules["nndl.exercises.progress"], "open_file", refuse)
    with pytest.warns(UserWarning, match="your progress is not saved: .*Permission denied"):
        assert exercises.check("count", 30).passed
    assert file.read_text() == "{}"


def test_a_failed_save_is_said_once(monkeypatch, tmp_path):
    monkeypatch.setenv("NNDL_PROGRESS", str(tmp_path / "no" / "such" / "p.json"))
    with pytest.warns(UserWarning, match=r"your progress is not saved: .*No such file.*p\.json"):
        exercises.check("count", 1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        exercises.check("count", 2)
    (tmp_path / "no" / "such").mkdir(parents=True)
    exercises.check("count", 3)
    kept = json.loads((tmp_path / "no" / "such" / "p.json").read_text())
    assert kept["count"]["attempts"] == 3, "what could not be saved is saved as soon as it can be"


@pytest.mark.filterwarnings("ignore:your progress is not saved")
def test_progress_that_cannot_be_written_stops_nothing(monkeypatch, tmp_path):
    (tmp_path / "folder").mkdir()
    for place in (tmp_path / "no" / "such" / "p.json", tmp_path / "folder"):
        monkeypatch.setenv("NNDL_PROGRESS", str(place))
        assert exercises.check("count", 1).hints == ()
        assert exercises.check("count", 2).hints == ("Count positions.",), "hints unfold anyway"
        assert exercises.check("count", 30).passed
        assert "1 of 2 passed" in repr(exercises.progress())
    assert [path.name for path in tmp_path.iterdir()] == ["folder"], "nothing is left behind"


def test_no_file_is_left_when_progress_is_off(monkeypatch, tmp_path):
    monkeypatch.setenv("NNDL_PROGRESS", "off")
    monkeypatch.chdir(tmp_path)
    exercises.check("count", 1)
    assert not list(tmp_path.iterdir())


def test_nbgrader_sees_an_assertion(monkeypatch):
    monkeypatch.setattr(exercises, "GRADED", True)
    with pytest.raises(AssertionError, match="Not passed"):
        exercises.check("count", 1)
    with pytest.raises(AssertionError, match="Not attempted"):
        exercises.check("count", ...)
    assert exercises.check("count", 30).passed


def test_a_cell_cannot_take_the_grading_away():
    code = (
        "import os; import nndl.exercises as e; os.environ.pop('NBGRADER_EXECUTION')\n"
        "try: e.check('conv-positions', 1)\n"
        "except AssertionError: print('not right')"
    )
    environment = os.environ | {"NBGRADER_EXECUTION": "autograde", "NNDL_PROGRESS": "off"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "not right"


def test_an_object_that_is_equal_to_everything_is_not_the_answer():
    assert exercises.check("count", unittest.mock.ANY).outcome == "cannot be checked"
    assert exercises.check("double", lambda x: unittest.mock.ANY).outcome == "not passed"
    assert judged(np.eye(2), unittest.mock.ANY).outcome == "cannot be checked"


@pytest.mark.parametrize(
    ("reference", "answer", "outcome"),
    [
        (131_072_000, 131_072_130, "not passed"),
        (294_912, 294_912.2, "not passed"),
        (294_912, 294_912.0, "passed"),
        (30, 0.1 * 300, "passed"),
        (2**60 + 1, 2**60, "not passed"),
        (np.array([10**7, 3]), [10**7 + 1, 3], "not passed"),
        (131_072_000.0, 131_072_000.5, "passed"),
        (1.5, Fraction(3, 2), "passed"),
        (4 / 3, Fraction(4, 3), "passed"),
        (2, Decimal("2"), "passed"),
    ],
)
def test_a_whole_number_is_exact_and_a_fraction_is_a_number(reference, answer, outcome):
    assert judged(reference, answer).outcome == outcome


@pytest.mark.parametrize("answer", [(8, ..., 5, 6), [..., 2], {"a": 1, "b": ...}, (1, (2, None))])
def test_what_is_half_filled_in_is_half_attempted(answer):
    verdict = judged((8, 4, 5, 6), answer)
    assert verdict.outcome == "not attempted" and "1 of its" in repr(verdict.lines)


def test_what_code_leaves_behind_can_count_too():
    def put_last_first(numbers):
        numbers.insert(0, numbers.pop())
        return numbers[0]

    record = Exercise(
        id="a", title="A", kind="code", reference=put_last_first, cases=(([1, 2, 3],),),
        mistakes=tuple(Mistake(lambda x, k=k: k, f"{k}") for k in range(3)), hints=("a", "b"),
        look=lambda numbers: numbers,
    )  # fmt: skip
    assert exercises.judging.judge(record, put_last_first).outcome == "passed"
    verdict = exercises.judging.judge(record, lambda numbers: numbers[-1])
    assert verdict.outcome == "not passed" and "leaves behind" in repr(verdict.lines)
    assert dict(verdict.lines)["Expected"] == "[3, 1, 2]"
    assert exercises.judging.judge(record, lambda numbers: 1).outcome == "not passed"
    with pytest.raises(ValueError, match="only code is looked after"):
        replace(COUNT, look=len)


def test_the_card_escapes_what_a_learner_writes():
    html = exercises.check("count", "<script>alert(1)</script>")._repr_html_()
    assert "<script>" not in html and "&lt;script&gt;" in html


def test_the_card_says_its_outcome_in_words_and_hides_its_sign_from_screen_readers():
    html = exercises.check("count", 32)._repr_html_()
    assert "Not passed" in html and "How many?" in html and "That is the input." in html
    assert '<span aria-hidden="true"' in html and 'role="status"' in html


def test_the_last_hint_is_open_the_others_folded():
    for answer in (1, 2, 3):
        html = exercises.check("count", answer)._repr_html_()
    assert html.count("<details") == 2 and html.count("<details open") == 1
    assert html.index("<details open") > html.index("Count positions.")


@pytest.mark.browser
@pytest.mark.parametrize(("ground", "text"), [("#ffffff", "#212832"), ("#121212", "#ced6dd")])
def test_the_card_is_readable_on_light_and_dark_and_fits_a_phone(tmp_path, open_page, ground, text):
    def wrong(x):
        raise ValueError("a long message without end " * 8)

    cards = [exercises.check("count", answer) for answer in (..., 1, 2, 3, 30, "x")]
    cards += [exercises.check("double", wrong), exercises.progress()]
    body = "".join(card._repr_html_() for card in cards)
    page = tmp_path / "cards.html"
    page.write_text(
        f'<!doctype html><html lang="en"><meta charset="utf8"><title>Cards</title>'
        f'<meta name="viewport" content="width=device-width">'
        f'<body style="background:{ground};color:{text}"><main>{body}</main></body></html>',
        "utf8",
    )
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    opened = open_page(page.as_uri(), viewport={"width": 375, "height": 700})
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= 375
    rules = {"runOnly": ["wcag2a", "wcag2aa"]}
    found = axe.run(opened.page, context="main", options=rules).response["violations"]
    assert not [(v["id"], [n["html"][:120] for n in v["nodes"]][:3]) for v in found]


def judged(reference, answer, **more):
    wrong = tuple(Mistake(object(), f"{k}") for k in range(3))
    record = Exercise(
        id="a", title="A", reference=reference, mistakes=wrong, hints=("a", "b"), **more
    )
    return exercises.judging.judge(record, answer)


def test_a_wrong_shape_is_said():
    verdict = judged(np.zeros((2, 3)), np.zeros((3, 2)))
    assert verdict.outcome == "not passed"
    assert ("", "Its shape is (3, 2); the shape asked for is (2, 3).") in verdict.lines


@pytest.mark.parametrize(
    ("reference", "answer", "outcome"),
    [
        ("same", " SAME ", "passed"),
        ("same", 3, "cannot be checked"),
        ({"a": 1, "b": 2}, {"b": 2.0, "a": 1.0}, "passed"),
        ({"a": 1, "b": 2}, {"a": 1, "b": 3}, "not passed"),
        ({"a": 1}, {"c": 1}, "cannot be checked"),
        ((3, "valid"), (3.0, "Valid"), "passed"),
        ((3, "valid"), (3, "full"), "not passed"),
        (1, True, "not passed"),
        (0.5, float("nan"), "not passed"),
        (float("inf"), float("inf"), "passed"),
    ],
)
def test_answers_are_compared_as_a_teacher_would(reference, answer, outcome):
    assert judged(reference, answer).outcome == outcome


def test_tolerance_and_acceptance_for_experiments():
    assert judged(0.90, 0.91, kind="experiment", tolerance=0.02).outcome == "passed"
    assert judged(0.90, 0.95, kind="experiment", tolerance=0.02).outcome == "not passed"

    def above(score):
        return score > 0.8

    assert judged(0.9, 0.97, kind="experiment", accept=above).outcome == "passed"
    assert judged(0.9, 0.3, kind="experiment", accept=above).outcome == "not passed"
    assert judged(0.9, "high", kind="experiment", accept=above).outcome == "cannot be checked"


def test_an_endless_error_message_is_cut_short():
    def pages(x):
        raise ValueError("x" * 10_000)

    assert len(repr(exercises.check("double", pages))) < 1000


def test_the_gap_that_nbgrader_makes_is_not_attempted():
    def twice(x):
        raise NotImplementedError()

    assert exercises.check("double", twice).outcome == "not attempted"


def test_known_mistakes_are_found_for_arrays():
    table = Exercise(
        id="a",
        title="A",
        reference=np.eye(2),
        mistakes=tuple(Mistake(np.full((2, 2), k), f"All {k}.") for k in range(3)),
        hints=("a", "b"),
    )
    assert "All 2." in repr(exercises.judging.judge(table, [[2, 2], [2, 2]]))
    assert exercises.judging.judge(table, [[1, 0], [0, 1]]).outcome == "passed"
    assert exercises.judging.judge(table, [1, 0, 0, 1]).outcome == "not passed"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"mistakes": COUNT.mistakes[:2]}, "at least 3"),
        ({"hints": ("one",)}, "at least 2"),
        ({"kind": "riddle"}, "kind must be"),
        ({"kind": "code"}, "must have cases"),
        ({"mistakes": COUNT.mistakes[:1] * 3}, "words of its own"),
    ],
)
def test_a_faulty_record_is_refused(change, words):
    with pytest.raises(ValueError, match=words):
        replace(COUNT, **change)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "gbk"])
def test_results_can_be_printed_on_any_console(monkeypatch, encoding):
    console = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr("sys.stdout", console)
    print(exercises.display.Result("double", "passed"))
    print(exercises.display.Result("double", "not passed", (("", "So 3 × 3 − λ."),), ("²",)))
    print(exercises.display.Report((("04", "double", "Two × x", "passed", 2),)))
    print(exercises.progress())
    console.flush()
    shown = console.buffer.getvalue().decode(encoding)
    assert "double: Passed" in shown and "chapter 04: 1 of 1 passed" in shown


@pytest.mark.parametrize(
    ("filename", "folders", "expected"),
    [
        (r"C:\Python312\Lib\json\decoder.py", (r"C:\Python312\Lib",), True),
        (r"c:\python312\lib\json\decoder.py", (r"C:\Python312\Lib",), True),
        (r"C:\Users\Ada\.venv\Lib\site-packages\x.py", (r"C:\Python312\Lib",), True),
        (r"C:\Users\Ada\Lib\mine.py", (r"C:\Python312\Lib",), False),
        ("/usr/lib/python3/dist-packages/x.py", ("/usr/lib/python3.12",), True),
        ("/usr/lib/python3.12/json/decoder.py", ("/usr/lib/python3.12",), True),
        ("/home/ada/lib/mine.py", ("/usr/lib/python3.12",), False),
    ],
)
def test_whose_file_it_is(filename, folders, expected):
    assert is_library(filename, folders) is expected


def test_a_learner_whose_folder_is_called_lib_is_shown_the_own_line(monkeypatch, tmp_path):
    path = tmp_path / "lib" / "mine.py"
    path.parent.mkdir()
    path.write_text("import json\n\n\ndef f(x):\n    return json.loads('no')\n", "utf8")
    room = {}
    exec(compile(path.read_text("utf8"), str(path), "exec"), room)
    assert run(room["f"], (1,)).where == ("line 5, in f: return json.loads('no')",)
