"""`python -m kforge` is `kforge`."""

import sys

from kforge.cli import main

sys.exit(main())
