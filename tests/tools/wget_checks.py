"""wget --mirror: the whole tree, by its links."""

from pathlib import Path

from checks import Checks, require, run
from curl_checks import Site
from site_tree import LISTED_FOLDER

# Folders without an index: their listings are pages of the mirror, and no files of the site.
LISTINGS = {f"{LISTED_FOLDER}index.html"}


def mirror(site: Site, target: Path) -> bytes:
    return run(["wget", "--mirror", "--no-host-directories", "--no-proxy", "--no-verbose",
                "--execute", "robots=off", "--restrict-file-names=nocontrol",
                "--directory-prefix", str(target), "--output-file", "/dev/stdout",
                f"{site.base}/"])


def files_below(root: Path) -> dict[str, Path]:
    return {str(path.relative_to(root)): path for path in root.rglob("*") if path.is_file()}


def mirrors_all(site: Site) -> str:
    target = site.scratch / "mirror"
    mirror(site, target)
    found = files_below(target)
    missing = sorted(set(site.files) - set(found))
    more = sorted(set(found) - set(site.files) - LISTINGS)
    require(not missing and not more, f"missing {missing}, too many {more}")
    for path, content in site.files.items():
        require(found[path].read_bytes() == content, f"{path}: other content")
        given, own = found[path].stat().st_mtime, (site.root / path).stat().st_mtime
        require(given == own, f"{path}: Last-Modified is {given - own:+g} s off")
    total = sum(map(len, site.files.values()))
    return f"{len(site.files)} files, {total:,} bytes, with their times"


def mirrors_again(site: Site) -> None:
    """Behind the first time: nothing has changed, so nothing is fetched but listings."""
    told = mirror(site, site.scratch / "mirror").decode(errors="replace")
    fetched = [line for line in told.splitlines()
               if " -> " in line and not line.rpartition(" -> ")[0].count(f"/{LISTED_FOLDER} [")]
    require(not fetched, f"fetched again: {fetched[:3]}")


def resumes(site: Site) -> None:
    path = "docs/paper.pdf"
    part = site.scratch / "paper.pdf"
    part.write_bytes(site.files[path][:12_345])
    run(["wget", "--continue", "--no-proxy", "--no-verbose", "--directory-prefix",
         str(site.scratch), f"{site.base}/{path}"])
    require(part.read_bytes() == site.files[path], "other content")


def check_wget(checks: Checks, site: Site) -> None:
    checks.check("wget: --mirror of the tree is byte-identical", lambda: mirrors_all(site))
    checks.check("wget: --mirror again fetches nothing that has not changed",
                 lambda: mirrors_again(site))
    checks.check("wget: --continue resumes", lambda: resumes(site))
