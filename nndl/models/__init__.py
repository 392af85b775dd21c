"""Whole networks, built of the operators or of the layers."""

from nndl.models.matcher import SentencePairMatcher
from nndl.models.text import BiLSTMClassifier

__all__ = ["BiLSTMClassifier", "SentencePairMatcher"]
