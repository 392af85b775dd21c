"""The optimizers by hand: how a gradient moves a parameter.

Each works on the parameters of an operator, a chain or a graph, in place, and equals Paddle's own
of that name. The rhythm of a step: `backward` of the model, perhaps `clip_by_global_norm`, `step`.
"""

from nndl.optim.adaptive import AdaGrad, Adam, AdamW, RMSprop
from nndl.optim.base import Optimizer
from nndl.optim.clipping import clip_by_global_norm
from nndl.optim.sgd import SGD

__all__ = ["SGD", "AdaGrad", "Adam", "AdamW", "Optimizer", "RMSprop", "clip_by_global_norm"]
