"""The measurement of one database: answers compared, then rounds in which everybody is asked in turn."""
import json
import pathlib
import subprocess
import sys
import time

import load
import processes
import questions
import servers

SECRET = "correct horse battery staple"
CACHE = "--response-cache-bytes"
# Of requests that take long: so many are counted, whole.
FEWEST = 3
# Of others so many a connection, or else they go on for so many seconds.
ENOUGH, LONGEST = 10, 15


class Bench:
    """Both servers on a filled database, and all that is asked of them."""

    def __init__(self, options, database, folder, only):
        self.options, self.database, self.folder = options, database, folder
        self.keys = folder / "keys.json"
        if not self.keys.exists():
            subprocess.run([options.waybill, "keys", "new", self.keys], check=True, stdout=subprocess.DEVNULL)
        postmaster = database.postmaster()
        self.backends = postmaster and processes.Backends(postmaster, database.database)
        self.sql = json.loads(subprocess.run([options.baseline], capture_output=True, check=True).stdout)
        # An answer that is kept is no read: only who asks the same again shall get one.
        has_cache = CACHE in servers.options(options.waybill)
        self.cold = [CACHE, "0"] if has_cache else []
        self.questions = [question for question in questions.QUESTIONS if not only or question.name in only]
        self.asked = {question.name: questions.asked(question, database) for question in self.questions}

    def start(self, warm=False):
        return servers.waybill(self.options.waybill, self.database, self.keys, [] if warm else self.cold)

    def baseline(self):
        return servers.baseline(self.options.baseline, self.database)

    def file(self, question, of):
        """The prepared bodies, a line each."""
        path = self.folder / f"{self.database.name}-{question.name}-{of}.txt"
        if not path.exists():
            lines = [json.dumps(self.body(question, each, of)) for each in self.asked[question.name]]
            path.write_text("\n".join(lines) + "\n")
        return path

    @staticmethod
    def body(question, asked, of):
        if of == "baseline":
            return asked.handwritten
        return {"query": " ".join(question.document.split()), "variables": asked.graphql}

    def compare(self, question, baseline, waybill):
        """Both must say the same before it counts how fast."""
        for asked in self.asked[question.name][:5]:
            bodies = [self.body(question, asked, of) for of in ("baseline", "waybill")]
            bodies = [json.loads(json.dumps(body).replace("@", f"{time.time_ns()}")) for body in bodies]
            theirs = baseline.post(question.route, bodies[0])
            ours = waybill.post("/graphql", bodies[1], self.header(question))
            ignored = question.ignored + (("name",) if question.is_write else ())
            if cleaned(theirs, ignored) != cleaned(ours, ignored):
                sys.exit(f"{question.name} {asked.graphql}: the hand-written server says\n{json.dumps(theirs)}\nand Waybill\n{json.dumps(ours)}")

    def sign_in(self, waybill):
        """A curator's key, which outlives the server."""
        email = f"bench-{time.time_ns()}@example.org"
        command = [self.options.waybill, "user", "add", email, "--role", "admin", "--password-stdin", "--database-url", self.database.url]
        subprocess.run(command, input=SECRET + "\n", text=True, check=True, stdout=subprocess.DEVNULL)
        session = waybill.post("/graphql", {
            "query": "mutation ($input: SignInInput!) { signIn(input: $input) { session { accessToken } } }",
            "variables": {"input": {"email": email, "password": SECRET}},
        })["data"]["signIn"]["session"]
        made = waybill.post("/graphql", {
            "query": 'mutation { createApiKey(input: { name: "bench", scopes: [READ, WRITE] }) { secret } }',
        }, f"Bearer {session['accessToken']}")
        self.key = f"Bearer {made['data']['createApiKey']['secret']}"

    def header(self, question):
        """Whoever reads is nobody, as the hand-written server's readers are."""
        return self.key if question.is_write else None

    def measure(self):
        """Of each question, a list of rounds."""
        baseline, cold, warm = self.baseline(), self.start(), self.start(warm=True)
        found = {question.name: [] for question in self.questions}
        try:
            idle = self.idle(baseline, cold)
            if any(question.is_write for question in self.questions):
                self.sign_in(cold)
            for question in self.questions:
                self.compare(question, baseline, cold)
            # Once over everything, so that no round begins with what others have in memory.
            for question in self.questions:
                self.once(question, baseline, warm if question.name == "again" else cold, self.options.seconds)
            for number in range(self.options.rounds):
                for question in self.questions:
                    waybill = warm if question.name == "again" else cold
                    began = time.monotonic()
                    round = self.once(question, baseline, waybill, self.options.seconds)
                    found[question.name].append(round)
                    if question.is_write:
                        # What autovacuum does, if it is on, and when it comes to it.
                        self.database.settle()
                    print(f"{self.database.name} round {number + 1}: {question.name}, {time.monotonic() - began:.0f} s", file=sys.stderr)
            after = {"baseline": baseline.memory(), "waybill": cold.memory(), "warm": warm.memory()}
        finally:
            for server in (baseline, cold, warm):
                server.stop()
        self.database.run("DELETE FROM party WHERE created_at = 0 AND name LIKE 'Invented company %'")
        return {"questions": found, "idle": idle, "after": after}

    def idle(self, baseline, waybill):
        processes.rest(waybill.pid)
        return {"baseline": baseline.memory(), "waybill": waybill.memory()}

    def once(self, question, baseline, waybill, seconds):
        """One round of a question: the SQL alone, by hand, Waybill, and Waybill again."""
        round = {}
        if question.name == "again":
            round["raw"] = self.ask(baseline, "/static", None, question, seconds)
            round["live"] = self.ask(waybill, "/health/live", None, question, seconds)
        elif self.backends:
            round["raw"] = self.raw(question, seconds)
        round["baseline"] = self.ask(baseline, question.route, self.file(question, "baseline"), question, seconds)
        for name in ("waybill", "control"):
            round[name] = self.ask(waybill, "/graphql", self.file(question, "waybill"), question, seconds, self.header(question))
        return round

    def raw(self, question, seconds):
        script = self.folder / f"{question.name}.sql"
        script.write_text(load.script(question, self.sql[question.route], self.asked[question.name]))
        with processes.Meter(None, self.backends) as meter:
            figures = load.pgbench(self.database.url, script, self.connections(question), seconds, FEWEST if question.is_slow else None)
        return per_request(figures, meter)

    def ask(self, server, route, bodies, question, seconds, header=None):
        with processes.Meter(server.pid, self.backends) as meter:
            if question.is_slow:
                figures = load.one_by_one(server.address, route, bodies, FEWEST, seconds)
            else:
                figures = load.wrk(server.address, route, bodies, self.connections(question), seconds, header)
        if not question.is_slow and figures["requests"] < ENOUGH * self.connections(question) and seconds < LONGEST:
            # What is left halfway at the end would weigh too much.
            return self.ask(server, route, bodies, question, LONGEST, header)
        return per_request(figures, meter)

    def connections(self, question):
        return 1 if question.is_slow else self.options.connections

    def first_requests(self):
        """Of each question, how long the first request after a start takes, in milliseconds; and
        how long the starts took."""
        firsts, starts = {}, {"baseline": [], "waybill": []}
        for question in self.questions:
            if question.is_write or question.name == "again":
                continue
            firsts[question.name] = {}
            for of, start, route in (("baseline", self.baseline, question.route), ("waybill", self.start, "/graphql")):
                with start() as server:
                    starts[of].append(server.ready_after * 1000)
                    body = self.body(question, self.asked[question.name][0], of)
                    began = time.perf_counter()
                    server.post(route, body)
                    firsts[question.name][of] = (time.perf_counter() - began) * 1000
        return {"firsts": firsts, "starts": starts}


def per_request(figures, meter):
    """Microseconds of CPU a request."""
    share = 1e6 / max(figures["requests"], 1)
    return {**figures, "server": meter.server * share, "database": meter.database * share, "cpu": (meter.server + meter.database) * share}


def cleaned(value, ignored):
    if isinstance(value, dict):
        return {key: cleaned(each, ignored) for key, each in value.items() if key not in ignored}
    return [cleaned(each, ignored) for each in value] if isinstance(value, list) else value
