"""Lines and names of other frameworks, and what is written here in their place. Loaded when an unknown name is met."""
