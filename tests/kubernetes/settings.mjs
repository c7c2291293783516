// What roused makes of the file and the variables that a container gets.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import path from "node:path";

import { roused } from "./packages.mjs";

const UNIT_SECONDS = { ms: 0.001, s: 1, m: 60, h: 3600 };
const UNIT_BYTES = { "": 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3, TiB: 1024 ** 4 };

function scaled(text, units) {
  const [, number, unit] = /^(\d+)(\D*)$/.exec(text) ?? [];
  if (!(unit in units)) {
    throw new Error(`not a quantity: ${text}`);
  }
  return Number(number) * units[unit];
}

export const seconds = (text) => scaled(text, UNIT_SECONDS);
export const bytes = (text) => scaled(text, UNIT_BYTES);

// `key = value   # origin` below `[section]`, as --print-config writes it.
function parsePrinted(text) {
  const values = {};
  let section = "";
  for (const line of text.split("\n")) {
    section = /^\[(\w+)\]$/.exec(line)?.[1] ?? section;
    const [, key, value] = /^(\w+) = (.*?)\s+# /.exec(line) ?? [];
    if (key !== undefined) {
      values[`${section}.${key}`] = JSON.parse(value);
    }
  }
  return values;
}

/// All settings by name, as in "http.listen"; throws with what roused says of a wrong one.
export function effectiveSettings(file, variables) {
  const folder = mkdtempSync(path.join(tmpdir(), "roused-"));
  const run = (mode) => {
    const config = path.join(folder, "roused.toml");
    writeFileSync(config, file);
    const ended = spawnSync(roused, ["--config", config, mode],
      { encoding: "utf8", env: { ...variables } });
    if (ended.status !== 0 || ended.stderr !== "") {
      const why = ended.error ?? ended.stderr.replaceAll(`${folder}/`, "");
      throw new Error(`roused ${mode}: ${why}`);
    }
    return ended.stdout;
  };
  try {
    run("--check");
    return parsePrinted(run("--print-config"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
