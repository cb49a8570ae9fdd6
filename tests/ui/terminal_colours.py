"""What terminals make of SGR parameters: the palettes of those that people have, and the fixed 256 colours."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.ui.terminal.looks import Look
from workbench.ui.themes.contrast import RGB, rgb

REVERSE = 1 << 6  # in the attributes of a look


@dataclass(frozen=True, slots=True)
class Terminal:
    """The 16 colours of a terminal, and its own letters and ground."""

    name: str
    colours: tuple[RGB, ...]
    letters: RGB
    ground: RGB

    def shown(self, look: Look) -> tuple[RGB, RGB]:
        """Letters and ground as they are seen in a look."""
        seen = (
            self._value(look.foreground, self.letters, behind=False),
            self._value(look.background, self.ground, behind=True),
        )
        return (seen[1], seen[0]) if look.attributes & REVERSE else seen

    def _value(self, parameters: str, own: RGB, *, behind: bool) -> RGB:
        if not parameters:
            return own
        first, *more = map(int, parameters.split(";"))
        if more:
            assert first == (48 if behind else 38)
            return (more[1], more[2], more[3]) if more[0] == 2 else of_256(more[1])
        number = first - 10 * behind
        return self.colours[number - 30 if number < 38 else number - 82]


def of_256(number: int) -> RGB:
    """One of the 256 colours that no person chooses, which are those from 16 on."""
    assert 16 <= number <= 255, "the first 16 are the person's"
    if number >= 232:
        return (8 + 10 * (number - 232),) * 3
    red, green, blue = (0 if part == 0 else 55 + 40 * part for part in _parts(number - 16))
    return red, green, blue


def _parts(number: int) -> tuple[int, int, int]:
    return number // 36, number // 6 % 6, number % 6


def _colours(written: str) -> tuple[RGB, ...]:
    return tuple(rgb(f"#{each}") for each in written.split())


_XTERM = _colours(
    "000000 cd0000 00cd00 cdcd00 0000ee cd00cd 00cdcd e5e5e5 7f7f7f ff0000 00ff00 ffff00 5c5cff ff00ff 00ffff ffffff"
)
_VGA = _colours(
    "000000 aa0000 00aa00 aa5500 0000aa aa00aa 00aaaa aaaaaa 555555 ff5555 55ff55 ffff55 5555ff ff55ff 55ffff ffffff"
)
_TMUX = _colours(
    "000000 800000 008000 808000 000080 800080 008080 c0c0c0 808080 ff0000 00ff00 ffff00 0000ff ff00ff 00ffff ffffff"
)
_SOLARIZED = _colours(
    "073642 dc322f 859900 b58900 268bd2 d33682 2aa198 eee8d5 002b36 cb4b16 586e75 657b83 839496 6c71c4 93a1a1 fdf6e3"
)

BLACK, WHITE = (0, 0, 0), (255, 255, 255)
DARK_TERMINALS = (
    Terminal("xterm", _XTERM, _XTERM[7], BLACK),
    Terminal("VGA", _VGA, _VGA[7], BLACK),
    Terminal("tmux", _TMUX, _TMUX[7], BLACK),
    Terminal("Solarized dark", _SOLARIZED, rgb("#839496"), rgb("#002b36")),
)
LIGHT_TERMINALS = (
    Terminal("xterm", _XTERM, BLACK, WHITE),
    Terminal("VGA", _VGA, BLACK, WHITE),
    Terminal("tmux", _TMUX, BLACK, WHITE),
    Terminal("Solarized light", _SOLARIZED, rgb("#657b83"), rgb("#fdf6e3")),
)
