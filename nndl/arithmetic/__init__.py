"""Output sizes, costs and receptive fields: the one source of truth for the book's arithmetic.

Pure Python, no dependency. Chapters, explorers, exercises and tests all ask here; the explorers'
JavaScript is a twin that a test compares with it.
"""

from nndl.arithmetic.costs import *  # noqa: F403
from nndl.arithmetic.network import *  # noqa: F403
from nndl.arithmetic.receptive_field import *  # noqa: F403
from nndl.arithmetic.sequence_costs import *  # noqa: F403
from nndl.arithmetic.sizes import *  # noqa: F403
