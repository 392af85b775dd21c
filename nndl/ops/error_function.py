"""The error function, which NumPy lacks, for whole arrays."""

import functools
import math

import numpy as np

__all__ = ["erf"]

LAST = 6.0  # from here on the error function is 1 in double precision
DEGREES = {np.dtype(np.float64): 17}  # of the polynomial below; 8 is enough for fewer digits


@functools.cache
def _erf_polynomial(degree: int) -> list[float]:
    """Return the coefficients of a polynomial q with erf(s) = 1 - exp(-s^2) (1 - s q), 0 to LAST.

    q falls slowly and smoothly. The polynomial's variable is z = 2 - 9 / (s + 3), which goes from
    -1 to 1 and spreads the places where q bends.
    """
    z = np.cos(np.pi * (np.arange(80) + 0.5) / 80)  # denser towards both ends, as such a fit needs
    values = []
    for s in 9 / (2 - z) - 3:
        if s < 0.5:  # two ways to write 1 - (1 - erf(s)) exp(s^2): each loses digits elsewhere
            rise = math.erf(s) * math.exp(s * s) - math.expm1(s * s)
        else:
            rise = 1 - math.erfc(s) * math.exp(s * s)
        values.append(rise / s)
    chebyshev = np.polynomial.chebyshev
    return chebyshev.cheb2poly(chebyshev.chebfit(z, values, degree)).tolist()


def erf(x: np.ndarray) -> np.ndarray:
    """Return the error function of each element.

    NumPy has none, and `math.erf` takes one number at a time.

    Parameters
    ----------
    x : numpy.ndarray
        Floating-point, any shape.

    Returns
    -------
    numpy.ndarray
        In the type of x, to within a few units of its last digit at 1.

    References
    ----------
    M. M. Shepherd and J. G. Laframboise, "Chebyshev approximation of (1 + 2x) exp(x^2) erfc x in
    0 <= x < infinity", 1981: a polynomial of such a variable.

    Examples
    --------
    >>> float(abs(erf(np.array(0.7)) - math.erf(0.7))) < 1e-14
    True
    """
    size = np.asarray(np.abs(x))
    np.minimum(size, LAST, out=size)
    z = np.asarray(size + 3)
    np.divide(-9, z, out=z)
    z += 2
    *coefficients, last = _erf_polynomial(DEGREES.get(x.dtype, 8))
    rest = np.full_like(z, last)
    for coefficient in reversed(coefficients):
        rest *= z
        rest += coefficient
    rest *= size
    np.subtract(1, rest, out=rest)
    size *= size
    np.negative(size, out=size)
    rest *= np.exp(size, out=size)
    np.subtract(1, rest, out=rest)
    return np.copysign(rest, x, out=rest)
