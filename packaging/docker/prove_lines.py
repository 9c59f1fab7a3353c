#!/usr/bin/env python3
"""Runs the lines of `docker run` that people know from the original, without Docker.

    python3 packaging/docker/prove_lines.py ROOT [USER…]

ROOT is the folder that packaging/docker/root.sh made; the users are 1000, 0 and 12345 if none is
named. Each line runs as root of this machine in namespaces of its own, on an overlay of
ROOT, as Docker would run it: mounts, user, capabilities, environment file, terminal. Prints a table
of line, user and result, and exits with 1 if a line does not do what it should.
"""

import ctypes
import fcntl
import os
import pty
import re
import select
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

MS_RDONLY, MS_REMOUNT, MS_BIND, MS_REC = 1, 32, 4096, 16384
PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 24, 38
LIBC = ctypes.CDLL(None, use_errno=True)
IMAGE = "tatum-kms"


class Run:
    """The arguments of `docker run` that are understood here."""

    def __init__(self, line):
        words = shlex.split(line)
        assert words[:2] == ["docker", "run"], line
        self.user, self.mounts, self.variables = "1000:1000", [], {"HOME": "/home/node"}
        self.read_only = self.no_capabilities = self.terminal = False
        words = words[2:]
        while words[0].startswith("-"):
            word = words.pop(0)
            if word == "--env-file":
                self.variables.update(read_env_file(words.pop(0)))
            elif word == "-v":
                self.mounts.append(words.pop(0).split(":"))
            elif word == "--user":
                self.user = words.pop(0)
            elif word == "--read-only":
                self.read_only = True
            elif word in ("--cap-drop", "--security-opt"):
                self.no_capabilities = True
                words.pop(0)
            elif word == "-it":
                self.terminal = True
            else:
                assert word in ("-d", "-i", "--rm"), word
        assert words.pop(0) == IMAGE, line
        self.arguments = words or ["daemon"]


def read_env_file(path):
    """As Docker reads it: a value is what stands behind the sign, quotes included."""
    lines = Path(path).read_text().splitlines()
    pairs = (line.split("=", 1) for line in lines if line.strip() and not line.startswith("#"))
    return {pair[0]: pair[1] for pair in pairs if len(pair) == 2}


def call(name, *arguments):
    if getattr(LIBC, name)(*arguments) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{name}: {os.strerror(error)}")


def mount(source, target, kind=None, flags=0, data=None):
    def text(value):
        return None if value is None else str(value).encode()

    call("mount", text(source), text(target), text(kind), flags, text(data))


def inside(root, layers, line):
    """Becomes the container's first process; this one is in namespaces of its own already."""
    run, top = Run(line), layers / "top"
    for name in ("top", "upper", "work"):
        (layers / name).mkdir()
    # Docker's own folders on the way to a mount belong to root and let everybody pass.
    layers.chmod(0o755)
    data = f"lowerdir={root},upperdir={layers / 'upper'},workdir={layers / 'work'}"
    mount("overlay", top, "overlay", 0, data)
    (top / ".dockerenv").touch()
    for folder in ("proc", "dev"):
        (top / folder).mkdir(exist_ok=True)
    mount("proc", top / "proc", "proc")
    mount("/dev", top / "dev", None, MS_BIND | MS_REC)
    for source, target in run.mounts:
        place = top / target.lstrip("/")
        place.mkdir(parents=True, exist_ok=True)
        mount(source, place, None, MS_BIND)
    if run.read_only:
        mount("overlay", top, None, MS_REMOUNT | MS_RDONLY)
    if run.terminal:
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    os.chroot(top)
    os.chdir("/opt/app")
    user, _, group = run.user.partition(":")
    os.setgroups([])
    if run.no_capabilities:
        for capability in range(64):
            LIBC.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
        call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    os.setgid(int(group or 0))
    os.setuid(int(user))
    os.execve("/usr/bin/tatum-kms", [IMAGE, *run.arguments], run.variables)


class Container:
    """A line that was started."""

    def __init__(self, root, line, typed=()):
        self.layers = Path(tempfile.mkdtemp(prefix="layers"))
        own = [sys.executable, __file__, "--inside", str(root), str(self.layers), line]
        command = ["unshare", "--mount", "--pid", "--fork", "--kill-child", *own]
        self.typed, self.text = list(typed), ""
        if Run(line).terminal:
            self.screen, slave = pty.openpty()
            channels = {"stdin": slave, "stdout": slave, "stderr": slave}
            self.process = subprocess.Popen(command, **channels)
            os.close(slave)
        else:
            channels = {"stdin": subprocess.DEVNULL, "stderr": subprocess.STDOUT}
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, **channels)
            self.screen = self.process.stdout.fileno()

    def wait(self, until=None, seconds=90):
        """Reads until the program ends, or has printed what `until` matches."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if until and re.search(until, self.text):
                return None
            if select.select([self.screen], [], [], 0.1)[0]:
                try:
                    data = os.read(self.screen, 65536)
                except OSError:  # the terminal was closed
                    data = b""
                if not data:
                    return self.end()
                self.text += data.decode(errors="replace")
            if self.typed and re.search(self.typed[0][0], self.text):
                os.write(self.screen, (self.typed.pop(0)[1] + "\n").encode())
        self.stop(signal.SIGKILL)
        return "still running"

    def program(self):
        """The process of the program, seen from outside."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return int(children.read_text().split()[0])

    def stop(self, with_signal=signal.SIGTERM):
        os.kill(self.program(), with_signal)

    def end(self):
        code = self.process.wait(30)
        shutil.rmtree(self.layers, ignore_errors=True)
        return code


def filled(line, home, user):
    """The line as this user would type it at home."""
    if user is not None:
        line = line.replace("docker run", f"docker run --user {user}:{user}", 1)
    return line.replace("$HOME", str(home)).replace("--env-file .env", f"--env-file {home}/.env")


class Proof:
    """The lines that were run, with what they did."""

    def __init__(self, root, program):
        self.root, self.rows, self.failures = root, [], 0
        self.work = Path(tempfile.mkdtemp(prefix="lines"))
        self.work.chmod(0o755)
        self.sandbox = subprocess.Popen(
            [program, "sandbox", "--port", "0"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        first = self.sandbox.stdout.readline()
        self.api = re.search(r"http://[0-9.:]+", first).group(0)

    def home(self, user, mode=0o700):
        """A home folder of somebody, with the file of variables of the original's article."""
        home = Path(tempfile.mkdtemp(prefix="home", dir=self.work))
        (home / ".env").write_text(
            f"TATUM_API_KEY=sandbox\nTATUM_API_URL={self.api}\nTATUM_KMS_PASSWORD=correct horse\n"
        )
        os.chown(home, user, user)
        home.chmod(mode)
        return home

    def line(self, line, home, expect, code=0, typed=(), user=None):
        """Runs a line to its end."""
        container = Container(self.root, filled(line, home, user), typed)
        ended = container.wait()
        is_good = ended == code and re.search(expect, container.text)
        self.note(line, user, is_good, f"{ended}: {container.text.strip()}")
        return container.text

    def daemon(self, line, home, user=None):
        """Starts a line, asks for its health as Docker does, and stops it."""
        container = Container(self.root, filled(line, home, user))
        early = container.wait(until=r"polling|starting|started", seconds=60)
        healthy = self.health(container) if early is None else early
        if early is None:
            container.stop()
            early = container.wait(seconds=60)
        seen = f"{early}, health {healthy}: {container.text}"
        self.note(line, user, early == 0 and healthy == 0, seen)

    def health(self, container):
        """Exit code of the health check, run beside the daemon in its container."""
        pid = container.program()
        user = os.stat(f"/proc/{pid}").st_uid
        command = ["nsenter", "-t", str(pid), "-m", "-p", "-r", "-S", str(user), "-G", str(user)]
        deadline, code = time.monotonic() + 20, 1
        while code != 0 and time.monotonic() < deadline:
            answer = subprocess.run(
                [*command, "/usr/bin/tatum-kms", "health"],
                env={"HOME": "/home/node"}, capture_output=True, text=True, check=False,
            )
            code = answer.returncode
            time.sleep(0.5)
        return code

    def check(self, what, is_good, seen=""):
        self.note(what, None, is_good, seen)

    def note(self, line, user, is_good, seen):
        self.rows.append((line, user, bool(is_good)))
        print(f"{'ok  ' if is_good else 'FAIL'} {'' if user is None else f'[uid {user}] '}{line}", flush=True)
        if not is_good:
            self.failures += 1
            print("     " + seen.replace("\n", "\n     "), flush=True)

    def close(self):
        self.sandbox.terminate()
        shutil.rmtree(self.work, ignore_errors=True)


OLD = "docker run -it --env-file .env -v $HOME:/root/.tatumrc tatum-kms"
NEW = "docker run -it --env-file .env -v $HOME/.tatumrc:/home/node/.tatumrc tatum-kms"
KEY = "c85ef7d79691fe79573b1a7064c19c1a9819ebdbd1faaab1a8ec92344438aaf4"


def article(proof, user):
    """The article's lines, all with one home folder."""
    home = proof.home(user)
    before = home.stat()
    made = proof.line(f"{OLD} generatemanagedwallet ETH --testnet", home, r'"signatureId"', user=user)
    wallet = re.search(r'"signatureId": *"([0-9a-f-]+)"', made)
    wallet = wallet.group(1) if wallet else "none"
    for name in ("getprivatekey", "getaddress"):
        proof.line(f"{OLD} {name} {wallet} --testnet", home, f"{name} {wallet} 0", code=1, user=user)
        yes = [(r"\[y/N\]", "y")]
        proof.line(f"{OLD} {name} {wallet} 0 --testnet", home, "0x", typed=yes, user=user)
    typed = [(r"(?i)key", KEY)]
    proof.line(f"{OLD} storemanagedprivatekey ETH --testnet", home, r'"signatureId"', typed=typed, user=user)
    proof.line(f"{OLD} export --testnet", home, "mnemonic", typed=[(r"\[y/N\]", "y")], user=user)
    proof.daemon(f"{OLD.replace('-it', '-d')} daemon --testnet", home, user=user)
    after = home.stat()
    kept = (before.st_mode, before.st_uid, before.st_gid) == (after.st_mode, after.st_uid, after.st_gid)
    proof.check("mode and owner of the mounted home folder stay", kept, f"{before} {after}")
    stores = sorted(str(path.relative_to(home)) for path in home.rglob("wallet.dat"))
    proof.check("the store lies in the mounted folder", stores == ["wallet.dat"], str(stores))


def readme(proof, user):
    """The README's lines."""
    home = proof.home(user)
    (home / ".tatumrc").mkdir(mode=0o700)
    os.chown(home / ".tatumrc", user, user)
    proof.line(f"{NEW} --help", home, "generatemanagedwallet", user=user)
    proof.line(f"{NEW} generatemanagedwallet BTC", home, r'"signatureId"', user=user)
    typed = [(r"(?i)key", "KwDiBf89QgGbjEhKnhXJuH7LrciVrZi3qYjgd9M7rFU73sVHnoWn")]
    proof.line(f"{NEW} storemanagedprivatekey BTC", home, r'"signatureId"', typed=typed, user=user)
    hardened = "docker run --read-only --cap-drop ALL --security-opt no-new-privileges"
    proof.line(
        f"{hardened} --env-file .env -v $HOME/.tatumrc:/home/node/.tatumrc tatum-kms list",
        home, "BTC", user=user,
    )
    proof.line(
        f"{hardened} --env-file .env -v $HOME/.tatumrc:/home/node/.tatumrc tatum-kms "
        "generatemanagedwallet SOL --testnet",
        home, r'"signatureId"', user=user,
    )
    proof.daemon(
        f"{hardened} -d --env-file .env -v $HOME/.tatumrc:/home/node/.tatumrc tatum-kms daemon --testnet",
        home, user=user,
    )
    daemon = "docker run -d --env-file .env -v $HOME/.tatumrc:/home/node/.tatumrc tatum-kms"
    # On mainnet nothing is signed without a four-eye endpoint, as with the original.
    proof.line(daemon, home, "--externalUrl is missing", code=2, user=user)
    approver = f"--externalUrl {proof.api}/sandbox/four-eyes --externalUrlMethod POST"
    proof.daemon(f"{daemon} daemon {approver} --four-eyes-yes-to-all", home, user=user)


def lost_stores(proof):
    """Lines that would lose what they make."""
    home = proof.home(1000)
    bare = "docker run -it --env-file .env tatum-kms"
    proof.line(f"{bare} generatemanagedwallet ETH", home, r"-v \S+:/home/node/.tatumrc", code=2)
    proof.line(f"{bare} --ephemeral generatemanagedwallet ETH", home, r'"signatureId"')
    proof.line(f"{bare} generatewallet ETH", home, "mnemonic")
    proof.line(f"{bare} demo --chain ETH", home, "yes")
    foreign = proof.home(4711)
    proof.line(f"{OLD} generatemanagedwallet ETH", foreign, r"(?s)4711.*chown|chown.*4711|--user", code=2)
    quoted = proof.home(1000)
    text = (quoted / ".env").read_text().replace("=correct horse", '="correct horse"')
    (quoted / ".env").write_text(text)
    proof.line(f"{OLD} generatemanagedwallet ETH", quoted, r'"signatureId"')


def main():
    if sys.argv[1:2] == ["--inside"]:
        inside(Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4])
    root = Path(sys.argv[1]).resolve()
    users = [int(user) for user in sys.argv[2:]] or [1000, 0, 12345]
    proof = Proof(root, str(root / "usr/bin/tatum-kms"))
    try:
        for user in users:
            article(proof, user)
            readme(proof, user)
        lost_stores(proof)
    finally:
        proof.close()
    print(f"{len(proof.rows)} lines, {proof.failures} failed")
    return 1 if proof.failures else 0


if __name__ == "__main__":
    sys.exit(main())
