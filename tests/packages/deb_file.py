"""What a Debian package says of itself, and the same package with a few things changed."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path


class PackageError(Exception):
    """A package is not as it has to be; the text says how."""


def expect(what: str, wanted: object, found: object) -> None:
    if wanted != found:
        raise PackageError(f"{what}: wanted {wanted!r}, found {found!r}")


def output(*command: str | Path) -> str:
    """What a command wrote that must succeed."""
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        words = " ".join(str(word) for word in command)
        raise PackageError(f"{words}: exit code {ran.returncode}\n{ran.stdout}{ran.stderr}")
    return ran.stdout


def field(package: Path, name: str) -> str:
    """A field of the control file; empty when it is not there."""
    return output("dpkg-deb", "--field", package, name).strip()


def contents(package: Path) -> dict[str, str]:
    """Mode and owner of each path: {"/usr/bin/roused": "-rwxr-xr-x root/root"}."""
    paths = {}
    for line in output("dpkg-deb", "--contents", package).splitlines():
        mode, owner, _, _, _, path = line.split(maxsplit=5)
        paths[path.split(" -> ")[0].removeprefix(".").rstrip("/") or "/"] = f"{mode} {owner}"
    return paths


def control(package: Path, name: str) -> str:
    """A file of the control archive."""
    return output("dpkg-deb", "--info", package, name)


def changed(package: Path, version: str, folder: Path,
            change: Callable[[Path], object] | None = None) -> Path:
    """A copy in `folder` with another version, after `change` has had the unpacked package."""
    with tempfile.TemporaryDirectory() as unpacked:
        root = Path(unpacked) / "package"
        output("dpkg-deb", "--raw-extract", package, root)
        file = root / "DEBIAN/control"
        file.write_text(re.sub(r"(?m)^Version: .*$", f"Version: {version}", file.read_text()))
        if change:
            change(root)
        made = folder / f"{field(package, 'Package')}_{version}.deb"
        output("dpkg-deb", "--root-owner-group", "--build", root, made)
    return made


def check_roused(package: Path) -> None:
    """Fields, files and control files of the daemon's package."""
    files = contents(package)
    expect("/etc/roused/roused.toml", "-rw-r--r-- root/root", files.get("/etc/roused/roused.toml"))
    expect("/usr/bin/roused", "-rwxr-xr-x root/root", files.get("/usr/bin/roused"))
    for path in ("/usr/share/man/man8/roused.8.gz", "/usr/share/man/man5/roused.toml.5.gz",
                 "/usr/lib/systemd/system/roused.service", "/usr/lib/systemd/system/roused.socket",
                 "/usr/share/doc/roused/examples/sites.toml", "/usr/share/doc/roused/copyright",
                 "/usr/share/doc/roused/changelog.Debian.gz", "/usr/share/doc/roused/changelog.gz"):
        expect(path, "-rw-r--r-- root/root", files.get(path))
    expect("conffiles", "/etc/roused/roused.toml\n", control(package, "conffiles"))
    depends = field(package, "Depends")
    for library in ("libc6 (>=", "libstdc++6 (>=", "libbrotli1 (>=", "zlib1g (>="):
        expect(f"Depends has {library}", True, library in depends)
    check_common(package, files)


def check_librouse_dev(package: Path) -> None:
    """The same of the libraries' package."""
    files = contents(package)
    folder = next((path.rpartition("/")[0] for path in files
                   if path.endswith("/librouse_runtime.a")), "no librouse_runtime.a")
    for path in (f"{folder}/librouse_protocols.a", f"{folder}/pkgconfig/rouse.pc",
                 f"{folder}/cmake/rouse/rouse-config.cmake",
                 f"{folder}/cmake/rouse/rouse-config-version.cmake",
                 f"{folder}/cmake/rouse/rouse-targets.cmake",
                 "/usr/include/rouse/runtime/net/tcp_stream.hpp",
                 "/usr/include/rouse/protocols/http/serve.hpp",
                 "/usr/share/doc/librouse-dev/examples/CMakeLists.txt"):
        expect(path, "-rw-r--r-- root/root", files.get(path))
    expect("files of the server", [], [path for path in files if "/server/" in path])
    check_common(package, files)


def check_common(package: Path, files: dict[str, str]) -> None:
    """What every package has to have right."""
    expect("owners", {"root/root"}, {entry.split()[1] for entry in files.values()})
    sums = control(package, "md5sums").splitlines()
    plain = [path for path, entry in files.items()
             if entry.startswith("-") and not path.startswith("/etc/")]
    # CPack has configuration files in it too; dpkg does not mind.
    missing = set(plain) - {"/" + line.split(maxsplit=1)[1] for line in sums}
    expect("files without a sum", set(), missing)
    for name in ("Package", "Version", "Architecture", "Maintainer", "Section", "Priority",
                 "Description", "Installed-Size"):
        expect(f"the field {name} is there", True, field(package, name) != "")


def check_lintian(packages: list[Path]) -> str | None:
    """No error and no warning that has no override; or why it was not looked for."""
    if not shutil.which("lintian"):
        return "lintian is not installed"
    ran = subprocess.run(["lintian", "--allow-root", "--fail-on=error,warning",
                          "--tag-display-limit=0", *packages],
                         capture_output=True, text=True, check=False)
    if ran.returncode != 0 or ran.stdout.strip():
        raise PackageError(f"lintian: exit code {ran.returncode}\n{ran.stdout}{ran.stderr}")
    return None
