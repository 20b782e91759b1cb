"""What Beam takes for a worker: hands its environment to the server of workers, and ends as the worker ends.

Run as a file by a Python without ``site``: it must start in no time, and imports nothing but the standard library.
"""

import json
import os
import signal
import socket
import sys

if __name__ == "__main__":
    # Ctrl-C goes to all processes of a terminal, and the driver says what there is to say about it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    server = socket.socket(socket.AF_UNIX)
    try:
        server.connect(sys.argv[1])
        server.sendall(json.dumps(dict(os.environ)).encode() + b"\n")
        status = server.recv(64)
    except OSError as error:
        sys.exit(f"gristmill: the process that starts workers can't be reached ({error}); run the same command again")
    sys.exit(int(status) if status else 1)
