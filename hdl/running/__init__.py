"""Windows whose sums, or extremes, are kept from one place to the next."""
