"""Other values that are right: under another convention, or in a published variant of the network."""
