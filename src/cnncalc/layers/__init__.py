"""The rules of layers: one class per type, one module per family. `catalogue.resolve` imports the family of a type."""
