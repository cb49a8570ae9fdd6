"""One life of a server: it is started or reached, lists its tools, answers calls, and is over.

One task owns the package's client from its beginning to its end, as that wants it; calls come from other tasks. Owns
what the server may ask of us: a form for the person is put, a URL is named and declined; sampling and roots are not
offered. Refuses to wait without end, and to let a fault of the server be one of ours: each becomes a ToolError.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any, Final

from mcp import Client, MCPError, types
from mcp.client import ClientRequestContext, IncomingMessage
from mcp.client.subscriptions import SubscriptionLost
from mcp.types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import TypeAdapter, ValidationError

import workbench
from workbench.errors import ToolError
from workbench.secrets.redactor import Redactor
from workbench.tools.mcp.faults import is_closed, is_of_connection, words_of
from workbench.tools.mcp.http import Statuses, http_transport
from workbench.tools.mcp.log import ServerLog
from workbench.tools.mcp.results import value_of
from workbench.tools.mcp.running import RunningCall
from workbench.tools.mcp.servers import Endpoint, ServerSpec
from workbench.tools.mcp.stdio import StdioTransport
from workbench.tools.mcp.variables import Filled
from workbench.tools.people import FormRequest, fill, put
from workbench.tools.runner import ApprovedCall, CallOutcome, Surroundings

MOST_TOOLS: Final = 2_000
_MOST_PAGES: Final = 200
_MOST_ROUNDS: Final = 10  # of asking for input, for one call
_ROUND_SECONDS: Final = 0.25  # before a call is sent again of which nothing was asked
_LEAVE_SECONDS: Final = 3.0  # for the end of a connection, before its task is cancelled
_SETTLE_SECONDS: Final = 0.5  # for why a connection ended to be known
_LOG_LEVEL: Final = "info"
_ANSWERS: Final[TypeAdapter[types.CallToolResult | types.InputRequiredResult]] = TypeAdapter(
    types.CallToolResult | types.InputRequiredResult
)


class Connection:
    """A server that is there, once `open` has returned. `on_change` is called when its list of tools may be another.

    `asking` is held while a person is asked something. `tools` are as the server listed them, each name once.
    """

    def __init__(
        self, server: ServerSpec, surroundings: Surroundings, asking: asyncio.Lock, on_change: Callable[[], object]
    ) -> None:
        self._server = server
        self._surroundings = surroundings
        self._asking = asking
        self._on_change = on_change
        self._log = ServerLog()
        self._statuses = Statuses()
        self._stdio: StdioTransport | None = None
        self._redactor = Redactor()
        self._client: Client | None = None
        self._running: list[RunningCall] = []
        self._stop = asyncio.Event()
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._life: asyncio.Task[None] | None = None
        self._fault = ""
        self._is_told = False  # whether the fault is what the server said, and not how it ended
        self.tools: tuple[types.Tool, ...] = ()
        self.is_stale = False

    @property
    def is_alive(self) -> bool:
        """Whether calls can be sent."""
        return self._client is not None

    @property
    def rubbish(self) -> str:
        """The first line of its standard output that was no message; "" when there is none."""
        return self._redactor.text(self._log.rubbish)

    async def open(self) -> None:
        """Start or reach the server, and list its tools. Raises ToolError: "server", or "timeout"."""
        self._life = asyncio.create_task(self._live())
        try:
            done, _ = await asyncio.wait({self._ready}, timeout=self._server.startup_timeout)
            if not done:
                after = f"after {self._server.startup_timeout:g} s{self._last_words()}"
                raise ToolError("timeout", f"it has not listed its tools {after}")
            self._ready.result()
        except BaseException:
            await self.close()
            raise

    async def refresh(self) -> None:
        """List the tools once more. Raises ToolError."""
        client = self._client
        if client is None:
            raise ToolError("server", self._gone())
        try:
            async with asyncio.timeout(self._server.startup_timeout):
                await self._list(client)
        except TimeoutError:
            raise ToolError("timeout", "it does not list its tools any more") from None
        except (MCPError, ValidationError) as error:
            raise ToolError("server", self._redactor.text(words_of(error))) from None

    async def close(self) -> None:
        """Let go of the server; of one that was started, nothing is left when this returns."""
        self._stop.set()
        life = self._life
        if life is None:
            return
        try:
            await asyncio.wait({life}, timeout=_LEAVE_SECONDS if self._ready.done() else 0)
        finally:
            life.cancel()
            await asyncio.wait({life})

    def gone(self) -> str:
        """In words, that the server is over, and how; "" while it is not."""
        return "" if self.is_alive else self._gone()

    # -- its life ------------------------------------------------------------------------------------

    async def _live(self) -> None:
        try:
            async with Client(
                self._transport(),
                logging_callback=self._logged,
                message_handler=self._heard,
                elicitation_callback=self._elicited,
                log_level=_LOG_LEVEL,
                client_info=types.Implementation(name="workbench", version=workbench.__version__),
                cache=None,
            ) as client:
                await self._ask_for_logs(client)
                await self._list(client)
                self._client = client
                self._ready.set_result(None)
                await self._until_over(client)
        except (Exception, BaseExceptionGroup) as error:  # noqa: BLE001 - the package raises what the server brings about
            self._fault = self._redactor.text(words_of(error))
            self._is_told = not is_of_connection(error)
        finally:
            self._client = None
            if self._stdio is not None and not self._is_told:
                self._fault = self._redactor.text(self._stdio.why()) or self._fault
            if not self._ready.done():
                self._ready.set_exception(ToolError("server", f"{self._reason()}{self._last_words()}"))
                self._ready.exception()  # nobody may be waiting for it any more

    def _transport(self) -> AbstractAsyncContextManager[Any]:
        """The way to the server, with all that its file leaves to variables. Raises ToolError."""
        filled = Filled(self._surroundings.environ)
        reach = self._server.reach
        try:
            if isinstance(reach, Endpoint):
                url, headers = filled.text(reach.url), filled.named(reach.headers)
                return http_transport(url, headers, self._statuses, legacy=reach.legacy)
            environ = {**self._surroundings.environ, **filled.named(reach.env)}
            argv = [filled.text(each) for each in reach.argv]
            self._stdio = StdioTransport(argv, reach.folder, environ, self._log)
            return self._stdio
        finally:
            self._redactor = filled.redactor()

    async def _ask_for_logs(self, client: Client) -> None:
        """Servers of the handshake are asked once; later ones with each request."""
        if client.server_capabilities.logging is None or client.protocol_version in MODERN_PROTOCOL_VERSIONS:
            return
        wanted = types.SetLevelRequest(params=types.SetLevelRequestParams(level=_LOG_LEVEL))
        with contextlib.suppress(MCPError, ValidationError):  # it goes without
            await client.session.send_request(wanted, types.EmptyResult)

    async def _list(self, client: Client) -> None:
        self.is_stale = False  # what changes while it lists is listed again
        if client.server_capabilities.tools is None:
            self.tools = ()
            return
        found: dict[str, types.Tool] = {}
        cursor: str | None = None
        for _ in range(_MOST_PAGES):
            page = await client.list_tools(cursor=cursor)
            for tool in page.tools:
                found.setdefault(tool.name, tool)
            cursor = page.next_cursor
            if cursor is None or len(found) >= MOST_TOOLS:
                break
        self.tools = tuple(found.values())[:MOST_TOOLS]

    async def _until_over(self, client: Client) -> None:
        waiting = [asyncio.create_task(self._stop.wait())]
        if self._stdio is not None:
            waiting.append(asyncio.create_task(self._stdio.over.wait()))
        listening = asyncio.create_task(self._listen(client))
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._client = None
            for task in (*waiting, listening):
                task.cancel()
            await asyncio.gather(*waiting, listening, return_exceptions=True)
            if self._stdio is not None and not self._stop.is_set():
                await self._stdio.settled()

    async def _listen(self, client: Client) -> None:
        """Later servers say that their list has changed on a stream that is asked for."""
        tools = client.server_capabilities.tools
        if client.protocol_version not in MODERN_PROTOCOL_VERSIONS or tools is None or not tools.list_changed:
            return
        with contextlib.suppress(MCPError, SubscriptionLost, TimeoutError):  # then it is listed once, as it was
            async with client.listen(tools_list_changed=True) as changes:
                async for _ in changes:
                    self._changed()

    def _changed(self) -> None:
        self.is_stale = True
        self._on_change()

    # -- calls ---------------------------------------------------------------------------------------

    async def call(self, tool: str, call: ApprovedCall) -> CallOutcome:
        """What the server's tool of that name answers; whatever goes wrong is the outcome's error."""
        client = self._client
        if client is None:
            return CallOutcome(error=ToolError("server", self._gone()))
        mark = self._log.length
        running = RunningCall(call, self._redactor.text)
        self._running.append(running)
        try:
            outcome = await self._outcome(client, tool, running)
        finally:
            self._running.remove(running)
        output, left_out = self._log.since(mark)
        return replace(outcome, output=self._redactor.text(output), left_out=left_out, asked=running.asked)

    async def _outcome(self, client: Client, tool: str, running: RunningCall) -> CallOutcome:
        try:
            async with running.limit:
                result = await self._answer(client, tool, running)
            return CallOutcome(self._redactor.value(value_of(result)))
        except TimeoutError:
            words = f"timed out after {running.call.timeout:g} s; the MCP server {self._server.name} was told so"
            return CallOutcome(error=ToolError("timeout", words))
        except ToolError as error:
            return CallOutcome(error=ToolError(error.kind, self._redactor.text(str(error))))
        except MCPError as error:
            return CallOutcome(error=ToolError("server", await self._refusal(error)))
        except (ValidationError, RuntimeError, OSError) as error:
            return CallOutcome(error=ToolError("server", self._redactor.text(words_of(error))))

    async def _answer(self, client: Client, tool: str, running: RunningCall) -> types.CallToolResult:
        """The result, with whatever the server wants to know first."""

        async def heard(progress: float, total: float | None, message: str | None) -> None:
            running.tell(message or "", done=progress, total=total)

        responses: types.InputResponses | None = None
        state: str | None = None
        arguments = dict(running.call.arguments)
        for _ in range(_MOST_ROUNDS + 1):
            params = types.CallToolRequestParams(
                name=tool, arguments=arguments, input_responses=responses, request_state=state
            )
            request = types.CallToolRequest(params=params)
            try:
                result = await client.session.send_request(request, _ANSWERS, progress_callback=heard)
            except MCPError as error:
                if error.code != types.HEADER_MISMATCH or self.is_stale:
                    raise
                self._changed()  # its list of tools, which says what goes into headers, is not the one we have
                await self._list(client)
                result = await client.session.send_request(request, _ANSWERS, progress_callback=heard)
            if isinstance(result, types.CallToolResult):
                return result
            state = result.request_state
            asked = result.input_requests or {}
            responses = {key: await self._input(each, running) for key, each in asked.items()} or None
            if responses is None:
                await asyncio.sleep(_ROUND_SECONDS)
        raise ToolError("server", f"the server asked for more input {_MOST_ROUNDS} times, and has no result yet")

    async def _input(self, request: types.InputRequest, running: RunningCall) -> types.InputResponse:
        if isinstance(request, types.ElicitRequest):
            return await self._put(request.params, running)
        wants = "an answer of a model" if isinstance(request, types.CreateMessageRequest) else "a list of folders"
        raise ToolError("server", f"the server wants {wants} from this program, which offers none")

    async def _refusal(self, error: MCPError) -> str:
        """What the server said in place of a result, or how it came to its end."""
        if is_closed(error):
            if self._stdio is not None:
                await self._stdio.settled()
            elif self._life is not None:
                self._stop.set()  # whether it is still there shows when it is reached anew
                await asyncio.wait({self._life}, timeout=_SETTLE_SECONDS)
            return f"the MCP server {self._server.name} was gone in mid-call: {self._reason()}{self._last_words()}"
        status = self._statuses.words()
        if status and self._stdio is None:
            self._stop.set()  # a session that it does not know any more is begun anew
        return self._redactor.text(f"{words_of(error)}{f' ({status})' if status else ''}")

    # -- what the server says and asks -----------------------------------------------------------------

    async def _logged(self, params: types.LoggingMessageNotificationParams) -> None:
        data = params.data
        text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False, default=str)
        line = f"{params.logger}: {text}" if params.logger else text
        for running in self._running:
            running.tell(line, level=params.level)
        if not self._running:
            self._log.data_received(f"{params.level}: {line}\n".encode("utf-8", "replace"))

    async def _heard(self, message: IncomingMessage) -> None:
        if isinstance(message, types.ToolListChangedNotification):
            self._changed()

    async def _elicited(self, context: ClientRequestContext, params: types.ElicitRequestParams) -> types.ElicitResult:
        """A server of the handshake does not say for which call it asks: the one that runs longest."""
        return await self._put(params, self._running[0] if self._running else None)

    async def _put(self, asked: types.ElicitRequestParams, running: RunningCall | None) -> types.ElicitResult:
        if isinstance(asked, types.ElicitRequestURLParams):
            if running is not None:
                running.tell(f"asks you to open {asked.url} ({asked.message}): declined", level="notice")
            return types.ElicitResult(action="decline")
        schema: Mapping[str, Any] = asked.requested_schema
        name = f"the MCP server {self._server.name}"
        request = FormRequest(running.call.id if running else "", name, self._redactor.text(asked.message), schema)
        try:
            with contextlib.ExitStack() as clocks:
                for each in self._running:
                    clocks.enter_context(each.person_asked())
                async with self._asking:
                    answer = await put(fill(self._surroundings.people, request))
        except ToolError as error:
            return types.ElicitResult(action="cancel" if error.kind == "cancelled" else "decline")
        content = dict(answer.values) if answer.action == "accept" else None
        return types.ElicitResult(action=answer.action, content=content)

    # -- in words --------------------------------------------------------------------------------------

    def _gone(self) -> str:
        return f"the MCP server {self._server.name} is gone: {self._reason()}; it is started again for the next turn"

    def _reason(self) -> str:
        if self._stdio is not None and not self._is_told and (why := self._stdio.why()):
            return self._redactor.text(why)
        status = self._statuses.words()
        return (self._fault or "its connection is closed") + (f" ({status})" if status else "")

    def _last_words(self) -> str:
        """What it wrote last of its own, where there is such."""
        said = self._redactor.text(self._log.last_words())
        return f"; its last output: {said}" if said else ""
