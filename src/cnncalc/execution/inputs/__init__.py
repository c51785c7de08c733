"""Sources of inputs and weights: files, images, tokens, values of a description, or a seed."""
