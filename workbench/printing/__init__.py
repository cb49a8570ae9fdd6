"""What commands without a screen print: a turn as text or as JSON lines, and the standard streams that it goes to."""
