"""A passage as lines of a width: Markdown, data or plain text, its cited words marked. No widgets here."""
