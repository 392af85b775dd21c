"""Whole networks, built of the operators or of the layers."""

from nndl.models.lenet_ops import lenet_ops, mlp_ops

__all__ = ["lenet_ops", "mlp_ops"]
