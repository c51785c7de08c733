"""The reference of the description language: what each construct is, its keys, and an example that runs."""
