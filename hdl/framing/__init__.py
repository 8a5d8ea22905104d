"""From the stream to pushes: what moves the window, when, and by how much a stage is late."""
