"""What the image is made of."""

import io
import json
import subprocess
import tarfile
from typing import Any

from checks import Checks, require
from engine import IMAGE, ROOT, build, podman, run

SIZE_MEGABYTES_MAX = 15.0
PROGRAM = "usr/bin/roused"
# Of what the engine mounts over, a container's file system has the places.
FOLDERS_OF_ENGINE = ("dev", "etc/hostname", "etc/hosts", "etc/mtab", "etc/resolv.conf", "proc",
                     "run", "sys")


def inspected() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(podman("image", "inspect", IMAGE))[0]
    return found


def files_of_image() -> list[tarfile.TarInfo]:
    name = podman("create", IMAGE).strip()
    try:
        archive = subprocess.run(["podman", "export", name], capture_output=True, check=True).stdout
    finally:
        podman("rm", name)
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        return [each for each in opened.getmembers() if not each.isdir()
                and not each.name.startswith(FOLDERS_OF_ENGINE)]


def size() -> str:
    megabytes = inspected()["Size"] / 1e6
    require(megabytes <= SIZE_MEGABYTES_MAX, f"{megabytes:.1f} MB")
    return f"{megabytes:.1f} MB"


def contents() -> None:
    """Nothing that could be run but the program, which asks for no library."""
    for each in files_of_image():
        known = each.name in (PROGRAM, "etc/roused/roused.toml") or \
            each.name.startswith("usr/share/doc/") and each.name.endswith("/copyright")
        require(known, f"there is a file {each.name}")
        require(each.isfile() and (each.mode & 0o7111 == 0 or each.name == PROGRAM),
                f"{each.name} has mode {each.mode:o}")
    require(any(each.name == PROGRAM for each in files_of_image()), "there is no program")


def no_shell() -> None:
    for shell in ("/bin/sh", "/bin/bash", "/usr/bin/env"):
        done = run(["podman", "run", "--rm", "--network=none", "--entrypoint", shell, IMAGE])
        require(done.returncode == 127, f"{shell} ended with code {done.returncode}")


def configuration() -> None:
    config = inspected()["Config"]
    for key, expected in {
        "User": "65532:65532",
        "StopSignal": "SIGTERM",
        "Entrypoint": ["/usr/bin/roused"],
        "ExposedPorts": {"7007/tcp": {}, "7007/udp": {}, "8080/tcp": {}},
    }.items():
        require(config.get(key) == expected, f"{key} is {config.get(key)!r}")
    variables = config["Env"]
    for expected in ("ROUSED_HTTP_LISTEN=0.0.0.0:8080", "ROUSED_ECHO_LISTEN=0.0.0.0:7007"):
        require(expected in variables, f"{expected} is not in {variables}")
    require(not config.get("Cmd") and not config.get("Volumes"), f"{config}")
    check = inspected().get("HealthCheck") or inspected().get("Healthcheck") or {}
    require(check.get("Test") == ["CMD", "/usr/bin/roused", "--health-check"], f"checks: {check}")


def labels() -> str:
    told = inspected()["Labels"]
    prefix = "org.opencontainers.image."
    for name in ("title", "description", "licenses", "version", "revision"):
        require(told.get(prefix + name), f"no label {prefix}{name} in {told}")
    version = podman("run", "--rm", "--network=none", IMAGE, "--version").strip()
    require(version == f"roused {told[prefix + 'version']}",
            f"{version!r}, and the label says {told[prefix + 'version']!r}")
    return version


def check_build(checks: Checks) -> None:
    checks.check("it builds from the tree, and its tests pass", lambda: build(IMAGE, ROOT))


def check_image(checks: Checks) -> None:
    checks.check(f"it has at most {SIZE_MEGABYTES_MAX:.0f} MB", size)
    checks.check("it has the program, its file and notices, and nothing else", contents)
    checks.check("it has no shell", no_shell)
    checks.check("it says who runs it, on which ports, and how it is checked and stopped",
                 configuration)
    checks.check("its labels say what it is, and its version is the program's", labels)
