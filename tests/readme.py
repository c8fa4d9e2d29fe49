"""Pastes the README's commands into a shell, and compares what they print with what it shows.

    python3 tests/readme.py README.md FOLDER WAYBILL

A `sh` block that is followed by a `json` or `text` block is run in FOLDER against the server that
listens there; `waybill` on its first line stands for the binary WAYBILL.
"""
import json
import pathlib
import re
import subprocess
import sys

readme, folder, waybill = sys.argv[1:]
root = pathlib.Path(readme).resolve().parent
text = pathlib.Path(readme).read_text(encoding="utf-8")
block = r"((?:(?!```).)*)```"
folded = r"(?:<details>\n<summary>[^\n]*\n+)?"
pairs = re.findall(rf"```sh\n{block}\n+{folded}```(json|text)\n{block}", text, re.S)
# One shell for all of them, as the reader has one: what a command sets, a later one finds.
mark = "-- end of a block --"
script = "".join(f"{command}\necho; echo '{mark}'\n" for command, _, _ in pairs)
script = script.replace("cargo run --release --", waybill).replace("tests/", f"{root}/tests/")
run = subprocess.run(["bash", "-c", script], cwd=folder, capture_output=True, text=True)
answers = run.stdout.split(mark)
failed = 0
for (command, kind, shown), answer in zip(pairs, answers, strict=False):
    answer = answer.strip()
    same = json.loads(answer) == json.loads(shown) if kind == "json" and answer else answer.split() == shown.split()
    print("ok  " if same else "FAIL", command.strip().splitlines()[0])
    if not same:
        failed += 1
        print("printed:", answer, run.stderr, "shown:", shown, sep="\n")
print(f"README: {len(pairs) - failed} passed, {failed} failed")
sys.exit(1 if failed or len(pairs) < 8 or len(answers) != len(pairs) + 1 else 0)
