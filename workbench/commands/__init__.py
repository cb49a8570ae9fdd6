"""Commands, a module each: it reads its arguments, does its work with the rooms below, and returns an exit code."""
