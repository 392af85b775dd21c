"""Two real photographs, from scikit-learn's folder of sample images.

``china`` is by danielbuechele (https://www.flickr.com/photos/danielbuechele/6061409035/),
``flower`` by vultilion (https://www.flickr.com/photos/vultilion/6056698931/); both are licensed
CC BY 2.0 (https://creativecommons.org/licenses/by/2.0/). They are read where scikit-learn has put
them and are no part of this package.
"""

from importlib.util import find_spec
from pathlib import Path

import numpy as np

__all__ = ["photograph"]

NAMES = ("china", "flower")


def photograph(name: str = "china") -> np.ndarray:
    """Read one of scikit-learn's sample photographs.

    Parameters
    ----------
    name : str
        ``"china"`` (a temple) or ``"flower"`` (a dahlia).

    Returns
    -------
    numpy.ndarray
        float32, shape ``[427, 640, 3]``: height, width, and red, green and blue from 0 to 1.

    Raises
    ------
    ValueError
        If there is no photograph of that name.
    ImportError
        If scikit-learn, whose pictures they are, or Pillow, which reads them, is not installed.

    References
    ----------
    The pictures: CC BY 2.0, see this module's docstring for the photographers.

    Examples
    --------
    >>> photograph("china").shape
    (427, 640, 3)
    """
    if not isinstance(name, str) or name not in NAMES:
        raise ValueError(f"name must be one of {', '.join(NAMES)}, got {name!r}")
    try:
        from PIL import Image
    except ImportError as error:
        raise ImportError("photograph() needs Pillow: pip install pillow") from error
    # Found, not imported: importing scikit-learn takes longer than everything else here.
    package = find_spec("sklearn")
    if package is None or not package.submodule_search_locations:
        raise ImportError(
            "photograph() reads the pictures that come with scikit-learn: pip install scikit-learn"
        )
    path = Path(package.submodule_search_locations[0]) / "datasets" / "images" / f"{name}.jpg"
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"), dtype=np.float32) / 255
