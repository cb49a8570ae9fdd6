"""A question to the person, docked over the prompt: may this code run, what does this tool return.

It covers nothing, and interrupts nobody: while somebody types, their keys go where they went. It takes the keys once
none has come for a while and the prompt is empty, or when it is asked to. Owns what answers it: a `yes`, or
another word that is offered, typed out, or the text that was asked for, and Enter; what refuses: Esc, an `n` alone, or
a `no` with a reason. Whatever else is typed at a yes goes on into the prompt, and so does a paste. Refuses to know who
asks.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import ClassVar, Final, Literal

from textual import events
from textual.app import ComposeResult, RenderResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from workbench.tools.decisions import NO, NO_LETTER, YES, Offer, may_become, read
from workbench.ui.bindings import answering, bindings
from workbench.ui.keymap import Keymap
from workbench.ui.terminal.textual_inside import set_once
from workbench.ui.widgets.one_line import OneLine
from workbench.ui.widgets.prompt import Prompt
from workbench.ui.widgets.row import cut

PAUSE_SECONDS = 0.5
"""No key for so long, and nobody types any more."""

SETTLED_SECONDS = 0.2
"""So long after the question has got the keys, what comes may have been meant for the prompt: nothing answers yet."""

DEAF_SECONDS = 0.5
"""So long after the question is shown, nothing answers it, even if it was asked to take the keys."""

HINT_SECONDS = 2.0
"""So long after the question has taken the keys by itself, the key that asks it to may have been pressed for that."""

NO_SECONDS = 0.4
"""An `n` behind which nothing came for so long is a no, and not the beginning of a word."""

SHARE_OF_ROWS: Final = 3  # the question's text, and what may be answered, take one line of so many
SHARE_OF_OFFERS: Final = 8  # and what may be answered at most one of so many
FRAME_ROWS: Final = 12  # below so many rows, there is no rule above the question
OFFER_ROWS: Final = 10  # and below so many, no line of what else may be answered


@dataclass(frozen=True, slots=True)
class Question:
    """`wants` a yes, a text, or that somebody goes where it is answered, for which Enter is enough. `asks` says what to
    type; `refusing` what a refusal does, such as `denies`.

    `offers` are the words that allow something; a yes alone, when there are none. What stands behind a `no` is told to
    whoever asked when there are some.
    """

    title: str
    text: Content
    asks: str
    refusing: str
    wants: Literal["yes", "text", "going"] = "yes"
    offers: tuple[Offer, ...] = ()


class AnswerLine(OneLine):
    """Where an answer is typed. What is no answer goes to the dock, which knows where it belongs."""

    BINDINGS: ClassVar[list[BindingType]] = [answering()]

    def __init__(self, dock: QuestionDock, *, placeholder: str) -> None:
        super().__init__(placeholder=placeholder, compact=True)
        self.cursor_blink = False
        self._dock = dock

    def takes_key(self, event: events.Key) -> bool:
        """Whether a key can only be a part of the answer: no key can at a yes, where the next one may go elsewhere."""
        return self._dock.wants_text and event.is_printable

    async def on_event(self, event: events.Event) -> None:
        """Hand on what the dock takes out of the line; all else edits it."""
        if self._is_taken(event):
            event.stop()
        else:
            await super().on_event(event)

    def _is_taken(self, event: events.Event) -> bool:
        if isinstance(event, events.Key):
            return event.is_printable and self._dock.takes_typed(event.character or "")
        return isinstance(event, events.Paste) and self._dock.takes_pasted(event.text)

    def typed_with(self, text: str) -> str:
        """What would stand here with `text` typed at the cursor."""
        return self.value[: self.cursor_position] + text + self.value[self.cursor_position :]

    def action_answer(self) -> None:
        """Answer with what was typed."""
        self._dock.action_answer()


class _Title(Widget):
    """One line: what is asked at the left, how to answer at the right."""

    DEFAULT_CSS = """
    _Title { height: 1; padding: 0 1; }
    """
    hint: reactive[str] = reactive("")

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title

    def render(self) -> RenderResult:
        """The title, cut where there is no room for it and the hint."""
        hint = f"  {self.hint}" if self.hint else ""
        room = max(0, self.content_size.width - len(hint))
        title = cut(Content.styled(f"⏸ {self._title}", "bold $wb-warning"), room)
        gap = " " * max(0, room - title.cell_length)
        return Content.assemble(title, gap, (hint, "bold $wb-here"))


class QuestionDock(Vertical):
    """One question, from when it is shown until it is answered. `answered` has what was typed, which allows what is
    asked or says why not; None for a refusal.

    Up, Down and the page keys scroll the question; how much of it is hidden is said, with the keys of `keymap`.
    """

    DEFAULT_CSS = """
    QuestionDock { height: auto; border-top: solid $wb-rule; }
    QuestionDock.-slim { border-top: none; }
    QuestionDock #asked {
        padding: 0 1 0 3; scrollbar-size-vertical: 1; scrollbar-color: $wb-scrollbar;
        scrollbar-background: $wb-background; scrollbar-background-hover: $wb-background;
        scrollbar-background-active: $wb-background;
    }
    QuestionDock #hidden { height: 1; padding: 0 1 0 3; color: $wb-warning; display: none; }
    QuestionDock #offers { padding: 0 1 0 3; }
    QuestionDock > AnswerLine.-textual-compact, QuestionDock > AnswerLine.-textual-compact:focus {
        background: transparent; background-tint: transparent; padding: 0 1 0 3;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("question")]

    def __init__(self, question: Question, prompt: Prompt, keymap: Keymap) -> None:
        super().__init__()
        self.answered: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._question = question
        self._prompt = prompt
        self._keymap = keymap
        self._scrolls = keymap.label("question-down", "question-page-down")
        self._title = _Title(question.title)
        self._asked = VerticalScroll(Static(question.text, markup=False), id="asked", can_focus=False)
        self._hidden = Static(id="hidden", markup=False)
        self._offers = question.offers or (() if self.leads_elsewhere else (Offer(YES, "file", ""),))
        self._offered = Content(" · ").join(
            Content.assemble((each.word, "bold"), f": {each.meaning}") for each in question.offers
        )
        self._choices = Static(self._offered, id="offers", markup=False)
        self._choices.display = bool(question.offers)
        self._line = AnswerLine(self, placeholder=self._what_to_type())
        self._last_key = self._shown_since = time.monotonic()
        self._listens_since: float | None = None
        self._took_by_itself = False  # and nobody has asked it to since
        self._was_left = False  # by a key that leads elsewhere: it does not come back by itself
        self._passes_on = False  # it is being left by what is typed: then it may come back
        self._waits = False
        self._came_from: Widget | None = None

    def compose(self) -> ComposeResult:
        """The title, the question, how much of it is hidden, what is offered, and the line for the answer."""
        yield self._title
        yield self._asked
        yield self._hidden
        yield self._choices
        yield self._line

    def on_mount(self) -> None:
        """Begin to wait for a pause."""
        self._last_key = self._shown_since = time.monotonic()
        self.watch(self._asked, "virtual_size", self._count_hidden, init=False)
        self.watch(self._asked, "scroll_y", self._count_hidden, init=False)
        self.watch(self.app, "size", self._fit, init=False)
        self.watch(self.screen, "focused", self._focus_moved, init=False)
        self._fit()
        self._say_how()
        self._wait(PAUSE_SECONDS)

    # -- whose the keys are --------------------------------------------------------------------------

    @property
    def wants_text(self) -> bool:
        """Whether a text is asked for, and not a yes."""
        return self._question.wants == "text"

    @property
    def leads_elsewhere(self) -> bool:
        """Whether it is not answered here: Enter goes where it is."""
        return self._question.wants == "going"

    @property
    def listens(self) -> bool:
        """Whether keys go to the question."""
        return self._listens_since is not None

    def key_came(self) -> None:
        """Somebody pressed a key, whatever it is for: the pause begins anew."""
        self._last_key = time.monotonic()
        self._wait(PAUSE_SECONDS)

    def _focus_moved(self) -> None:
        """The prompt has the focus, by whatever way: from there the question takes it in a pause."""
        if self.screen.focused is self._prompt:
            self.key_came()

    def listen(self) -> None:
        """Take the keys from now on."""
        if not self.listens:
            self._came_from = self.screen.focused
        self.screen.set_focus(self._line)

    def is_meant(self) -> bool:
        """Whether the key that asks it to listen still means that: its hint stood here until just now.

        Once: after that the key leads on.
        """
        was_first, self._took_by_itself = self._took_by_itself, False
        since = self._listens_since
        return was_first and since is not None and time.monotonic() - since < HINT_SECONDS

    def _wait(self, seconds: float) -> None:
        if not self._waits and not self.listens:
            self._waits = True
            set_once(self, seconds, self._listen_in_a_pause)

    def _listen_in_a_pause(self) -> None:
        self._waits = False
        left = self._last_key + PAUSE_SECONDS - time.monotonic()
        if left > 0:
            self._wait(left)
        elif self._is_free:
            self._took_by_itself = True
            self.listen()

    @property
    def _is_free(self) -> bool:
        """Whether nobody is doing anything else than to wait: the focus is in the prompt, and nothing stands there."""
        in_prompt = self.screen.is_current and self.screen.focused is self._prompt and not self._prompt.text
        return in_prompt and not self._was_left and not self.answered.done()

    def on_descendant_focus(self) -> None:
        """The keys are the question's now: say what they do."""
        self._listens_since = time.monotonic()
        self._was_left = False
        self._say_how()

    def on_descendant_blur(self) -> None:
        """The keys go elsewhere: it does not take them back, unless it is asked to or what it passed on was sent."""
        self._listens_since = None
        self._took_by_itself = False
        self._was_left, self._passes_on = not self._passes_on, False
        self._say_how()
        self._wait(PAUSE_SECONDS)

    def close(self) -> None:
        """The question is over: the keys go where they went before, and it leaves the screen."""
        if not self.answered.done():
            self.answered.cancel()
        if self.is_attached:
            before = self._came_from
            back = before if before is not None and before.is_attached and before.focusable else self._prompt
            if self.screen.focused is self._line:
                self.screen.set_focus(back)
            self.remove()

    # -- what is typed ---------------------------------------------------------------------------------

    def takes_typed(self, character: str) -> bool:
        """Take a character out of the line when it is no part of an answer: it goes into the prompt, with what
        stood there. An `n` alone is a no once nothing more comes."""
        if self.wants_text:
            return False
        typed = self._line.typed_with(character)
        if typed.lower() == NO_LETTER:
            set_once(self, NO_SECONDS, self._refuse_when_no)
        if may_become(typed, self._offers):
            return False
        self._pass_on()
        self._prompt.insert(character)
        return True

    def takes_pasted(self, text: str) -> bool:
        """Take a paste out of the line when it may not answer: it is the prompt's."""
        if self.wants_text:
            return False
        self._pass_on()
        self._prompt.post_message(events.Paste(text))
        return True

    def _pass_on(self) -> None:
        """Give the keys back to the prompt, with what was typed here."""
        typed, self._line.value = self._line.value, ""
        self._passes_on = True
        self.screen.set_focus(self._prompt)
        self._prompt.insert(typed)

    @property
    def _is_settled(self) -> bool:
        since, now = self._listens_since, time.monotonic()
        return since is not None and now - since >= SETTLED_SECONDS and now - self._shown_since >= DEAF_SECONDS

    def _refuse_when_no(self) -> None:
        if self._line.value.lower() == NO_LETTER and self.listens:
            self._end(NO if self.leads_elsewhere else None)

    def action_answer(self) -> None:
        """Close the question with what was typed, if that answers it: Enter alone neither allows nor refuses."""
        typed = self._line.value
        if not self._is_settled or not (typed.strip() or self.leads_elsewhere):
            return
        if self.wants_text:
            self._end(typed)
        elif self.leads_elsewhere and not typed.strip():
            self._end("")
        elif self.leads_elsewhere:
            self._end(NO)  # nothing else stays in the line
        elif (decision := read(typed, self._offers)) is not None:
            self._end(typed if decision.scope or decision.reason else None)

    def action_refuse(self) -> None:
        """Close the question without an answer."""
        if self._is_settled:
            self._end(None)

    def _end(self, answer: str | None) -> None:
        if not self.answered.done():
            self.answered.set_result(answer)

    # -- how it looks ----------------------------------------------------------------------------------

    def _say_how(self) -> None:
        key = self._keymap.label("next-pane").partition(",")[0]
        self._title.hint = "" if self.listens or not key else f"{key} to answer"
        self.set_class(self.listens, "-listens")

    def _what_to_type(self) -> str:
        """`type yes to allow · n or Esc denies`: what answers, and what refuses."""
        refuses = [*(() if self.wants_text else (NO_LETTER,)), *filter(None, (self._keymap.short("refuse"),))]
        sends = self._keymap.short("answer")
        if self.leads_elsewhere:
            leave = self._keymap.short("refuse")
            parts = [f"{sends} {self._question.asks}" if sends else "", f"{NO_LETTER} {self._question.refusing}"]
            return " · ".join(filter(None, (*parts, f"{leave} cancels" if leave else "")))
        parts = [self._question.asks + (f", then {sends}" if sends else "")]
        parts += [f"{' or '.join(refuses)} {self._question.refusing}"] if refuses else []
        parts += [f"{NO} REASON tells why"] if self._question.offers else []
        return " · ".join(parts)

    def _fit(self) -> None:
        """The question gets the height that it needs, as far as it leaves the panes theirs."""
        columns, rows = self.app.size
        self.set_class(rows < FRAME_ROWS, "-slim")
        width = max(2, columns - 5)
        has_room = bool(self._question.offers) and rows >= OFFER_ROWS
        offers = min(len(self._offered.wrap(width)), max(1, rows // SHARE_OF_OFFERS)) if has_room else 0
        self._choices.styles.height = offers
        lines = len(self._question.text.wrap(width))
        self._asked.styles.height = max(1, min(lines, rows // SHARE_OF_ROWS - 1 - max(1, offers)))
        self.call_after_refresh(self._count_hidden)

    def _count_hidden(self) -> None:
        """Nobody should allow what they have not seen without knowing that there is more."""
        below = max(0, self._asked.max_scroll_y - self._asked.scroll_offset.y)
        lines = "line" if below == 1 else "lines"
        keys = f": {self._scrolls}" if self._scrolls else ""
        self._hidden.update(Content(f"… {below} more {lines} below{keys}" if below else ""))
        self._hidden.display = self._asked.max_scroll_y > 0

    def action_scroll_question(self, by: int) -> None:
        """Scroll the question down `by` lines, up when that is negative."""
        self._asked.scroll_relative(y=by, animate=False)

    def action_page_question(self, by: int) -> None:
        """Scroll the question down `by` pages, up when that is negative; one line of the last page stays."""
        self._asked.scroll_relative(y=by * max(1, self._asked.size.height - 1), animate=False)
