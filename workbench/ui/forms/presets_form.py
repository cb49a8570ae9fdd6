"""The presets as a form: Enter changes to one, and the last field saves what differs from the defaults as one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from workbench.config import at_hand_text
from workbench.config.at_hand import Change, Preset, SettingsAtHand
from workbench.config.settings_model import OF_NAME
from workbench.config.settings_text import written
from workbench.errors import ConfigurationError
from workbench.ui.forms.fields import Field

SAVE: Final = "+save"  # no name of a preset
THERE, NEW = "Presets", "Save"


class PresetsForm:
    """`on_changed` is told what has changed, `on_saved` the name and the file of a preset that was saved."""

    def __init__(
        self,
        settings: SettingsAtHand,
        on_changed: Callable[[Sequence[Change]], object],
        on_saved: Callable[[str, str], object],
        masked: Callable[[str], str] = str,
    ) -> None:
        self._settings = settings
        self._on_changed = on_changed
        self._on_saved = on_saved
        self._masked = masked
        self._problem = ""
        self._count = 0

    @property
    def title(self) -> str:
        """What it is, and where there may be some."""
        return "Presets" if self._count else "Presets · none yet: `presets:` of the settings file may have some"

    @property
    def about(self) -> str:
        """What Enter does."""
        return "Enter changes to a preset"

    def fields(self) -> list[Field]:
        """Every preset, and the field that saves one; what is wrong with the file of saved ones stands there, too."""
        presets, self._problem = self._presets()
        self._count = len(presets)
        named = [self._field(each) for each in presets.values()]
        return [*named, self._save(presets)]

    def check(self, key: str, typed: str) -> str:
        """Nothing is wrong before it is tried."""
        return ""

    def change(self, key: str, typed: str) -> str:
        """Save what differs as a preset of the name that was typed."""
        try:
            path = self._settings.save(typed.strip())
        except ConfigurationError as error:
            return self._masked(at_hand_text.refusal_told(error)).replace("\n", " ")
        self._on_saved(typed.strip(), path)
        return ""

    def toggle(self, key: str) -> str:
        """No field has a next value."""
        return ""

    def reset(self, key: str) -> str:
        """No field had another value."""
        return ""

    def press(self, key: str) -> bool:
        """Change to a preset."""
        try:
            self._on_changed(self._settings.apply(key))
        except ConfigurationError as error:
            self._problem = self._masked(at_hand_text.refusal_told(error))
            return False
        return True

    def _presets(self) -> tuple[dict[str, Preset], str]:
        try:
            return dict(self._settings.presets()), ""
        except ConfigurationError as error:
            return {}, self._masked(at_hand_text.refusal_told(error))

    def _field(self, preset: Preset) -> Field:
        lines = [f"{name}: {written(OF_NAME[name], value)}" for name, value in preset.values.items()]
        is_now = all(self._settings.value(OF_NAME[name]) == value for name, value in preset.values.items())
        return Field(
            preset.name,
            preset.name,
            self._masked("\n".join(lines)) or "nothing",
            THERE,
            how="press",
            differs=is_now,
            mark="as it is now" if is_now else "",
            told=(self._masked(" · ".join(lines)), f"from {preset.origin}"),
        )

    def _save(self, presets: dict[str, Preset]) -> Field:
        differences = self._settings.differences()
        words = [f"{name} {at_hand_text.in_short(OF_NAME[name], value)}" for name, value in differences.items()]
        what = self._masked(" · ".join(words)) or "nothing: every setting is its default"
        told = (f"Saves {what}", "in a file of its own, presets.yaml beside the settings file, which stays as it is")
        return Field(SAVE, "save as …", "", NEW, how="type", told=told, warning=self._problem)
