// Type-checks documents: each is written as a literal of its Kubernetes type, in which the compiler
// takes no field that the type does not have, and misses none that it needs.

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import path from "node:path";

import { installed, tsc } from "./packages.mjs";

const OPTIONS = ["--noEmit", "--strict", "--skipLibCheck", "--module", "esnext",
  "--target", "es2022", "--moduleResolution", "bundler"];

const source = (document) => `import type { I${document.kind} as wanted }
  from "kubernetes-models/${document.apiVersion}";
export const document: wanted = ${JSON.stringify(document, null, 2)};
`;

/// What the compiler says of the sets of documents, each of which has a name: name -> faults.
export function typeFaults(sets) {
  const folder = path.join(installed, "typed");
  rmSync(folder, { recursive: true, force: true });
  const files = [];
  for (const [name, documents] of sets) {
    mkdirSync(path.join(folder, name), { recursive: true });
    documents.forEach((document, index) => {
      files.push(path.join(name, `${index}-${document.kind}.ts`));
      writeFileSync(path.join(folder, files.at(-1)), source(document));
    });
  }
  const run = spawnSync(process.execPath, [tsc, ...OPTIONS, ...files],
    { cwd: folder, encoding: "utf8" });
  const lines = run.stdout.split("\n").filter((line) => line !== "" && !line.startsWith(" "));
  if (run.error !== undefined || (run.status !== 0) !== (lines.length > 0)) {
    throw new Error(`the compiler did not run: ${run.error ?? run.stdout + run.stderr}`);
  }
  const found = new Map([...sets.keys()].map((name) => [name, []]));
  for (const line of lines) {
    const owner = line.split(path.sep)[0];
    if (!found.has(owner)) {
      throw new Error(`the compiler says: ${line}`);
    }
    found.get(owner).push(line.slice(owner.length + 1));
  }
  return found;
}
