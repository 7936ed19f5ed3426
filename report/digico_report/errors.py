"""What goes wrong and is told in one line. Imports nothing heavy: mistakes and interrupts answer at once."""


class ReportError(Exception):
    """What cannot be reported on, in one line for the user."""
