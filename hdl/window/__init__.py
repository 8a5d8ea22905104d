"""From pushes to windows: lines that are kept, borders, and the samples under the kernel."""
