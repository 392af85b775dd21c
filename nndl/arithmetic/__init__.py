"""Output sizes, costs and receptive fields: the one source of truth for the book's arithmetic.

Pure Python, no dependency. Chapters, explorers, exercises and tests all ask here; the explorers'
JavaScript is a twin that a test compares with it.
"""

from nndl.arithmetic.costs import *  # noqa: F403
from nndl.arithmetic.costs import __all__ as _costs
from nndl.arithmetic.network import *  # noqa: F403
from nndl.arithmetic.network import __all__ as _network
from nndl.arithmetic.receptive_field import *  # noqa: F403
from nndl.arithmetic.receptive_field import __all__ as _receptive_field
from nndl.arithmetic.sequence_costs import *  # noqa: F403
from nndl.arithmetic.sequence_costs import __all__ as _sequence_costs
from nndl.arithmetic.sizes import *  # noqa: F403
from nndl.arithmetic.sizes import __all__ as _sizes

__all__ = [*_costs, *_network, *_receptive_field, *_sequence_costs, *_sizes]
