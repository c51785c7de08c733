"""From a graph to numbers: shapes, counts, memory and receptive fields, and what follows from them."""
