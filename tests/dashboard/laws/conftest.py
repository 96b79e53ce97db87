"""Lets the tests of this folder share `synthetic.py` although tests are no packages."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
