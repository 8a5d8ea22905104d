"""From kernels and ranks to graphs: which sums are shared, and what each way costs."""
