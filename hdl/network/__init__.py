"""Networks in hardware: an engine for each layer, joined by streams."""
