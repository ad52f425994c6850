"""The research-practice track: habits of research as things that are done and measured.

Lessons 01 to 06. The checks of the labs are in ``exercises``, what the lessons claim in ``claims``.
"""
