"""The checks of single arguments: what counts, what does not, and the words of a refusal."""

import math
from fractions import Fraction

import numpy as np
import pytest

from nndl.arithmetic.checks import choice, flag, integer, number, seed, sequence, size


@pytest.mark.parametrize("value", [True, False, np.bool_(True), np.bool_(False)])
def test_a_truth_value_is_a_flag(value):
    assert flag("bias", value) is bool(value)


@pytest.mark.parametrize("value", ["False", "", None, 0, 1, 1.0, math.nan, [], np.array(True)])
def test_nothing_else_is_a_flag(value):
    with pytest.raises(ValueError, match=r"^bias must be True or False, got "):
        flag("bias", value)


@pytest.mark.parametrize("value", [3, 2.5, np.float32(2.5), np.int8(3), Fraction(5, 2)])
def test_a_real_number_is_given_back_as_pythons_own(value):
    plain = number("rate", value)
    assert plain == value and type(plain) in (int, float)


@pytest.mark.parametrize(
    "value",
    [math.nan, math.inf, -math.inf, None, "0.1", True, np.bool_(True), 1j, [0.1], np.array(0.1)],
)
def test_nothing_else_is_a_number(value):
    with pytest.raises(ValueError, match=r"^rate must be a finite number, got "):
        number("rate", value)


def test_bounds_of_a_number():
    assert number("p", 0, 0, 1) == 0 and number("p", 1, 0, 1) == 1
    for value in (-0.1, 1.1):
        with pytest.raises(ValueError, match=r"p must be a number >= 0 and <= 1, got"):
            number("p", value, 0, 1)
    for value in (0, 1):
        with pytest.raises(ValueError, match=r"p must be a number > 0 and < 1, got"):
            number("p", value, above=0, below=1)


@pytest.mark.parametrize(
    "value",
    [10**400, -(10**400), Fraction(10**400), Fraction(-(10**400), 3), math.inf, -math.inf],
    ids=lambda value: f"{'-' * (value < 0)}{type(value).__name__}",
)
def test_what_no_float_holds_is_no_number(value):
    with pytest.raises(ValueError, match=r"^p must be a finite number, got "):
        number("p", value)
    bound = {"least": 0} if value > 0 else {"most": 0}
    with pytest.raises(ValueError, match=r"^p must be a finite number [<>]= 0, got "):
        number("p", value, **bound)
    with pytest.raises(ValueError, match=r"^p must be a number >= 0 and <= 1, got "):
        number("p", value, 0, 1)


def test_a_large_integer_that_a_float_holds_stays_one():
    assert number("p", 2**1000, 0) == 2**1000 and type(number("p", 2**1000)) is int


@pytest.mark.parametrize("value", [0, 7, 2**32 - 1, np.uint8(7)])
def test_a_seed(value):
    assert seed("seed", value) == value and type(seed("seed", value)) is int


@pytest.mark.parametrize("value", [-1, 2**32, 1.0, None, "0", True, np.array([1, 2])])
def test_nothing_else_is_a_seed(value):
    with pytest.raises(ValueError, match=r"^seed must be an integer from 0 to 4294967295, got "):
        seed("seed", value)


def test_a_choice():
    assert choice("mode", np.str_("max"), ("max", None)) == "max"
    assert choice("level", False, (False, "O1")) is False
    for value in (0, "O2", None, np.array(["O1"])):
        with pytest.raises(ValueError, match=r"^level must be False or 'O1', got "):
            choice("level", value, (False, "O1"))


@pytest.mark.parametrize("value", [2**31, -1, 1.5, "8", None, True])
def test_a_length_that_no_array_has_is_refused(value):
    with pytest.raises(ValueError, match=r"^hidden_size must be "):
        size("hidden_size", value)


def test_an_object_whose_index_fails_in_its_own_way_is_no_integer():
    class Table:
        def __index__(self):
            raise AssertionError("several numbers")

    with pytest.raises(ValueError, match=r"^stride must be a positive integer, got "):
        integer("stride", Table())


@pytest.mark.parametrize("value", ["conv", None, {"a": 1}, np.ones(2), 3])
def test_a_list_is_a_list(value):
    assert sequence("layers", [1, 2]) == [1, 2]
    assert (
        sequence("layers", {"a": 1, "b": 2}.values()) == sequence("layers", range(1, 3)) == (1, 2)
    )
    with pytest.raises(ValueError, match=r"^layers must be a list, got "):
        sequence("layers", value)


def test_an_integer_without_a_bound_may_be_negative():
    assert integer("axis", np.int64(-2), least=None) == -2
    for value in (1.5, "1", True, None):
        with pytest.raises(ValueError, match=r"^axis must be an integer, got "):
            integer("axis", value, least=None)
