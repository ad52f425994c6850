"""The kit for a room: a bundle that installs and runs offline, and the instructor's part.

``make workshop`` writes both; ``python -m authoring.workshop rehearse`` plays a participant.
"""
