"""The panes: each turns its messages into rows or text. They hold no state of the conversation."""
