"""What of a key is typed: the character that it writes, whatever Python calls printable.

Owns the difference between a character and a command. A joiner, a no-break space, the wide space of a Japanese
keyboard, an emoji that is younger than this Python: each is text when typed as it is when pasted. A letter pressed
together with Alt is none.
"""

from __future__ import annotations

import unicodedata

from textual.events import Key

NO_TEXT = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Categories of Unicode that nobody types as text: controls, halves of pairs, and separators of lines."""


def is_text(text: str) -> bool:
    """Whether a text is some characters, none of which a terminal would obey."""
    return bool(text) and (text.isprintable() or all(unicodedata.category(each) not in NO_TEXT for each in text))


class TypedCharacter(Key):
    """The key of a character that Textual takes for none, as it is not printable."""

    @property
    def is_printable(self) -> bool:
        """Whether it is typed: always."""
        return True


TypedCharacter.handler_name = Key.handler_name  # it is handled as any key


def as_typed(event: Key) -> Key:
    """A key with the character that it types, and with none when it is pressed with Alt, as a command."""
    if event.character is None or not is_text(event.character):
        return event
    if event.key.startswith("alt+"):
        return Key(event.key, None)
    return event if event.is_printable else TypedCharacter(event.key, event.character)
