"""`python -m deskphone`."""

import sys

from deskphone.app.__main__ import main

sys.exit(main())
