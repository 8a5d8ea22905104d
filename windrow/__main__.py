"""``python -m windrow`` is the command line."""

import sys

from windrow.cli import main


sys.exit(main())
