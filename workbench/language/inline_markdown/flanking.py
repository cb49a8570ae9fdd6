"""Stars and underscores that are no emphasis, though CommonMark takes them for it: products, powers, globs, names.

Owns which they are. What is in doubt is emphasis where a word begins with its mark, as in `**R**etrieval`, and
between wide characters, which have no blanks between words; else it stays as it was written, so that nothing is lost.
"""

from __future__ import annotations

import re
from typing import Final

_NAMES: Final = """
    abs add aenter aexit aiter all anext annotations await bases bool builtins cached call ceil class closure code
    contains context debug deepcopy defaults del delattr delete delitem dict dir divmod doc enter eq exit file float
    floor floordiv format fspath ge get getattr getattribute getitem getstate globals gt hash iadd iand imul index init
    int invert isub iter kwdefaults le len loader lshift lt main matmul mod module mro mul name ne neg new next package
    path pos pow prepare pycache qualname radd reduce repr reversed rmul round rshift rsub set setattr setitem setstate
    signature sizeof slots spec str sub subclasses subclasshook traceback truediv trunc version weakref wrapped xor
    dirname filename fixtures mocks snapshots tests typename dunder
    attribute cdecl declspec func inline proto restrict stdcall volatile asm construct destruct invoke
    FILE LINE DATE TIME COUNTER FUNCTION CLASS DIR METHOD NAMESPACE TRAIT
"""
_DUNDERS: Final = frozenset(_NAMES.split())
"""Names between two underscores each that programs of Python, C, PHP and JavaScript have."""

_IDENTIFIER: Final = re.compile(r"(_{1,2})([A-Za-z0-9]+(?:_+[A-Za-z0-9]+)*)\1(?!_)")
_GOES_ON: Final = re.compile(r"\.\w|[(\[/=]")  # after a name: a member, a file's suffix, a call, a subscript, a path
_NEVER_FIRST: Final = frozenset(",;)]}")  # of what is stressed
_SELDOM_FIRST: Final = frozenset("/.:|&=+\\")  # nor these, unless a blank or a bracket is before the mark
_WORD_INSIDE: Final = re.compile(r"\*\*[^\W\d_]+\*\*[^\W\d_]{2}")
_NO_BLANKS: Final = "\u0e00"  # from here on are the scripts that write no blanks between words


def identifier_end(text: str, at: int) -> int | None:
    """Where the name of a program ends that begins with the underscore at index `at`; None for what is stressed."""
    if at and (text[at - 1].isalnum() or text[at - 1] == "_"):
        return None
    found = _IDENTIFIER.match(text, at)
    if found is None:
        return None
    name = found[2]
    is_member = at > 1 and text[at - 1] == "." and text[at - 2].isalnum()
    is_known = len(found[1]) == 2 and (name in _DUNDERS or "_" in name)
    return found.end() if is_member or is_known or _GOES_ON.match(text, found.end()) else None


def is_in_address(text: str, at: int, length: int) -> bool:
    """Whether the `length` underscores at index `at` are part of an address of the web, and not behind it."""
    after = text[at + length : at + length + 1] or " "
    if after.isspace():
        return False
    word = max(text.rfind(" ", 0, at), text.rfind("\n", 0, at)) + 1
    return text.find("://", word, at) >= 0


def stars_may(text: str, at: int, length: int) -> tuple[bool, bool]:
    """(whether a run of `length` stars at index `at` may open emphasis, whether it may close some)."""
    before = text[at - 1] if at else " "
    after = text[at + length : at + length + 1] or " "
    is_inside = _is_narrow(before) and _is_narrow(after)
    may_open = _may_begin(text, at, before, after)
    if length > 2 or not is_inside:
        return may_open, not (before == "/" and after in "./*")
    begins_here = _begins_with_mark(text, at)
    if length == 1:
        return False, begins_here and not after.isdigit()
    is_variable = at < 2 or not text[at - 2].isalnum()  # what is before, of one letter
    is_power = before.isdigit() or after.isdigit() or (is_variable and not _WORD_INSIDE.match(text, at))
    return not is_power, begins_here or not (is_variable and after.isdigit())


def _is_narrow(character: str) -> bool:
    return character.isalnum() and character < _NO_BLANKS


def _begins_with_mark(text: str, at: int) -> bool:
    """Whether the word before index `at` has a mark in front of it, which itself is in no word."""
    while at and text[at - 1].isalnum():
        at -= 1
    marks = at
    while marks and text[marks - 1] in "*_~":
        marks -= 1
    return marks < at and not (marks and text[marks - 1].isalnum())


def _may_begin(text: str, at: int, before: str, after: str) -> bool:
    """Whether stressed text may begin behind the stars at index `at`: with `after`, and right behind `before`."""
    if after in _NEVER_FIRST:
        return False
    if before.isspace() or before in "([{\"'“‘«":
        return True
    if before in ")]}":
        return not (after.isalnum() or after in "([{")
    if before in "._" and text[at : at + 2] != "**":  # of a regular expression; of the name of a file
        return (at > 1 and text[at - 2].isalnum()) == (before == ".") and after not in _SELDOM_FIRST
    return after not in _SELDOM_FIRST
