"""Installs, runs, upgrades, removes and purges the package roused in a clean Debian."""

from pathlib import Path

from deb_file import PackageError, changed, expect, field
from debian_root import Root

CONFIGURATION = "etc/roused/roused.toml"
UNITS = ("roused.socket", "roused-echo.socket", "roused.service")
STATE = "var/lib/systemd/deb-systemd-helper-enabled"
OURS = ("etc/**/*roused*", "usr/**/*roused*", "var/lib/systemd/**/*roused*", "var/log/**/*roused*",
        "run/**/*roused*")
# Starts it, asks both protocols, ends it. Bash has TCP, which is all that a small root offers.
SERVE = r"""
set -eu
roused "$@" 2>/tmp/log &
until grep -q ' started ' /tmp/log; do
    kill -0 $! || { cat /tmp/log; exit 1; }
done
exec 3<>/dev/tcp/127.0.0.1/8080
printf 'GET /plaintext HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n' >&3
cat <&3
exec 3>&- 4<>/dev/tcp/127.0.0.1/7007
echo 'and echo' >&4
head -n 1 <&4
exec 4>&-
kill -TERM $!
wait $!
"""


def check_fresh(root: Root, package: Path) -> None:
    """What stands there after the first installation."""
    root.install(package)
    version = field(package, "Version")
    expect("the state", f"install ok installed {version}",
           root.run("dpkg-query", "-W", "-f", "${Status} ${Version}", "roused"))
    expect("files that are not as packed", "", root.run("dpkg", "--verify", "roused"))
    wanted = [f"/etc/systemd/system/{target}.wants/{unit}"
              for unit, target in zip(UNITS, ("sockets.target", "sockets.target",
                                              "multi-user.target"))]
    expect("enabled units", sorted(wanted), root.files("etc/systemd/system/*.wants/roused*"))
    expect("what the settings are", "ok\n",
           root.run("roused", "--config", f"/{CONFIGURATION}", "--check"))


def check_serving(root: Root) -> None:
    """It answers as installed, on a loopback of its own, and drains."""
    said = root.run("bash", "-c", SERVE, "serve", "--config", f"/{CONFIGURATION}", "--workers", "1",
                    loopback=True)
    for part in ("HTTP/1.1 200 OK\r\n", "\r\n\r\nHello, World!", "and echo\n"):
        expect(f"the answers have {part!r}", True, part.replace("\r\n", "\n") in said)


def with_new_default(unpacked: Path) -> None:
    """A package whose configuration is another one than that of the version before."""
    file = unpacked / CONFIGURATION
    file.write_text(file.read_text() + "\n# The next version says more.\n")


def check_upgrades(root: Root, package: Path, folder: Path) -> None:
    """What an administrator changed stays, whether or not the new version changes it too."""
    file = root.path / CONFIGURATION
    base = field(package, "Version")
    third = changed(package, f"{base}+3", folder, with_new_default)

    # Nobody has touched it: the new one takes its place.
    root.install(changed(package, f"{base}+1", folder, with_new_default))
    expect("untouched settings follow the package", True, "says more" in file.read_text())
    root.install(changed(package, f"{base}+2", folder))
    expect("untouched settings follow it back", False, "says more" in file.read_text())

    file.write_text(file.read_text().replace('level = "info"', 'level = "warn"'))
    edited = file.read_text()
    (root.path / "etc/systemd/system/multi-user.target.wants/roused.service").unlink()
    root.install(changed(package, f"{base}+2.1", folder))
    expect("changed settings, same in the package", edited, file.read_text())
    expect("a disabled service", [],
           root.files("etc/systemd/system/multi-user.target.wants/roused*"))
    root.install(third, "-oDpkg::Options::=--force-confold")
    expect("changed settings, other in the package", edited, file.read_text())
    expect("where the new ones are", True,
           "says more" in file.with_name("roused.toml.dpkg-dist").read_text())


def check_end(root: Root) -> None:
    """Removed, its settings are left; purged, nothing is."""
    logs = root.path / "var/log/private/roused"
    logs.mkdir(parents=True)
    (logs / "access.log").write_text("a line\n")
    root.run("apt-get", "remove", "-q", "-y", "roused")
    left = [path for path in root.files("usr/**/*roused*", "etc/roused/*")
            if path.startswith(("/usr/", "/etc/roused/"))]
    expect("left after removal", [f"/{CONFIGURATION}", f"/{CONFIGURATION}.dpkg-dist"], left)
    root.run("apt-get", "purge", "-q", "-y", "roused")
    expect("left after purge", [], root.files(*OURS))


def check_again(root: Root, package: Path) -> None:
    """After a purge it can come back, and go in one step."""
    root.install(package)
    expect("enabled again", True, bool(root.files(f"{STATE}/roused.socket.dsh-also")))
    root.run("apt-get", "purge", "-q", "-y", "roused")
    expect("left after purge", [], root.files(*OURS))


def check_spoilt(root: Root) -> None:
    """These checks can fail: without the file of settings nothing starts."""
    (root.path / CONFIGURATION).rename(root.path / "etc/roused/away")
    try:
        root.run("bash", "-c", SERVE, "serve", "--config", f"/{CONFIGURATION}", loopback=True,
                 code=1)
    finally:
        (root.path / "etc/roused/away").rename(root.path / CONFIGURATION)


def check_service(root: Root, package: Path, folder: Path) -> None:
    """All of it, in this order."""
    if root.files(*OURS):
        raise PackageError("the root is not clean")
    check_fresh(root, package)
    check_serving(root)
    check_spoilt(root)
    check_upgrades(root, package, folder)
    check_end(root)
    check_again(root, package)
