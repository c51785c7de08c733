"""The base types: tensors, graphs, counts, receptive fields, traced integers, errors. Standard library only."""
