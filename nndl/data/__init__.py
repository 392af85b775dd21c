"""Data that is here without a network: real handwritten digits, photographs, a fast batcher.

Examples
--------
>>> from nndl import data
>>> train, dev, test = data.load_digits(seed=0)
>>> train.images.shape, dev.images.shape, test.images.shape
((1200, 1, 8, 8), (297, 1, 8, 8), (300, 1, 8, 8))
"""

from nndl.data.batches import Batches
from nndl.data.digits import Images, Splits, load_digits
from nndl.data.photographs import photograph

__all__ = ["Batches", "Images", "Splits", "load_digits", "photograph"]
