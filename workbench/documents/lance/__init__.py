"""Sets whose passages are in a store that several people share: a Lance database in a folder, or on S3.

Nothing but this room imports `lancedb`, which is the extra `lance` and takes seconds to import: only where a set has a
store, and in a thread.
"""
