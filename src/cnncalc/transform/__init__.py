"""From a graph to another graph: other options, another input, a part of it."""
