"""The terminal beneath the screen: what it shows, and how few bytes make it show something else."""
