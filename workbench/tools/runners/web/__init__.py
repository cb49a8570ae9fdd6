"""What an HTTP tool does: its request, the address it may go to, the connection, and what comes back."""
