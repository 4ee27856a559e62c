"""What can go wrong in the store. The docstring is the operator's message."""


class StoreError(Exception):
    """The store could not do what was asked."""


class NotVisibleError(StoreError):
    """The record does not exist or belongs to a company that the asker may not see."""


class ChangedMeanwhileError(StoreError):
    """Somebody else changed the record since it was read: read it again and decide anew."""


class UnavailableError(StoreError):
    """The database does not answer, or could not now do what was asked: nothing was done, try again later."""


class EarlierWaitsError(StoreError):
    """The same person said something before that waits for its answer: that is answered first."""


class TooLargeError(StoreError):
    """The file is larger than what is kept."""
