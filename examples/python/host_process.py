#!/usr/bin/python3 -Es
"""A host program in Python, its people logged on by `gatehouse login`, one process a log-on."""

import sys

from gatehouse_client import Denied, log_on_by_process
from terminal_front_end import ask, show

GATEHOUSE = "/usr/bin/gatehouse"
CONFIG = "/etc/gatehouse/config.ini"


def main():
    try:
        verdict = log_on_by_process(GATEHOUSE, CONFIG, ask, show)
    except Denied:
        sys.exit(77)
    except (OSError, ValueError, KeyError) as broken:
        # No gate, or one that does not speak the protocol: nobody gets in.
        print(f"Nobody can log on at the moment: {broken}", file=sys.stderr)
        sys.exit(69)
    print(f"Welcome, {verdict['user']} ({verdict['method']}).")


main()
