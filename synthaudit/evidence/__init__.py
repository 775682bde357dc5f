"""Evidence that stands up months later: the pack, its signature, verifying and replaying it."""
