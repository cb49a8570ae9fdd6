"""Tools: a definition that the model sees, and a runner that does the work.

Read. `config/tools_file.py` reads the YAML, in the shapes of other APIs too (`foreign_tools.py`, out of what they
are wrapped in by `foreign_lists.py`); `tool_run.py` looks up the kind in `tools/registry.py` and lets it read its
own `run:`; `mcp_servers.py` has the servers, of other clients' files too. What is found is a `ToolSpec`
(`tools/specs.py`).

Allow. When a step ends with calls, `conversation/calling.py` runs them side by side through `tools/toolbox.py`: the
arguments are checked (`call_arguments.py`; at which key a fault is says `argument_faults.py`), `approval.py`
decides or asks. What trust in a file covers is in `trust.py`, `modules.py` and `named_files.py`. The question shows
what the kind says that it would run (`in_words.py`); the person behind `people.py` is `ui/screen_person.py` with
`widgets/question_dock.py`, `printing/terminal_person.py` or `plain/person.py`. `decisions.py` has the words of an
answer, and `granted.py` those that count until the program ends. While a person is asked,
`Conversation.person_asked` is told, and `PersonAsked` and `PersonAnswered` give that time its place in the turn.

Run. Then the kind is opened, and its runner carries the call out, with what its `templates.py` are filled with.
`runners/command.py` starts a program for it; `runners/python.py` hands it to a worker (`workers.py`, `worker.py`,
on the far side `child.py`), which imports once and takes one call after another. Either has a keeper, so that
nothing that it starts outlives the call (`kept_program.py`, `keeper.py`). `runners/http.py` goes over a connection:
`runners/web/request.py` fills the request in, `reach.py` resolves its name and looks at each address
(`addresses.py`), `connections.py` goes to that very address, and `bodies.py` reads what comes back, with an end.
Tools of servers are found before the first request of a turn (`Toolbox.prepare`): `mcp/at_hand.py` starts what is
trusted, each tool is of the kind in `mcp/kinds.py` from then on, called by the name that `mcp/naming.py` gives. A
form that a server wants filled in has the fields that `tools/form_fields.py` knows: on the screen it is one of
`ui/forms/asked_form.py`, and `tools/forms.py` asks for it in lines. What a call tells while it runs is paced by
`telling.py` and becomes a `ToolProgress`.

Tell. The `ToolResult` event is folded like any other: into `conversation/trace.py`, from which the tools pane
draws, and by `tools/result_documents.py` into what the model can cite in the next request, no larger than
`result_sizes.py` says.

Alone. `ui/tool_commands.py` opens a tool on a bench: `ui/bench.py` runs it by the conversation's toolbox,
`screens/bench.py` shows it, the runs in rows of the trace (`screens/bench_runs.py`), with a form
(`forms/schema_form.py`) of the fields that `tools/form_fields.py` makes of the JSON Schema. `commands/tools_run.py`
does so without a screen (`startup/tools_alone.py`). Which tools go along is `ui/tool_choosing.py`, with or without
a screen (`screens/tools.py`), and `conversation/some_tools.py`.
"""
