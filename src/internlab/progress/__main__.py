"""``python -m internlab.progress [FOLDER]``."""

import sys

from internlab.progress.command import main

sys.exit(main())
