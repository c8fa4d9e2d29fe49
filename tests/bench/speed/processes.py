"""What processes cost: seconds of CPU, and memory."""
import os
import pathlib
import threading
import time

TICKS = os.sysconf("SC_CLK_TCK")
SAMPLED = 0.02
# Seconds of CPU in one, of a process at rest.
IDLE = 0.05


def cpu(pid):
    """Seconds of a process, those of its threads that have ended included; None when it is gone."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory(pid):
    """Its own in bytes: what is mapped of files, its program above all, is the system's."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(status.split("RssAnon:")[1].split()[0]) * 1024


def rest(pid, longest=30):
    """Waits until a process does nothing, or for so many seconds."""
    for _ in range(longest):
        before = cpu(pid)
        time.sleep(1)
        if cpu(pid) - before < IDLE:
            return


class Backends:
    """The processes of a PostgreSQL server that work for one database, while they come and go."""

    def __init__(self, postmaster, database):
        self.postmaster, self.database = postmaster, database
        self.seconds = {}

    def look(self):
        """Takes down what each has used so far; those that are gone keep what they had."""
        for pid in pathlib.Path(f"/proc/{self.postmaster}/task/{self.postmaster}/children").read_text().split():
            if pid not in self.seconds and not self.is_ours(pid):
                continue
            used = cpu(pid)
            if used is not None:
                self.seconds[pid] = used

    def is_ours(self, pid):
        try:
            title = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").rstrip("\0")
        except OSError:
            return False
        return f" {self.database} " in title.split("(")[0] + " "

    def total(self):
        self.look()
        return sum(self.seconds.values())


class Meter:
    """CPU of a server and of the database behind it, from the beginning of a block to its end."""

    def __init__(self, pid, backends):
        self.pid, self.backends = pid, backends
        self.over = threading.Event()

    def __enter__(self):
        self.before = cpu(self.pid) if self.pid else 0
        self.before_database = self.backends.total() if self.backends else 0
        self.sampler = threading.Thread(target=self.sample)
        if self.backends:
            self.sampler.start()
        return self

    def sample(self):
        while not self.over.wait(SAMPLED):
            self.backends.look()

    def __exit__(self, *_):
        self.over.set()
        if self.backends:
            self.sampler.join()
        self.server = (cpu(self.pid) - self.before) if self.pid else 0
        self.database = (self.backends.total() - self.before_database) if self.backends else 0
