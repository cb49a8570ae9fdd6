"""A session as something to take along: a document to read, a script that asks again, a recording, an object.

What of a session is exported, and in which form. The text is made without a file and without a stream: whoever asks for
it decides where it goes.
"""
