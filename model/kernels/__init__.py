"""Kernels as people have them: named, in files, in text, of reals."""
