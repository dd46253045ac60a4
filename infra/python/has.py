"""Tells by its exit code whether this Python has what a requirements file pins."""

import re
import sys
from importlib.metadata import PackageNotFoundError, version

for line in open(sys.argv[1], encoding="utf-8"):
    pin = re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==(\S+)", line)
    if not pin:
        continue
    try:
        if version(pin[1]) != pin[2]:
            sys.exit(1)
    except PackageNotFoundError:
        sys.exit(1)
