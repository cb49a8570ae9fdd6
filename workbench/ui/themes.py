"""The two themes of our own: calm, one accent, the same roles in dark and light."""

from __future__ import annotations

from textual.theme import Theme

DEFAULT_THEME = "workbench-dark"

THEMES = (
    Theme(
        name="workbench-dark",
        primary="#6ea8a1",
        secondary="#8a9ba8",
        accent="#e0a458",
        foreground="#d6d9dc",
        background="#16191d",
        surface="#1d2126",
        panel="#2a3037",
        success="#7fb685",
        warning="#d9a441",
        error="#d9705f",
        dark=True,
    ),
    Theme(
        name="workbench-light",
        primary="#2f6f68",
        secondary="#5b6b77",
        accent="#a85f00",
        foreground="#22272b",
        background="#fbfaf7",
        surface="#f2f0ea",
        panel="#dfdcd3",
        success="#2f7a3a",
        warning="#8f6400",
        error="#b03a2b",
        dark=False,
    ),
)
