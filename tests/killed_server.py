"""A stand-in for the service, to be killed: uploads sessions as fast as it can, with a worker beside it.

python -m tests.killed_server OWNER UPLOADS; prints the id of each upload once it was accepted.
"""

import sys
import time

from api.jobs import Pace, open_queue
from api.people import User
from api.settings import load_settings
from api.spawning import spawn_worker
from api.store import open_store
from nlp.reading import read_transcript
from tests.worker_taggers import FAKES


def main(owner: str, uploads: int) -> None:
    settings = load_settings()
    store = open_store(settings)
    queue = open_queue(store.engine)
    worker = spawn_worker(settings, **FAKES, pace=Pace(lease=2, attempts=50, rest=0.1))
    print(f"worker {worker.pid}", flush=True)
    for _ in range(uploads):
        raw = f"Therapist: wait 0.05\nClient: wait 0.05\nTherapist: {time.time_ns()}\n".encode()
        result = read_transcript(raw, "upload.txt")
        user = User(owner, "owner@example.org", "Owner", "supervisor")
        created = store.create_session(user, result, raw=raw, in_transaction=queue.enqueue)
        print(f"accepted {created.session.id}", flush=True)
        time.sleep(0.1)
    time.sleep(3600)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
