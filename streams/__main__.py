"""`python -m streams` is `aboveboard`, for when the command itself is not on the path."""

import sys

from streams.cli.main import main

sys.exit(main())
