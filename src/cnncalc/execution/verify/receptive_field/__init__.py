"""Receptive fields, measured by perturbing what a layer reads."""
