"""Sessions: what was sent and received, kept as recordings.

`startup/keeping.py` begins it and goes on with it. `sessions/session_keeper.py` gets each turn's marks and results,
`transports/recorder.py` each request and its bytes; both put lines into `recordings/journal.py`, whose thread
writes them. Going on: `sessions/folder.py` finds the file, `startup/keeping.py` has `recordings/recording.py` read
it and check every line, `sessions/turns.py` parts it, `restore.py` folds each turn as it was, and `ui/restoring.py`
shows them; `startup/going_on.py` says which files it goes on with.

Seeing one again: `sessions/played.py` has the turns whole, with the events as they came; of a recording without
marks by asking it again (`asking_again.py`) with what stands in for documents and tools (`playback.py`). `reel.py`
knows the places in it, `ui/replaying.py` where one is, and `conversation/turn_again.py` folds the turn to there:
going on, its events go to the panes as live ones do; going back, `TurnRewound` has each draw from the turn as it
was (`Pane.rewind`), and the chat takes its answer back to where no block was open (`markdown/document.py`).

Finding one: `sessions/listing.py` has a row for each file, which `scan.py` reads in one pass, and `indexing.py` the
words of each turn, as `restore.py` folds it; of a file that has grown it reads the last turn and what is behind
that, and `upkeep.py` has a thread do so as turns end. `search.py` finds them. All is in an SQLite file until a
file's stamp changes; `index.py` makes that anew when it is damaged, and one in memory where there can be none.

Going to another: `ui/screens/sessions.py` lists them, of which `ui/shelf.py` knows what there is and what is found,
and `ui/switching.py` lets the conversation go on elsewhere. `startup/switching.py` plans as at a start with
`--resume`, reads the other session, and only then, when nothing can fail any more, gives it to the conversation;
`keeping.py` closes the one before. `sessions/forking.py` writes a copy up to a turn.

`e` in the chat is the row `edit-turn-here`; `ui/branches.py` puts the question into the prompt and, when it is
sent, has `ui/asking.py` ask the turn again: `ui/path_shown.py` shows what it goes on from, and `Conversation.again`
runs a turn with the same parent, whose history is its branch in `conversation/tree.py`. Of an edited call, or its
result (`screens/call_editor.py`), `given.py` folds the steps before once more, and the loop goes on behind them.
The `turn-start` line has parent, turn and edits, and no frame is written twice: `sessions/turns.py` parts lines
that alternate and finds the turn that is taken over, and `restore.py` folds it by the same `given.py`. A turn that
goes on past a limit (`startup/lifting.py`) is one more of these. What a person does in the tree (`screens/tree.py`,
`branch_rows.py`) is a `TreeMark`, live and in the file.
"""
