"""Experiment notes: what is expected is written down before a run, the verdict after it.

``notes.open(...)`` before, ``note.close(...)`` after, ``python -m internlab.notes report`` weekly.
"""

from internlab.notes.note import Expect, Note, load, load_all, notes_folder, open_note, problems

open = open_note

__all__ = ["Expect", "Note", "load", "load_all", "notes_folder", "open", "problems"]
