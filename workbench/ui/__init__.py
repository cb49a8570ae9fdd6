"""The screen: app, panes, widgets, messages and routes. The only room that imports textual.

Where what is:

- the app: `app.py` composes and forwards; `stage.py` holds the widgets, and is what helpers get in place of the
  app: `asking.py` runs turns, `navigation.py` moves about, `arranging.py` sizes the side panes, `commands.py`
  performs actions. `actions.py` is the table of actions, `routes.py` that from events to panes.
- panes: `panes/` say what a message means and draw from a turn, each as high as its content needs (`column.py`).
  That of the tools has its rows from `trace_tree.py`, as nodes that hold others (`nodes.py`): what is below a call
  from `call_parts.py`, a value from `value_tree.py`, `value_table.py` and `value_text.py`. `widgets/` know nothing
  of conversations; `markdown/` turns an answer into lines, without a widget, and `lines/` a passage.
- colours: `themes/` has what they are for (`roles.py`) and what they are at every depth (`own.py`, `derived.py`);
  what a style name looks like is in `widgets/line_painter.py` and `rows.py`.
- keys: `terminal/keyboard.py`, `key_sequences.py` and `layouts.py` read them, `key_order.py` hands them on as they
  came; `bindings.py` binds them, `keymap.py` names them, `hints.py` puts those of a place into the last row, from
  the `hint` of their rows.
- the terminal: `terminal/` writes as few bytes as possible; `textual_inside.py` is the one place that touches
  Textual's private names; `outside.py` has what is said beside the screen: title, progress, bell. `backstop.py`
  looks at every line before it is written, for what `safe_text` or the redactor was not asked about.
- the prompt: `widgets/prompt.py`, on `widgets/line_editor.py`. What it offers over itself (`choice_list.py`) is
  decided in `completion.py` (`folders.py` and `found_files.py` know the files), `prompt_history.py` and
  `history_search.py`; what lines mean that come from habit, in `habits.py`; what was asked in earlier conversations
  is in the file of `sessions/asked_before.py`.
- the last row: `widgets/status_line.py`, with notices and what is searched: `panes/status.py` has the words of a
  turn, `printing/closing.py` those of its end.
- copies: `takings.py` has what is copied from where one is, `exporting.py` in which other forms, `event_walk.py`
  what an event became (`conversation/landing.py` knows), `copies.py` whether it goes to the clipboard
  (`terminal/clipboard.py`) or to a file (`new_files.py`); `widgets/selecting.py` selects text, `pager.py` shows it
  elsewhere.
- settings: Those that are changed while the app runs are in `config/at_hand.py`, and `settings_commands.py` says
  what came of it; their panel, that of presets, the list of tools and that of a turn which is asked again are forms
  (`forms/`: values), which `screens/form.py` shows. What a turn was asked with is in its record, and
  `config/ran_with.py` reads it: for words, and for a session that goes on (`startup/settings_again.py`).
  `config/lint.py` warns by `config/model_facts.py`.
- several turns: `turn_commands.py`; `screens/compare.py` shows two of them by `lines/beside.py`. A grid is planned
  by `grid_commands.py` with the choices of `config/varied.py`; `grid_run.py` runs its cells, `screens/grid.py` and
  `widgets/cell_view.py` draw them.

Searching (`/`). The key is the row `search`, bound to every view of lines by `widgets/searching.py`, which takes
the letters that follow, walks the hits and cuts looking into slices of time; the status line says what it says.
Where a `Needle` stands (`markdown/needle.py`) is looked for in text, not in lines: in the flows of an answer by
`markdown/found.py`, in what rows say folded or not by `widgets/found_rows.py`, in raw text by its characters. Lines
are marked when they are painted: a piece of an answer is laid out once more with its hits, and what is kept laid
out stays as it was. Where text is selected with keys too, `widgets/text_view.py` says which of both has the keys.
"""
