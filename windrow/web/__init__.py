"""The page that `windrow web` serves: a design on the left, what it does on the right.

:mod:`.workbench` knows designs and pictures and nothing of pages; :mod:`.page` is the page, in
NiceGUI; :mod:`.door` lets in whoever has the token, from this machine, with uploads of a bounded
size.
"""
