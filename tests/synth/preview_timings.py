"""Small pictures at a pixel clock that boards can make."""

from windrow.boards.video.timing import Span, Timing


def timing(across: Span, down: Span) -> Timing:
    """That of 640 x 480, whatever the size: the frame rate is high."""
    clock = 25_175_000
    return Timing(f"{across.active}x{down.active}", clock, clock / (across.total * down.total),
                  across, down, "test")


LOW = timing(Span(48, 3, 5, 4, positive=False), Span(20, 2, 1, 6, positive=False))
HIGH = timing(Span(37, 1, 2, 9, positive=True), Span(9, 1, 3, 7, positive=True))
