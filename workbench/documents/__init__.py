"""Documents: loading, splitting, the index, retrieval, and the ledger of what was sent and cited."""
