// What must agree between documents and with roused's settings, which no tool looks at. Each rule
// is given the view of everything and says what is wrong.

import { bytes, seconds } from "./settings.mjs";

// Of the grace period: to notice SIGTERM, to write the last lines of the log, to exit.
const END_SECONDS = 5;
// The memory of a pod, as docs/deploy.md has it.
const MEBIBYTE = 1024 ** 2;
export const PROGRAM_BYTES = 16 * MEBIBYTE;
export const IDLE_CONNECTION_BYTES = 2560;

const HEALTH_PATH = "/healthz";
// Set by the image.
const IMAGE_VARIABLES = ["ROUSED_HTTP_LISTEN", "ROUSED_ECHO_LISTEN"];
const STABLE_LABELS = ["app.kubernetes.io/name", "app.kubernetes.io/instance"];

const same = (left, right) => JSON.stringify(left) === JSON.stringify(right);

// Which document each fault is in, if the rule says so for each.
const inEach = (documents, check) => documents.flatMap((document) =>
  check(document).map((fault) => `${document.kind} ${document.metadata.name}: ${fault}`));

const selectors = ({ all, pod }) => all.flatMap((document) => {
  const spec = document.spec ?? {};
  const found = [spec.selector?.matchLabels ?? (document.kind === "Service" ? spec.selector : null),
    spec.podSelector?.matchLabels];
  if (document.kind === "Deployment") {
    found.push(...(pod.topologySpreadConstraints ?? [])
      .map(({ labelSelector }) => labelSelector?.matchLabels));
  }
  return found.filter(Boolean).map((labels) => [document, labels]);
});

function labels(view) {
  const carried = view.deployment.spec.template.metadata?.labels ?? {};
  const wanted = Object.fromEntries(STABLE_LABELS.map((name) => [name, carried[name]]));
  const faults = inEach(view.all, ({ metadata }) => STABLE_LABELS
    .filter((name) => metadata.labels?.[name] !== carried[name] || carried[name] === undefined)
    .map((name) => `the label ${name} is not that of the pods`));
  for (const [{ kind, metadata }, selected] of selectors(view)) {
    if (!same(selected, wanted)) {
      faults.push(`${kind} ${metadata.name}: it selects ${JSON.stringify(selected)}, and the ` +
        `pods are ${JSON.stringify(wanted)}`);
    }
  }
  for (const kind of ["Deployment", "Service", "PodDisruptionBudget", "NetworkPolicy"]) {
    if (!selectors(view).some(([document]) => document.kind === kind)) {
      faults.push(`${kind}: it selects no pods`);
    }
  }
  return faults;
}

function namespaces({ all, one }) {
  const name = one("Namespace").metadata.name;
  return inEach(all.filter(({ kind }) => kind !== "Namespace"), ({ metadata }) =>
    metadata.namespace === name ? [] : [`its namespace is not ${name}`]);
}

function scaling({ one, deployment, container }) {
  const { scaleTargetRef, minReplicas, metrics } = one("HorizontalPodAutoscaler").spec;
  const { kind, apiVersion, metadata } = deployment;
  const faults = [];
  if (!same({ ...scaleTargetRef }, { apiVersion, kind, name: metadata.name })) {
    faults.push("HorizontalPodAutoscaler: it scales something else than the Deployment");
  }
  if ("replicas" in deployment.spec) {
    faults.push("Deployment: replicas overrules the HorizontalPodAutoscaler at each apply");
  }
  for (const { resource } of metrics ?? []) {
    if (resource !== undefined && container.resources?.requests?.[resource.name] === undefined) {
      faults.push(`HorizontalPodAutoscaler: the container requests no ${resource.name}`);
    }
  }
  const { maxUnavailable } = one("PodDisruptionBudget").spec;
  if (!(maxUnavailable >= 1 && maxUnavailable < minReplicas)) {
    faults.push("PodDisruptionBudget: maxUnavailable is from 1 to below minReplicas, or nodes " +
      "cannot be drained, or nobody serves meanwhile");
  }
  return faults;
}

const portText = ({ containerPort, protocol }) => `${protocol ?? "TCP"} ${containerPort}`;

// Each port that is listened on is named, reached by the Service, and let in.
function ports({ one, container, settings }) {
  const listened = [];
  const faults = [];
  for (const [setting, protocols] of [["http.listen", ["TCP"]], ["echo.listen", ["TCP", "UDP"]]]) {
    for (const where of [settings[setting]].flat().filter((text) => text !== "off")) {
      const [, host, containerPort] = /^(.*):(\d+)$/.exec(where) ?? [null, where];
      if (!["0.0.0.0", "[::]"].includes(host)) {
        faults.push(`roused.toml: ${where} of ${setting} cannot be reached from outside the pod`);
      }
      listened.push(...protocols.map((protocol) => `${protocol} ${containerPort}`));
    }
  }
  const named = container.ports ?? [];
  if (!same(named.map(portText).sort(), [...listened].sort())) {
    faults.push(`Deployment: its ports are ${named.map(portText)}, and roused listens on ` +
      listened);
  }
  const sources = {
    Service: one("Service").spec.ports.map(({ targetPort, protocol }) => [targetPort, protocol]),
    NetworkPolicy: one("NetworkPolicy").spec.ingress
      .flatMap((rule) => rule.ports ?? []).map(({ port, protocol }) => [port, protocol]),
  };
  for (const [kind, wanted] of Object.entries(sources)) {
    const found = wanted.map(([port, protocol = "TCP"]) => {
      const index = named.findIndex((each) => [each.name, each.containerPort].includes(port) &&
        (each.protocol ?? "TCP") === protocol);
      if (index < 0) {
        faults.push(`${kind}: the container has no ${protocol} port ${port}`);
      }
      return index;
    });
    named.filter((_, index) => !found.includes(index)).forEach((each) =>
      faults.push(`${kind}: the container's port ${each.name} is left out`));
  }
  return faults;
}

function probes({ container }) {
  const faults = [];
  for (const kind of ["startupProbe", "readinessProbe", "livenessProbe"]) {
    const asked = container[kind]?.httpGet;
    if (asked?.path !== HEALTH_PATH || container.ports?.find(({ name }) => name === asked.port)
      ?.name !== "http") {
      faults.push(`Deployment: ${kind} does not ask for ${HEALTH_PATH} on the port http`);
    }
  }
  const patience = (probe) => (probe?.periodSeconds ?? 10) * (probe?.failureThreshold ?? 3);
  if (patience(container.livenessProbe) <= patience(container.readinessProbe)) {
    faults.push("Deployment: a busy pod is restarted before it gets less to do: livenessProbe is " +
      "no more patient than readinessProbe");
  }
  return faults;
}

function drain({ pod, container, settings }) {
  const waits = container.lifecycle?.preStop?.sleep?.seconds ?? 0;
  const drains = seconds(settings["server.shutdown_timeout"]);
  const faults = [];
  if (waits < 1) {
    faults.push("Deployment: preStop does not sleep, so new connections are refused while the " +
      "endpoints still name the pod");
  }
  if ((pod.terminationGracePeriodSeconds ?? 30) < waits + drains + END_SECONDS) {
    faults.push(`Deployment: terminationGracePeriodSeconds is less than preStop (${waits}), ` +
      `server.shutdown_timeout (${drains}) and ${END_SECONDS} more`);
  }
  return faults;
}

function resources({ container, settings }) {
  const { requests, limits } = container.resources ?? {};
  const faults = [];
  if (!same(requests, limits) || !same(Object.keys(limits ?? {}).sort(), ["cpu", "memory"])) {
    faults.push("Deployment: requests and limits of cpu and memory are not the same");
  }
  const workers = settings["server.workers"];
  if (String(workers) !== limits?.cpu) {
    faults.push(`Deployment: ${workers} workers, and a CPU limit of ${limits?.cpu}`);
  }
  const buffers = settings["uring.buffers_max"] * bytes(settings["uring.buffer_bytes"]);
  const needed = PROGRAM_BYTES + workers * buffers +
    settings["server.connections_max"] * IDLE_CONNECTION_BYTES;
  const limit = bytes(String(limits?.memory ?? 0).replace(/i$/, "iB"));
  // As much again for answers that clients are slow to take.
  if (limit < 2 * needed) {
    faults.push("Deployment: the memory limit is less than twice " +
      `${Math.ceil(needed / MEBIBYTE)}Mi, which buffers and idle connections need`);
  }
  return faults;
}

function configuration({ pod, container, configuration: found }) {
  const { file, mount, volume } = found;
  if (mount === undefined || volume?.configMap?.name === undefined) {
    return ["Deployment: no volume of a ConfigMap is mounted where --config looks"];
  }
  const faults = mount.readOnly === true ? [] : ["Deployment: the configuration is not readOnly"];
  if (file === undefined) {
    faults.push(`ConfigMap ${volume.configMap.name}: it has no file of the name in --config`);
  }
  for (const variable of IMAGE_VARIABLES) {
    if (!(container.env ?? []).some(({ name, value }) => name === variable && value === "")) {
      faults.push(`Deployment: the image's ${variable} wins over roused.toml; make it empty`);
    }
  }
  const mounted = (container.volumeMounts ?? []).map(({ name }) => name).sort();
  if (!same(mounted, (pod.volumes ?? []).map(({ name }) => name).sort())) {
    faults.push("Deployment: its volumes are not those that are mounted");
  }
  return faults;
}

function image({ container }) {
  const tag = /:([\w][\w.-]*)$/.exec(container.image ?? "")?.[1];
  return tag === undefined || tag === "latest"
    ? ["Deployment: the image has no tag, or one that moves"] : [];
}

function spread({ pod }) {
  const keys = (pod.topologySpreadConstraints ?? []).map(({ topologyKey }) => topologyKey);
  return ["topology.kubernetes.io/zone", "kubernetes.io/hostname"]
    .filter((key) => !keys.includes(key)).map((key) => `Deployment: not spread over ${key}`);
}

export const agreements = {
  labels, namespaces, scaling, ports, probes, drain, resources, configuration, image, spread,
};
