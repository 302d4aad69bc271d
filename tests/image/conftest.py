"""Puts the image's own Python files where the tests can import them."""

from __future__ import annotations

import sys
from pathlib import Path

IMAGE = Path(__file__).resolve().parents[2] / "image"
sys.path[:0] = [str(IMAGE / "scripts"), str(IMAGE / "rootfs/usr/lib/deskphone")]
