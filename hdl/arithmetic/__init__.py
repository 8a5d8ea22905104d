"""Graphs at work: adders, multipliers and all other nodes, without a thought of frames."""
