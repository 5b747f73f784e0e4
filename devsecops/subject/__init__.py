"""What is judged, and the ledger of it."""
