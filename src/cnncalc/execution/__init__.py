"""The network, run in NumPy: kernels, the runner, the probes, and the comparison of rule and measurement."""
