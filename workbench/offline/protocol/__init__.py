"""The chat API as the engine speaks it: requests checked as the API checks them, replies as its frames."""
