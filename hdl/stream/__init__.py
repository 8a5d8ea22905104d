"""Queues at both ends: from the free-running pipeline to a stream, and between two clocks."""
