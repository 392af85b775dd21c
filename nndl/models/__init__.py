"""Whole networks, built of the operators or of the layers."""

from nndl.models.mlp_ops import mlp_ops

__all__ = ["mlp_ops"]
