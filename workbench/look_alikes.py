"""Letters of other scripts that look like Latin ones: what a word says to whoever reads it, and which letters do not.

Owns the table, and the naming of such letters. Judges nothing: a word in another script is a word.
"""

from __future__ import annotations

from typing import Final

_NAMED: Final = 5  # letters that one message names
_LONGEST: Final = 80  # characters: what is longer is nobody's slip
_ALIKE: Final = str.maketrans(
    {
        other: latin
        for others, latins in (
            ("авеһіјкӏмопԛгѕтуѵԝхԁьсрн", "abehijklmonqrstuvwxdbcph"),  # Cyrillic
            ("αβεγικνορτυχωηϲϳσμζδ", "abeyikvoptuxwncjouzd"),  # Greek
            ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "abezhikmnoptyx"),  # Greek
            ("օսոհզցյ", "ouhhqgj"),  # Armenian
            ("ıɑɡɩʟʀꜱᴀᴏ", "iagilrsao"),  # Latin, and no letter of English
        )
        for other, latin in zip(others, latins, strict=True)
    }
)


def as_read(text: str) -> str:
    """`text` as it reads: every letter that looks like a Latin one as that, in lower case where there was another."""
    if text.isascii() or len(text) > _LONGEST:
        return text
    import unicodedata  # a large table, for messages alone

    plain = unicodedata.normalize("NFKC", text)
    return "".join(each if each.isascii() else each.translate(_ALIKE).lower().translate(_ALIKE) for each in plain)


def others_in(text: str) -> str:
    """The letters and signs of `text` that are not in ASCII, with their scripts and numbers; "" without any."""
    others = [each for each in dict.fromkeys(text) if not each.isascii() and each.isprintable()]
    shown = [f"{_script(each)}{each} U+{ord(each):04X}" for each in others[:_NAMED]]
    return ", ".join(shown + ["others"] * (len(others) > _NAMED))


def _script(character: str) -> str:
    """The script of a letter, "" for what is none."""
    import unicodedata

    name = unicodedata.name(character, "")
    return f"{name.split()[0].capitalize()} " if character.isalpha() and name else ""
