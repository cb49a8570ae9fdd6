"""How a turn goes on after a step: that it is over, how and why, or that the step's tool calls are to be run.

Owns the words for an answer that is no whole one. Refuses to run or to send anything.
"""

from __future__ import annotations

from workbench.conversation.lifting import same_calls
from workbench.conversation.options import Options, Tools
from workbench.conversation.turn import Status, Turn
from workbench.errors import NoTools, StepLimit, StreamFailed
from workbench.wire.finish_reasons import TOOL_CALL, is_failure, known_as


def verdict(turn: Turn, options: Options, tools: Tools | None) -> Status | None:
    """How the turn ends after its last step, or None when the calls of that are to be run; its error says why.

    Raises StreamFailed when the model or the server says that it failed.
    """
    step = turn.steps[-1]
    fold = step.fold
    if not fold.ended:
        if step.server_error:
            raise StreamFailed(f"the stream ended without its message-end: {step.server_error}")
        turn.error = StreamFailed(
            "the stream ended before its message-end: the connection was cut or the server gave up; "
            "what had come is kept"
            if step.answering
            else "the stream ended before anything of an answer came: the server gave up; look at its log"
        )
        return "incomplete"
    if is_failure(fold.finish_reason):
        raise StreamFailed(_failure(fold.finish_reason, fold.error, fold.error_type))
    if known_as(fold.finish_reason) == TOOL_CALL:
        return _of_calls(turn, options, tools)
    if calls := step.message().tool_calls:
        names = ", ".join(dict.fromkeys(call.name for call in calls))
        turn.error = StreamFailed(
            f"the model called {names}, and stopped with {fold.finish_reason or 'no reason'}, "
            f"not with {TOOL_CALL}: nothing was run, and this is no whole answer; ask again"
        )
        return "incomplete"
    if step.lost_call:
        turn.error = StreamFailed(
            f"of a tool call came what cannot be read ({step.lost_call}): nothing was run, and this is no whole "
            "answer; ask again, or look at the server's log"
        )
        return "incomplete"
    return "complete"


def lacks_tools(turn: Turn, tools: Tools | None) -> bool:
    """Whether calls of the last step are still to run, and there are no tools; the turn's error says so then."""
    step = turn.steps[-1]
    left = [call.name for at, call in enumerate(step.message().tool_calls) if at not in step.results]
    if not left or (tools is not None and tools.definitions()):
        return False
    names = ", ".join(dict.fromkeys(left))
    turn.error = NoTools(f"the model called {names}, and no tools are configured (--tools FILE)")
    return True


def too_many(steps: int) -> StepLimit:
    """That a turn was stopped after so many steps."""
    count = f"{steps} step{'s' if steps != 1 else ''}"
    said = f"stopped after {count} with tool calls still wanted (--max-steps sets the limit)"
    return StepLimit(said, limit="max_steps")


def _of_calls(turn: Turn, options: Options, tools: Tools | None) -> Status | None:
    """The verdict on a step that ended for its calls to be run."""
    step = turn.steps[-1]
    calls = step.message().tool_calls
    if step.lost_call or not calls:
        # A call that is run without a piece of its arguments may do something else than what was asked for.
        what = f"of its call came what cannot be read ({step.lost_call})" if step.lost_call else "no call came"
        turn.error = StreamFailed(
            f"the model stopped to call a tool, and {what}: nothing was run, and this is no whole answer; "
            "ask again, or look at the server's log"
        )
        return "incomplete"
    if lacks_tools(turn, tools):
        return "incomplete"
    if len(turn.steps) >= options.max_steps:
        turn.error = too_many(len(turn.steps))
        return "max-steps"
    if (same := same_calls(turn)) > options.max_repeats:
        before = "step before" if same == 2 else f"{same - 1} steps before"
        turn.error = StepLimit(
            f"stopped: step {len(turn.steps)} asked for the very same tool calls as the {before} "
            "(max_repeats sets the limit)",
            limit="max_repeats",
        )
        return "max-steps"
    return None


def _failure(finish_reason: str, error: str, error_type: str) -> str:
    said = error or ("the model ran out of time" if known_as(finish_reason) == "TIMEOUT" else "no reason was given")
    kind = f" ({error_type})" if error_type else ""
    return f"the model stopped with {finish_reason}{kind}: {said}"
