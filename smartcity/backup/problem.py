"""What goes wrong, as a sentence."""


class BackupError(RuntimeError):
    """A backup cannot be made, or not be restored; the message says why and what to do."""
