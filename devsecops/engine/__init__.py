"""The engine: batches, controls, retries by halving, merging."""
