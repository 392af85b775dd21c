"""What a model costs, counted while it runs: shapes, parameters, multiply-accumulates a layer."""

from nndl.profile.counting import count

__all__ = ["count"]
