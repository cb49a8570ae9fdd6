"""Documents: loading, splitting, the index, retrieval, and the ledger of what was sent and cited.

`config/documents_file.py` reads the YAML into a `SetSpec` (`documents/passages.py`). Behind the first paint
(`commands/app.py`) `documents/load.py` finds the files (`globs.py`), reads each as text (`file_text.py`,
`encodings.py`, `alphabets.py`) or as bytes, has it parsed or converted by its row of `documents/formats/__init__.py`
(`file_documents.py`), and cuts it into passages with exact lines (`split.py`). What is no text is converted in a
process of its own (`converting.py`, on the far side `converter.py`), once (`kept_conversions.py`).
`config/given_documents.py` does the same for a document or a folder that `--docs` names. For a question,
`conversation/retrieving.py` asks `documents/retrieval.py` in a thread, as `search_options.py` says. `queries.py` reads
out of it what is more than words, and
`query_sources.py` says what each set is searched by, which `conversation/rewriting.py` may have the model write. A
small set is sent whole, and of others the best by `bm25.py`, whose words `language/meanings.py` widens; of a set
that the model searches itself nothing is, and `conversation/searching.py` puts the tool of
`documents/search_tool.py` beside the others. `documents/opening.py` decides which sets are held in memory; a large
one is in an index. `retrieving.py` notes them in the turn's `documents/ledger.py`. A citation names a
passage's id; the ledger counts it, and the sources pane draws the ledger.

The index of a large set is an SQLite file of the cache folder (`documents/index/`): `store.py` has its tables and
who may write them, `building.py` reads what changed (`workers.py`: in processes beside this one) and writes it in
batches. `entry.py` says how a passage's words stand in it, `common.py` keeps the commonest at hand, and
`ranking.py` finds the best by the same BM25, rare words first; `narrowing.py` finds those that a narrower query
accepts, `order.py` where they stand in the set. `indexed_set.py` is what the library asks, and `upkeep.py` takes
away what nobody uses.

A set with a `store:` is in a Lance table, in a folder or on S3 (`documents/lance/`): `filling.py` puts there what
changed, for `workbench index` alone, `table.py` knows its columns and which version is whole, and `stored_set.py`
is what the library asks. The table's own index of words says which passages come into question, and `ranking.py`
scores them by the same BM25; what that index has not heard of is in `stale.py`. `order.py` reads passages by the
numbers of their rows, `narrowing.py` knows the fields of all.

What a person switches off or pins (`/docs`) is a value, `documents/choices.py`; a turn gets it, and `chosen.py`
asks the library for more and leaves out. `outline.py` has the documents of a set in a line each. The list of them
is `ui/screens/documents.py`, its rows `document_rows.py`; what is done there is `ui/document_commands.py` and,
without a screen, `ui/document_choosing.py`. `startup/documents_again.py` reads again what changed, and what is
added; `documents/watching.py` says when.

How a set is searched is in `documents/modes.py`, over any shelf (`shelf.py`): it falls back to words where a model
is away, and `retrieving.py` makes a `Retrieval` event of what it tells. What embeds and reranks is behind
`documents/embedding.py`: `cohere_client/comparing.py` is it, in a loop of a thread's own, over the same transports
as chat; offline those are bytes of `offline/comparing.py`. `documents/vectors/` keeps vectors by their texts
(`bank.py`), knows which are a set's (`of_set.py`), has those made that are lacking (`filling.py`) and finds the nearest
(`nearest.py`); `lance/vectors.py` has those of a store made and found by the same two.

A question may name files of its own (`@file`, `ui/attachments.py`): `documents/attached.py` reads them when it is
asked, and they are sent before what is retrieved.
"""
