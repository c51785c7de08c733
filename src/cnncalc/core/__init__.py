"""What everything else is made of: tensors, graphs, counts, fields, traced integers, errors. Standard library only."""
