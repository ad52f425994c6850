"""The debiasing track: a shortcut seen, the methods against it, and a benchmark of them.

``groups`` holds what is measured, ``stack`` trains many runs side by side, ``methods`` one small
class a method, ``bench`` the grid of runs and its report. The command is
``python -m internlab.debias bench``.
"""
