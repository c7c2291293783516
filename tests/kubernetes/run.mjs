// Checks configs/kubernetes: what it renders to, types, and what must agree. Then each of the
// mistakes of spoilt.mjs must be found. With `play [IMAGE]` it runs the Deployment with podman
// instead: play.mjs; with `profile` it writes the nodes' seccomp profile anew first: profile.mjs.
// Exit code: 0 all holds; 1 something does not.

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { isDeepStrictEqual } from "node:util";
import path from "node:path";

import { render } from "./kustomization.mjs";
import { manifests, yaml } from "./packages.mjs";
import { play } from "./play.mjs";
import { profileFaults, writeProfile } from "./profile.mjs";
import { spoilt, spoiltFiles } from "./spoilt.mjs";
import { typeFaults } from "./types.mjs";
import { faultsOf } from "./view.mjs";

const KUSTOMIZATIONS = ["base", "overlays/runtime-default"];

const counts = { passed: 0, failed: 0 };

function report(name, faults) {
  counts[faults.length === 0 ? "passed" : "failed"] += 1;
  console.log(`${faults.length === 0 ? "ok     " : "FAILED "} ${name}`);
  faults.forEach((fault) => console.log(`          ${fault}`));
}

function checkManifests(rendered) {
  const types = typeFaults(new Map([...rendered].map(([name, documents]) =>
    [name.replace("/", "-"), documents])));
  for (const [name, documents] of rendered) {
    report(`${name}: each document is of its type`, types.get(name.replace("/", "-")));
    report(`${name}: what must agree does`, faultsOf(documents));
  }
  const profileOf = (name) => rendered.get(name).find(({ kind }) => kind === "Deployment")
    .spec.template.spec.securityContext.seccompProfile.type;
  const profiles = KUSTOMIZATIONS.map(profileOf);
  report("the overlay takes the runtime's own seccomp profile",
    isDeepStrictEqual(profiles, ["Localhost", "RuntimeDefault"]) ? [] : [profiles.join(", ")]);
}

// Ours and kubectl's hash of a generated name differ.
const comparable = (documents) => documents
  .map((document) => JSON.parse(JSON.stringify(document)
    .replaceAll(/"roused-[0-9a-z]{10}"/g, '"roused-hash"')))
  .sort((left, right) => left.kind < right.kind ? -1 : 1);

function compareWithKubectl(name, documents) {
  const title = `${name}: kubectl kustomize renders the same`;
  const run = spawnSync("kubectl", ["kustomize", path.join(manifests, name)], { encoding: "utf8" });
  if (run.error?.code === "ENOENT") {
    console.log(`skipped ${title}: there is no kubectl`);
    return;
  }
  const theirs = run.status === 0 ? yaml.loadAll(run.stdout) : [];
  report(title, isDeepStrictEqual(comparable(documents), comparable(theirs))
    ? [] : [run.stderr || "it differs"]);
}

function checkSpoilt(good) {
  const sets = new Map(spoilt.map(({ spoil }, index) => {
    const documents = structuredClone(good);
    spoil(documents);
    return [`spoilt-${index}`, documents];
  }));
  const wrong = (_, index) => spoilt[index].typed;
  const types = typeFaults(new Map([...sets].filter(wrong)));
  [...sets].forEach(([key, documents], index) => {
    const { name, fault, typed } = spoilt[index];
    const found = typed ? types.get(key) : faultsOf(documents);
    const hit = found.some((text) => text.includes(fault));
    report(`found: ${name}`, hit ? [] : [`no fault has "${fault}"; found: ${found.join("; ")}`]);
  });
}

function renderFault(folder) {
  try {
    render(folder);
    return "nothing";
  } catch (error) {
    return error.message;
  }
}

function checkSpoiltFiles() {
  for (const { name, fault, file, spoil } of spoiltFiles) {
    const folder = mkdtempSync(path.join(tmpdir(), "roused-spoilt-"));
    cpSync(path.join(manifests, "base"), folder, { recursive: true });
    const where = path.join(folder, file);
    writeFileSync(where, spoil(readFileSync(where, "utf8")));
    const found = renderFault(folder);
    rmSync(folder, { recursive: true });
    report(`found: ${name}`, found.includes(fault) ? [] : [`no "${fault}"; found: ${found}`]);
  }
}

if (process.argv[2] === "profile") {
  writeProfile();
}
const rendered = new Map(KUSTOMIZATIONS.map((name) => [name, render(path.join(manifests, name))]));
if (process.argv[2] === "play") {
  await play(rendered, report, process.argv[3]);
} else {
  checkManifests(rendered);
  rendered.forEach((documents, name) => compareWithKubectl(name, documents));
  report("the nodes' seccomp profile is Docker's, decided", profileFaults());
  checkSpoilt(rendered.get("base"));
  checkSpoiltFiles();
}
console.log(`kubernetes: ${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 ? 0 : 1;
