"""Tidies pip-compile's output: torch's CPU build by its plain version, and nothing that phones home."""

import re
import sys

NEVER = ("openvino-telemetry",)  # optional for openvino; would send usage data


def tidy(lock: str) -> str:
    """The lock without comments and without the packages we never install."""
    lock = re.sub(r"^ *#.*\n", "", lock, flags=re.M)
    lock = re.sub(r"^torch==([\d.]+)\+cpu", r"torch==\1", lock, flags=re.M)
    entries = re.split(r"(?m)^(?=[a-z0-9])", lock)
    return "".join(e for e in entries if not e.startswith(NEVER)).lstrip()


if __name__ == "__main__":
    sys.stdout.write(tidy(sys.stdin.read()))
