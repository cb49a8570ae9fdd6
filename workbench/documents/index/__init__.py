"""Sets too large to be read at each start: their passages and words in an SQLite file of the cache folder."""
