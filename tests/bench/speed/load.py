"""Load: wrk for the servers, pgbench for the SQL alone."""
import http.client
import itertools
import json
import pathlib
import re
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).parent


def wrk(address, route, bodies, connections, seconds, header=None):
    """Requests, seconds, p50 and p99 in milliseconds, of bodies in a file; without one, of a GET."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "60s"]
    if bodies:
        command += ["-s", HERE / "request.lua", f"http://{address}{route}", "--", bodies, *([header] if header else [])]
    else:
        command += ["-s", HERE / "get.lua", f"http://{address}{route}"]
    ran = subprocess.run(command, capture_output=True, text=True)
    found = re.search(r"^JSON (.*)$", ran.stdout, re.M)
    if not found:
        sys.exit(f"wrk failed: {ran.stdout}{ran.stderr}")
    figures = json.loads(found[1])
    if figures["failed"]:
        sys.exit(f"{route}: {figures}\n{ran.stdout}")
    return figures


def one_by_one(address, route, bodies, fewest, seconds):
    """The same for requests of which only a few fit into the time: none is left halfway."""
    lines = itertools.cycle(pathlib.Path(bodies).read_text().splitlines())
    client = http.client.HTTPConnection(address, timeout=600)
    times = []
    while len(times) < fewest or sum(times) < seconds:
        began = time.perf_counter()
        client.request("POST", route, next(lines), {"Content-Type": "application/json"})
        response = client.getresponse()
        response.read()
        if response.status != 200:
            sys.exit(f"{route}: {response.status}")
        times.append(time.perf_counter() - began)
    times.sort()
    at = lambda share: times[min(int(len(times) * share), len(times) - 1)] * 1000
    return {"requests": len(times), "seconds": sum(times), "p50": at(0.5), "p99": at(0.99), "failed": 0}


def pgbench(url, script, connections, seconds, count=None):
    """The same of a script, for some seconds or so many times; pgbench tells no percentiles."""
    length = ["-t", count] if count else ["-T", seconds]
    command = ["pgbench", "-n", "-M", "prepared", "-c", connections, "-j", 1, *length, "-f", script, url]
    ran = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    done = re.search(r"transactions actually processed: (\d+)", ran.stdout)
    if ran.returncode or not done:
        sys.exit(f"pgbench failed: {ran.stdout}{ran.stderr}")
    return {"requests": int(done[1]), "seconds": seconds, "p50": float(re.search(r"latency average = ([0-9.]+)", ran.stdout)[1])}


def script(question, sql, asked):
    """A script of pgbench that asks the same with variables that it draws."""
    for place, parameter in enumerate(question.raw, 1):
        sql = sql.replace(f"${place}", parameter)
    lines = []
    # All that the servers are asked: the pages of a few would stay in the database's own memory.
    # pgbench chooses by conditions, which it does itself.
    chosen = [each.numbers for each in asked]
    if chosen and chosen[0]:
        lines.append(f"\\set n random(0, {len(chosen) - 1})")
        for place, name in enumerate("ab"[: len(chosen[0])]):
            # Halves of halves, so that few conditions are looked at.
            lines.append(f"\\set {name} {choice([numbers[place] for numbers in chosen])}")
    lines.append(" ".join(sql.split()) + ";")
    return "\n".join(lines) + "\n"


def choice(values, first=0):
    if len(values) == 1:
        return str(values[0])
    middle = len(values) // 2
    low, high = choice(values[:middle], first), choice(values[middle:], first + middle)
    return f"case when :n < {first + middle} then {low} else {high} end"
