"""Frames <-> typed events: the only room that knows the JSON of Cohere's v2 stream. It never raises on bad input."""
