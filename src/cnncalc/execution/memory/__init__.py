"""The memory of a run, predicted before it begins."""
