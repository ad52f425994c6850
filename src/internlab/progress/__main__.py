"""``python -m internlab.progress [FOLDER]``."""

import os
import sys

if os.name != "posix":
    sys.exit("Labs run in a bounded process on Linux and macOS. On Windows, use WSL.")

from internlab.progress.command import main

sys.exit(main())
