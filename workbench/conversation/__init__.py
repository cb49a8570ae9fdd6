"""A conversation: turns in order, each run step by step, and the fold from a stream's events to its state.

`Conversation`, `Options` and `Changes` are the public interface. They are imported when first asked for, so that
importing one module of this room does not import them all.

A turn is run by `loop.py`, in a task of `under_way.py`: `retrieving.py` has what is sent of documents, `calling.py` the
tool calls of a step, `verdicts.py` how the turn goes on after one, `summary.py` what JSON tells of it.

A failure, and the end. A request that fails is a typed error of `cohere_client/failures.py` (`server_errors.py`
reads the body, `waits.py` the wait that the server asks for); the loop asks `conversation/retrying.py` whether and
when it is sent again. What is left ends the turn: `ui/panes/status.py` says so, with the turn's figures, and
`commands/ask.py` makes an exit code of it. A problem of a file is a `Problem` of `errors.py`, collected by
`config/findings.py`, in the words of whoever reads the file (`config/typed_reading.py` for types). A signal ends
the app through `ui/terminal/driver.py` and `ending.py`.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.conversation.changes import Changes
    from workbench.conversation.conversation import Conversation
    from workbench.conversation.options import Options

__all__ = ["Changes", "Conversation", "Options"]


def __getattr__(name: str) -> Any:
    """Import `Conversation`, `Options` or `Changes` from its module. Raises AttributeError for any other name."""
    if name == "Conversation":
        from workbench.conversation.conversation import Conversation

        return Conversation
    if name == "Options":
        from workbench.conversation.options import Options

        return Options
    if name == "Changes":
        from workbench.conversation.changes import Changes

        return Changes
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
