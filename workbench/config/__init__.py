"""Configuration: YAML to validated settings, document sets and tools, with every problem located."""
