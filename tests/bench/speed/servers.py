"""The two servers: started, found ready, asked, and stopped."""
import http.client
import json
import os
import re
import subprocess
import tempfile
import time

import processes


class Server:
    """A process that tells on the standard error where it listens."""

    def __init__(self, command, ready, environment=None):
        self.log = tempfile.NamedTemporaryFile("w+", prefix="waybill-bench-", suffix=".log")
        self.began = time.perf_counter()
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log, env={**os.environ, **(environment or {})})
        self.address = self.find()
        self.wait(ready)
        self.ready_after = time.perf_counter() - self.began

    def find(self):
        while self.process.poll() is None:
            found = re.search(r"listening on http://([0-9.]+:\d+)", open(self.log.name).read())
            if found:
                return found[1]
            time.sleep(0.001)
        raise SystemExit(f"{self.process.args[0]} did not start:\n{open(self.log.name).read()}")

    def wait(self, route):
        while True:
            try:
                if self.get(route) == 200:
                    return
            except OSError:
                pass
            time.sleep(0.001)

    def get(self, route):
        client = http.client.HTTPConnection(self.address)
        client.request("GET", route)
        return client.getresponse().status

    def post(self, route, body, header=None):
        headers = {"Content-Type": "application/json", **({"Authorization": header} if header else {})}
        client = http.client.HTTPConnection(self.address, timeout=600)
        client.request("POST", route, json.dumps(body), headers)
        response = client.getresponse()
        text = response.read()
        if response.status != 200:
            raise SystemExit(f"{route} {body}: {response.status} {text[:2000]}")
        return json.loads(text)

    @property
    def pid(self):
        return self.process.pid

    def memory(self):
        return processes.memory(self.pid)

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.log.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def waybill(binary, database, signing_keys, more=()):
    """Without the limits of how much somebody may ask, which would end the measurement."""
    command = [
        binary, "serve", "--listen", "127.0.0.1:0", "--database-url", database.url, "--signing-keys", signing_keys,
        "--rate-anonymous", "0", "--rate-signed-in", "0", *more,
    ]
    return Server(command, "/health/ready")


def baseline(binary, database):
    return Server([binary, database.url, "127.0.0.1:0"], "/static")


def options(binary):
    return subprocess.run([binary, "serve", "--help"], capture_output=True, text=True, check=True).stdout
