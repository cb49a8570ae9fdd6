"""A form that a server wants filled in while a call runs: who asks what for, the fields, and what is done with it.

Owns that nothing is sent which the schema forbids, and nothing before somebody has seen the form for a moment.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from workbench.tools.form_fields import FormField, fields_of
from workbench.tools.people import FormAnswer, FormRequest
from workbench.ui.forms.fields import Field
from workbench.ui.forms.schema_form import PRESS, SchemaForm

DECLINE: Final = "+decline"
DEAF_SECONDS: Final = 0.5
"""So long after the form is shown, what is typed may have been meant for something else: nothing is sent yet."""


class AskedForm(SchemaForm):
    """`answer` is what the person did with it, None as long as it is put aside. Fields begin with their defaults."""

    def __init__(
        self,
        request: FormRequest,
        masked: Callable[[str], str] = str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        given = {each.name: each.default[0] for each in fields_of(request.schema) if each.default}
        asks = masked(f"{request.asker} asks: {request.message}")
        super().__init__(
            asks, request.schema, given, self._accept, ("accept", f"sends this to {request.asker}"), masked
        )
        self.about = "nothing is sent before you accept"
        self.answer: FormAnswer | None = None
        self.closed = asyncio.Event()
        """Set once it is not shown any more, however that came."""
        self._asks = asks
        self._clock = clock
        self._shown_since = clock()

    def shown(self) -> None:
        """It is on the screen from now on."""
        self._shown_since = self._clock()

    def fields(self) -> list[Field]:
        """What sends it, what declines it, and each property."""
        accept, *others = super().fields()
        told = (self._asks, *accept.told)
        decline = Field(DECLINE, "decline", "sends nothing; the call goes on", how="press", told=(self._asks,))
        return [replace(accept, told=told), decline, *others]

    def press(self, key: str) -> bool:
        """Accept or decline it, once it could be read."""
        if self._clock() - self._shown_since < DEAF_SECONDS:
            return False
        if key == DECLINE:
            self.answer = FormAnswer("decline")
            return True
        return super().press(key)

    def first(self) -> str:
        """The key of the field on which one stands at first: the first that has to be filled in, else the first."""
        keys = [field.key for field in self.fields() if field.key not in (PRESS, DECLINE)]
        return keys[0] if keys else PRESS

    def _accept(self) -> bool:
        if self.problems():
            return False
        self.answer = FormAnswer("accept", self.values)
        return True

    def _name(self, field: FormField) -> str:
        return field.title or field.name
