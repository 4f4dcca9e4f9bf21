"""The service in a process of its own, to be killed and started again.

python -m tests.coding_server FOLDER PORT; prints a line when it listens.
"""

import socket
import sys

import uvicorn

from api.app import create_app
from api.settings import load_settings


def main(folder: str, port: str) -> None:
    app = create_app(load_settings({"SUTURE_DATA_DIR": folder, "SUTURE_PORT": port}))
    listening = socket.create_server(("127.0.0.1", int(port)))
    print("listening", flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listening])


if __name__ == "__main__":
    main(*sys.argv[1:])
