"""``python -m internlab.notes report`` and ``verify``."""

import sys

from internlab.notes.report import main

sys.exit(main())
