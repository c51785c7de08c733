"""The rules: one class per layer type, one module per family. `catalogue.resolve` imports only the family asked for."""
