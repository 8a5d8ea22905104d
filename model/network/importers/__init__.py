"""Readers of network files: each file of this folder has ``read(path, arithmetic) -> Network``."""
