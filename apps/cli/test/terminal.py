"""Runs a command on a pseudo-terminal and answers its questions. Prints what the terminal showed; exits as the command did.

Reads one JSON document on standard input: {"argv": [...], "columns": 100, "steps": [{"expect": "regex", "send": "text"}]}.
In a text {1} stands for what the regex's first group has found. A step's "signal" is sent to the command instead of a text.
"""
import fcntl, json, os, pty, re, select, signal, struct, sys, termios, time

spec = json.load(sys.stdin)
pid, master = pty.fork()
if pid == 0:
    os.execvp(spec["argv"][0], spec["argv"])
fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 40, spec.get("columns", 100), 0, 0))
shown, seen, steps = "", 0, list(spec["steps"])
deadline = time.time() + 120
while time.time() < deadline:
    ready, _, _ = select.select([master], [], [], 0.1)
    if ready:
        try:
            data = os.read(master, 65536)
        except OSError:
            break
        if not data:
            break
        shown += data.decode("utf-8", "replace")
    while steps:
        match = re.search(steps[0]["expect"], shown[seen:])
        if not match:
            break
        seen += match.end()
        step = steps.pop(0)
        if "signal" in step:
            os.kill(pid, getattr(signal, step["signal"]))
        else:
            groups = match.groups()
            os.write(master, step["send"].replace("{1}", groups[0] if groups else "").encode())
else:
    os.kill(pid, signal.SIGKILL)
_, status = os.waitpid(pid, 0)
sys.stdout.write(shown)
code = os.waitstatus_to_exitcode(status)
sys.exit(code if code >= 0 else 128 - code)
