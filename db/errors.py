"""The one error of this room: a sentence a user can act on."""


class StoreError(ValueError):
    """Something about a store that the user can mend; the message names the thing, the expectation and the remedy."""
