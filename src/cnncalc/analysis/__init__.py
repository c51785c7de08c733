"""A graph to numbers: shapes, counts, memory, receptive fields, and what follows from them."""
