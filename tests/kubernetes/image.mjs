// The image that is run: the one that is named, or one of roused as it has just been built and the
// libraries that it names, and nothing else.

import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { execFileSync, spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import path from "node:path";

import { roused } from "./packages.mjs";

const ASSEMBLED = "roused:kubernetes-test";
const PROGRAM = "/usr/bin/roused";
// As the real one has them, but where nobody would look: the manifest must see to it that its own
// count.
const VARIABLES = ["ROUSED_HTTP_LISTEN=127.0.0.1:9", "ROUSED_ECHO_LISTEN=127.0.0.1:9"];

export const podman = (...args) => execFileSync("podman", args, { encoding: "utf8" });

// None where it is linked statically.
const libraries = () => spawnSync("ldd", [roused], { encoding: "utf8" }).stdout
  .split("\n").map((line) => /(\/\S+) \(0x/.exec(line)?.[1]).filter(Boolean);

function assemble() {
  const folder = mkdtempSync(path.join(tmpdir(), "roused-image-"));
  try {
    for (const [from, to] of [[roused, PROGRAM], ...libraries().map((each) => [each, each])]) {
      mkdirSync(path.join(folder, path.dirname(to)), { recursive: true });
      copyFileSync(realpathSync(from), path.join(folder, to));
    }
    // Where volumes and file systems of the kernel are mounted, which a read-only root cannot make.
    for (const name of ["etc/roused", "proc", "sys", "dev", "run", "tmp"]) {
      mkdirSync(path.join(folder, name), { recursive: true });
    }
    const archive = path.join(folder, "..", `${path.basename(folder)}.tar`);
    execFileSync("tar", ["-C", folder, "-cf", archive, "."]);
    podman("import", "--quiet", "--change", `ENTRYPOINT ["${PROGRAM}"]`,
      ...VARIABLES.flatMap((variable) => ["--change", `ENV ${variable}`]), archive, ASSEMBLED);
    rmSync(archive);
  } finally {
    rmSync(folder, { recursive: true });
  }
  return ASSEMBLED;
}

/// Its name, as podman has it, and the path of roused in it.
export function findImage(named) {
  const name = named ?? assemble();
  const [program] = JSON.parse(podman("image", "inspect", "--format", "{{json .Config.Entrypoint}}",
    name));
  return { name: name.includes("/") ? name : `localhost/${name}`, program };
}
