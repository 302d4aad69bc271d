"""The stores of a phone written again and again by the product's own code: scenario.py FOLDER GENERATIONS [careless].

Each generation says its number in every store, and on standard output when all are written. careless: without fsync, as
a check that the cuts can tell the difference.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from deskphone.app import configuration
from deskphone.app.store import Store
from deskphone.config.layers import Layer, Layers
from deskphone.config.secret import Secret
from deskphone.provision import known, typed_login
from deskphone.provision.address import Login

FIRST = 1000  # the number of generation 0


def write(data: Path, store: Store, number: int) -> None:
    """All stores at this number."""
    layers = Layers().with_file({"voip/line/0/id": str(number), "deskphone/volume/ring": number % 11})
    configuration.keep(data, layers, f"voip/line/0/id={number}\n".encode() + b"# as it was written\n" * 400)
    known.save(data, known.Known(source=f"https://prov.example/{number}.cfg", at=number, version="0.1.0"))
    typed_login.save(data, Login("https://prov.example", str(number), Secret(f"secret-{number}")))
    layers, _ = layers.set(Layer.PERSON, "deskphone/volume/handset", number % 11)
    store.save("settings-person.json", layers.dump(Layer.PERSON))
    store.save("calls.json", json.dumps({"number": number, "log": ["x" * 40] * 100}))


def main() -> None:
    """Generation after generation."""
    data, generations = Path(sys.argv[1]), int(sys.argv[2])
    if "careless" in sys.argv:
        os.fsync = lambda handle: None
    store = Store(data)
    for number in range(FIRST, FIRST + generations):
        write(data, store, number)
        os.write(1, f"generation {number}\n".encode())


if __name__ == "__main__":
    main()
