"""The image configured: by arguments, by variables, by a file."""

import tempfile
from pathlib import Path

from checks import Checks, require
from engine import HARDENED, IMAGE, PROFILE, Container, get, podman, run

PLACE = "/etc/roused/roused.toml"


def by_variable() -> None:
    with Container(*HARDENED, PROFILE, "--env=ROUSED_HTTP_LISTEN=127.0.0.1:9091",
                   "--env=ROUSED_SERVER_WORKERS=1") as running:
        running.serves(http=9091)
        running.await_log(r" info started .*\bworkers=1\b")


def by_argument() -> None:
    with Container(*HARDENED, PROFILE, arguments=["--http", "127.0.0.1:9092"]) as running:
        running.serves(http=9092)


def by_file() -> None:
    with tempfile.TemporaryDirectory(prefix="roused-container-") as folder:
        # The container's user is not root.
        Path(folder).chmod(0o755)
        root = Path(folder, "public")
        root.mkdir(mode=0o755)
        (root / "a.txt").write_text("from a mounted folder")
        (root / "a.txt").chmod(0o644)
        file = Path(folder, "roused.toml")
        file.write_text('[server]\nworkers = 1\n\n[http]\nlisten = ["127.0.0.1:9093"]\n\n'
                        '[[site]]\nroot = "/srv"\nbuiltin = true\n')
        file.chmod(0o644)
        mounts = (f"--volume={file}:{PLACE}:ro", f"--volume={root}:/srv:ro")
        with Container(*HARDENED, PROFILE, *mounts) as running:
            # The image's variable overrides the file, as README.md says.
            running.serves()
            running.await_log(r" info started .*\bworkers=1\b")
            answer = get(8080, "/a.txt")
            require(answer.endswith(b"from a mounted folder"), f"answered {answer!r}")
        with Container(*HARDENED, PROFILE, *mounts, "--env=ROUSED_HTTP_LISTEN=") as running:
            running.serves(http=9093)


def is_refused() -> None:
    done = run(["podman", "run", "--rm", "--network=none", "--env=ROUSED_SERVER_WORKERS=many",
                IMAGE])
    require(done.returncode == 2 and "ROUSED_SERVER_WORKERS" in done.stderr,
            f"code {done.returncode}: {done.stderr}")


def is_documented() -> None:
    """The file of the image sets nothing, and its variables are where the values come from."""
    text = podman("run", "--rm", "--network=none", IMAGE, "--print-config")
    require("ROUSED_HTTP_LISTEN" in text and f"{PLACE}:" not in text, text)


def check_settings(checks: Checks) -> None:
    checks.check("it is configured by variables", by_variable)
    checks.check("it is configured by arguments", by_argument)
    checks.check("it is configured by a mounted file, and serves a mounted folder", by_file)
    checks.check("a wrong variable ends it with code 2 and its name", is_refused)
    checks.check("it says where its settings come from", is_documented)
