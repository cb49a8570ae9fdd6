"""A conversation: turns in order, each run step by step, and the fold from a stream's events to its state.

`Conversation`, `Options` and `Changes` are the public interface. They are imported when first asked for, so that
importing one module of this room does not import them all.
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
