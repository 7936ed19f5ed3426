"""What goes wrong and is told in one line. Imports nothing heavy: mistakes and interrupts answer at once."""

import sys

#: what moves the cursor, ends a line or changes the direction of writing; as host/base/utf8.c has it
HIDDEN = (range(0x20), range(0x7F, 0xA0), range(0x200E, 0x2010), range(0x2028, 0x202F), range(0x2066, 0x206A))
SHORT = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}


class ReportError(Exception):
    """What cannot be reported on, in one line for the user."""


def say(text: str) -> None:
    """One line on stderr, which a terminal shows as it is."""
    print(f"digico: {printable(text)}", file=sys.stderr)


def printable(text: str) -> str:
    """Control characters and bytes of names that are no UTF-8 become \\n, \\x1b, \\u202e, \\xff."""
    return "".join(map(_shown, text))


def _shown(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte of a name
        return f"\\x{code - 0xDC00:02x}"
    if code != 0xFEFF and not any(code in hidden for hidden in HIDDEN):
        return character
    return SHORT.get(character) or (f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}")
