"""How a number that a reader types is read, wherever one can be typed."""

import pytest
from script_engine import engine_of

from nndl.widgets import ConvStepper

NUMBERS = {
    "7": 7,
    " 7 ": 7,
    "-1.5": -1.5,
    "\N{MINUS SIGN}1,5": -1.5,
    "+.5": 0.5,
    "3.": 3,
    "1e-3": 0.001,
    # thousands set apart, as explorers write them
    "27,648": 27648,
    "27 648": 27648,
    "1,234,567.5": 1234567.5,
    # full width, as Chinese keyboards write it
    "３．５": 3.5,
    "－２，７６８": -2768,
    "３。５": 3.5,
}
NONE = ["", " ", "abc", "1,2,3", "0x10", "5²", "--1", "Infinity", "NaN", "1 2", "½", "七"]


@pytest.fixture(scope="module")
def call():
    return engine_of(ConvStepper)


def test_numbers_are_read(call):
    read = call("readNumber", [[text] for text in NUMBERS])
    assert [result["value"] for result in read] == list(NUMBERS.values())


def test_what_is_no_number_is_none_least_of_all_zero(call):
    # JSON has null for what is not a number
    assert call("readNumber", [[text] for text in NONE]) == [{"value": None}] * len(NONE)
    wrong = [*NONE, "2.5", "-1"]
    assert call("readWhole", [[text] for text in wrong]) == [{"value": None}] * len(wrong)


def test_whole_numbers_are_read(call):
    read = call("readWhole", [["0"], ["２７，６４８"], ["3.0"], [" 12 "]])
    assert [result["value"] for result in read] == [0, 27648, 3, 12]


def test_a_key_begins_a_number_in_either_width(call):
    begins = call("beginsNumber", [[key] for key in ("5", "５", "-", "−", ".", "Enter", "a", "")])
    assert [result["value"] for result in begins] == [True] * 5 + [False] * 3
