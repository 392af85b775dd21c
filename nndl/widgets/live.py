"""The synced twin of an explorer: an anywidget whose `state` Python and the page share."""

try:
    import anywidget
    import traitlets
except ImportError as error:
    raise ImportError(
        "`.live()` needs anywidget; install it with: pip install anywidget"
    ) from error

from nndl.widgets.base import Explorer, esm


class RefusedStateError(traitlets.TraitError, ValueError):
    """A state that the schema forbids; the widget keeps the one it had."""


class LiveExplorer(anywidget.AnyWidget):
    """What every live twin does; :func:`live_twin` adds the explorer's program.

    Parameters
    ----------
    **state : dict
        Initial traits; see :func:`live_twin`.
    """

    _explorer: type[Explorer] = Explorer
    _accepted: dict | None = None
    state = traitlets.Dict().tag(sync=True)

    @traitlets.validate("state")
    def _validate_state(self, proposal: dict) -> dict:
        """Refuse what the schema does not allow; settings left out stay as they are."""
        try:
            self._accepted = self._explorer.validated(proposal["value"], self._accepted)
        except (TypeError, ValueError) as error:
            # traitlets takes back only what a TraitError refuses
            raise RefusedStateError(str(error)) from None
        return self._accepted

    @property
    def explorer(self) -> Explorer:
        """A plain explorer at the present state."""
        return self._explorer(**self.state)

    def __repr__(self) -> str:
        """Return Python that makes the same live twin."""
        return f"{self.explorer!r}.live()"

    def _repr_mimebundle_(self, **options: object) -> tuple[dict, dict]:
        """Add the HTML twin, for static pages and hosts without a widget manager."""
        shown = super()._repr_mimebundle_(**options)
        bundle, metadata = shown if isinstance(shown, tuple) else (shown or {}, {})
        twin = {"text/plain": repr(self), "text/html": self.explorer._repr_html_()}
        return {**bundle, **twin}, metadata


def live_twin(explorer: Explorer) -> LiveExplorer:
    """Return the live twin of an explorer.

    Parameters
    ----------
    explorer : Explorer
        Its class gives the program, its state the first settings.

    Returns
    -------
    LiveExplorer
        The twin.

    Examples
    --------
    >>> from nndl.widgets import ConvStepper
    >>> live_twin(ConvStepper(stride=2)).state["stride"]
    2
    """
    kind = type(explorer)
    members = {"_esm": esm(kind), "_explorer": kind}
    return type(f"Live{kind.__name__}", (LiveExplorer,), members)(state=explorer.state)
