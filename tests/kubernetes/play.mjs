// Runs the Deployment with podman, as the node of a cluster would: user, capabilities, seccomp
// profile, limits, configuration and grace period are those of the manifest. It has a network of
// its own with nothing but loopback, so no port can clash, and is asked from inside it.

import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import path from "node:path";

import { findImage } from "./image.mjs";
import { yaml } from "./packages.mjs";
import {
  checkConfinement, checkDrain, checkLog, checkMemory, checkService,
} from "./play_checks.mjs";
import { PROFILE } from "./profile.mjs";
import { HTTP, Running } from "./running.mjs";

const PROFILE_ANNOTATION = "seccomp.security.alpha.kubernetes.io/pod";
const START_MILLISECONDS = 20_000;

const podOf = (documents) => documents.find(({ kind }) => kind === "Deployment").spec.template.spec;

// podman runs probes with a shell in the container, which has none, publishes ports on the host, and
// takes the seccomp profile from the annotation that came before the field, as a name without
// folders.
function adapt(documents, image) {
  const [configuration, deployment] = ["ConfigMap", "Deployment"].map((wanted) =>
    structuredClone(documents.find(({ kind }) => kind === wanted)));
  deployment.metadata.name = `roused-test-${process.pid}`;
  const { metadata, spec: pod } = deployment.spec.template;
  const { type, localhostProfile } = pod.securityContext.seccompProfile;
  metadata.annotations = { [PROFILE_ANNOTATION]:
    type === "Localhost" ? `localhost/${path.basename(localhostProfile)}` : "runtime/default" };
  const [container] = pod.containers;
  container.image = image.name;
  for (const field of ["ports", "startupProbe", "readinessProbe", "livenessProbe"]) {
    delete container[field];
  }
  return [configuration, deployment];
}

// Plays the documents while `check` looks at the pod that runs.
async function whilePlayed(documents, folder, report, name, check) {
  const manifest = path.join(folder, "manifest.yaml");
  writeFileSync(manifest, documents.map((each) => yaml.dump(each)).join("---\n"));
  const play = (...options) => spawnSync("podman", ["play", "kube", ...options, manifest],
    { encoding: "utf8" });
  const played = play("--network=none", `--seccomp-profile-root=${folder}`);
  try {
    report(`${name}: podman plays it`, played.status === 0 ? [] : [played.stderr]);
    if (played.status === 0) {
      // The pod's id, and the container's.
      const running = new Running(...played.stdout.match(/^[0-9a-f]{64}$/gm));
      const started = await running.hasStarted(START_MILLISECONDS);
      report(`${name}: roused starts`, started ? [] : running.log().slice(-2));
      await (started ? check(running) : null);
    }
  } finally {
    play("--down");
  }
}

// roused asks itself, as a HEALTHCHECK of the image does.
function checkHealth(running, image, target) {
  const run = spawnSync("podman", ["exec", running.name, image.program, "--health-check",
    `${HTTP}${target}`], { encoding: "utf8" });
  return run.status === 0 ? [] : [run.stderr.trim()];
}

function playAsItIs(name, documents, image, folder, report) {
  const pod = podOf(documents);
  return whilePlayed(adapt(documents, image), folder, report, name, async (running) => {
    report(`${name}: it is confined`, checkConfinement(running, pod));
    report(`${name}: it says what it uses`, checkLog(running, pod));
    report(`${name}: it serves HTTP and echo`, await checkService(running));
    const { path: target } = pod.containers[0].livenessProbe.httpGet;
    report(`${name}: its own health check passes`, checkHealth(running, image, target));
    report(`${name}: memory is as docs/deploy.md has it`, await checkMemory(running));
    report(`${name}: it drains in the grace period`,
      await checkDrain(running, pod.terminationGracePeriodSeconds));
  });
}

// The same with all that confines it taken away, and no time to drain: the checks can fail.
function playSpoilt(documents, image, folder, report) {
  const name = "spoilt";
  const played = adapt(documents, image);
  const { metadata, spec } = played[1].spec.template;
  metadata.annotations[PROFILE_ANNOTATION] = "unconfined";
  spec.securityContext = { runAsUser: 0 };
  spec.containers[0].securityContext = { privileged: false };
  spec.containers[0].resources.limits.memory = "512Mi";
  return whilePlayed(played, folder, report, name, async (running) => {
    const faults = checkConfinement(running, podOf(documents));
    const wanted = ["user ids", "capabilities", "privileges may grow", "seccomp filter",
      "the root is mounted", "bytes of memory"];
    const unseen = wanted.filter((part) => !faults.some((fault) => fault.includes(part)));
    report(`${name}: each way out is seen`, unseen.map((part) => `not seen: ${part}`));
    report(`${name}: a health check that fails is seen`,
      checkHealth(running, image, "/status/500")[0]?.includes("500") ? [] : ["not seen"]);
    const cut = await checkDrain(running, 0);
    report(`${name}: a pod that is cut is seen`,
      cut.some((fault) => fault.startsWith("what was in flight")) &&
      cut.some((fault) => fault.startsWith("exit code")) ? [] : [`seen: ${cut.join("; ")}`]);
  });
}

/// Plays each set of documents, with the image that is named or one that is made for it.
export async function play(rendered, report, named) {
  const image = findImage(named);
  console.log(`image ${image.name}`);
  const folder = mkdtempSync(path.join(tmpdir(), "roused-play-"));
  try {
    copyFileSync(PROFILE, path.join(folder, "roused.json"));
    for (const [name, documents] of rendered) {
      await playAsItIs(name, documents, image, folder, report);
    }
    await playSpoilt(rendered.get("base"), image, folder, report);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
