"""Write down what datagrams say: `python udp_sink.py ADDRESS PORT`, a line each on standard output."""

from __future__ import annotations

import socket
import sys

if __name__ == "__main__":
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.bind((sys.argv[1], int(sys.argv[2])))
        while True:
            print(door.recvfrom(65_535)[0].decode(errors="replace").strip(), flush=True)
