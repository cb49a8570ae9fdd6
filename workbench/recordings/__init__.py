"""The format of recordings, which sessions are as well: lines of requests, frames and marks in an append-only file."""
