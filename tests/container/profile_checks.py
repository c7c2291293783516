"""configs/docker/seccomp.json: Docker's default profile, and the three calls of io_uring."""

import hashlib
import json
from typing import Any

from checks import CheckFailed, Checks, Skipped, require
from engine import ROOT, run

PROFILE = ROOT / "configs" / "docker" / "seccomp.json"
CALLS = ["io_uring_enter", "io_uring_register", "io_uring_setup"]
# profiles/seccomp/default.json of Docker 26.1.5, as canonical() writes it.
DEFAULT_SHA256 = "885442dc08f21f8d60f99ea43d59af88b1c529103815fe24bbf9ce998d3a609d"
PACKAGE = "golang-github-docker-docker-dev"
PATH = "usr/share/gocode/src/github.com/docker/docker/profiles/seccomp/default.json"
FETCH_SECONDS_MAX = 300.0


def canonical(profile: dict[str, Any]) -> str:
    return json.dumps(profile, sort_keys=True, separators=(",", ":"))


def without_io_uring() -> dict[str, Any]:
    """The profile without its last rule, which has to be the one of the three calls."""
    profile: dict[str, Any] = json.loads(PROFILE.read_text())
    rule = profile["syscalls"].pop()
    rule.pop("comment")
    require(rule == {"names": CALLS, "action": "SCMP_ACT_ALLOW"}, f"the last rule is {rule}")
    return profile


def check_profile(checks: Checks) -> None:
    def is_the_default() -> None:
        digest = hashlib.sha256(canonical(without_io_uring()).encode()).hexdigest()
        require(digest == DEFAULT_SHA256, f"the rest has the SHA-256 {digest}")

    checks.check("the profile is Docker's default and the three calls of io_uring", is_the_default)


def check_profile_of_debian(checks: Checks) -> None:
    def is_debians() -> None:
        script = (f"cd /tmp && apt-get update -qq && apt-get download -qq {PACKAGE} && "
                  f"dpkg-deb --fsys-tarfile {PACKAGE}_*.deb | tar -xO ./{PATH}")
        done = run(["podman", "run", "--rm", "--network=host", "debian:trixie-slim", "sh", "-c",
                    script], FETCH_SECONDS_MAX)
        if done.returncode != 0:
            raise Skipped(f"{PACKAGE} cannot be fetched: {done.stderr.strip()[-200:]}")
        if canonical(json.loads(done.stdout)) != canonical(without_io_uring()):
            raise CheckFailed(f"Debian's {PACKAGE} has another default now: take it over")

    checks.check("the default is the one of Debian 13's Docker", is_debians)
