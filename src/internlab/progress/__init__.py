"""Which exercises pass: of the learner's own labs, and of a room of participants.

``python -m internlab.progress`` runs the labs in ``labs/``; ``python -m internlab.progress FOLDER``
runs the labs of many participants, each in a bounded process (`internlab.progress.contain`).
"""
