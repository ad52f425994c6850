"""Make someone else's code run: a broken repository, its checks, and the stranger.

- ``place``: the learner's copy of ``data/repair/tinyshift``, and what the installer may choose from
- ``runs``: start the repository's program in a process of its own, within bounds
- ``checks``: one check a fault; each names a symptom, none a cure
- ``repairs``: the eight repairs as edits, applied or left out one by one
- ``log``: the repair log
- ``capture``, ``stranger``: write an environment down, and try it on somebody who has nothing else
- ``docker``: a Dockerfile from a captured environment, and a reader of Dockerfiles

``python -m internlab.practice.repair`` has the same as commands.
"""

from internlab.practice.repair.faults import FAULTS, Fault
from internlab.practice.repair.place import Place, copy_broken

__all__ = ["FAULTS", "Fault", "Place", "copy_broken"]
