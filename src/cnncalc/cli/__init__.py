"""The commands: one module each, which parses options, calls one function and prints."""
