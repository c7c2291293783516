// Manifests with one mistake each, and a part of the fault that must be found there: by the
// compiler where `typed` is set, and otherwise by a rule. A rule that no longer fires shows here.
// At the end, files of the base with a mistake that must keep it from being rendered.

const find = (documents, kind) => documents.find((document) => document.kind === kind);
const deploymentOf = (documents) => find(documents, "Deployment").spec;
const podOf = (documents) => deploymentOf(documents).template.spec;
const containerOf = (documents) => podOf(documents).containers[0];
const serviceOf = (documents) => find(documents, "Service").spec;
const policyOf = (documents) => find(documents, "NetworkPolicy").spec;
const scalerOf = (documents) => find(documents, "HorizontalPodAutoscaler").spec;

function edit(documents, from, to) {
  const { data } = find(documents, "ConfigMap");
  if (!data["roused.toml"].includes(from)) {
    throw new Error(`roused.toml has no ${from}`);
  }
  data["roused.toml"] = data["roused.toml"].replace(from, to);
}

const typed = (name, fault, spoil) => ({ name, fault, spoil, typed: true });
const ruled = (name, fault, spoil) => ({ name, fault, spoil, typed: false });

export const spoilt = [
  typed("a key of a container is mistyped", `'"readinesProbe"' does not exist`, (all) => {
    containerOf(all).readinesProbe = containerOf(all).readinessProbe;
  }),
  typed("a key deep inside is mistyped", `'"second"' does not exist`, (all) => {
    containerOf(all).lifecycle.preStop.sleep = { second: 10 };
  }),
  typed("a key is in the wrong place", `'"matchLabels"' does not exist`, (all) => {
    find(all, "PodDisruptionBudget").spec.matchLabels = {};
  }),
  typed("a key that is needed is missing", `'"podSelector"' is missing`, (all) => {
    find(all, "NetworkPolicy").spec = { policyTypes: ["Ingress"] };
  }),
  typed("text stands where a number belongs", "not assignable to type 'number'", (all) => {
    podOf(all).terminationGracePeriodSeconds = "35";
  }),
  typed("the version of an interface has no such kind", "Cannot find module", (all) => {
    find(all, "HorizontalPodAutoscaler").apiVersion = "autoscaling/v3";
  }),
  ruled("the Deployment selects other pods", "Deployment roused: it selects", (all) => {
    deploymentOf(all).selector.matchLabels["app.kubernetes.io/name"] = "rouse";
  }),
  ruled("the Service selects nothing", "Service roused: it selects", (all) => {
    serviceOf(all).selector["app.kubernetes.io/instance"] = "other";
  }),
  ruled("the Service has no selector", "Service: it selects no pods", (all) => {
    delete serviceOf(all).selector;
  }),
  ruled("the budget is for other pods", "PodDisruptionBudget roused: it selects", (all) => {
    find(all, "PodDisruptionBudget").spec.selector.matchLabels = { app: "roused" };
  }),
  ruled("the policy is for all pods", "NetworkPolicy: it selects no pods", (all) => {
    policyOf(all).podSelector = {};
  }),
  ruled("pods are spread among others", "it selects", (all) => {
    podOf(all).topologySpreadConstraints[1].labelSelector.matchLabels = { app: "roused" };
  }),
  ruled("pods are not spread over nodes", "not spread over kubernetes.io/hostname", (all) => {
    podOf(all).topologySpreadConstraints.pop();
  }),
  ruled("a label is missing", "Service roused: the label app.kubernetes.io/name", (all) => {
    delete find(all, "Service").metadata.labels["app.kubernetes.io/name"];
  }),
  ruled("a document is elsewhere", "Service roused: its namespace", (all) => {
    find(all, "Service").metadata.namespace = "default";
  }),
  ruled("the scaler is for another Deployment", "it scales something else", (all) => {
    scalerOf(all).scaleTargetRef.name = "rouse";
  }),
  ruled("replicas are set twice", "replicas overrules", (all) => {
    deploymentOf(all).replicas = 3;
  }),
  ruled("the budget lets every pod go", "maxUnavailable is from 1", (all) => {
    scalerOf(all).minReplicas = 1;
  }),
  ruled("the Service asks for a port that is not there", "no TCP port web", (all) => {
    serviceOf(all).ports[0].targetPort = "web";
  }),
  ruled("the Service asks for the wrong protocol", "no TCP port echo-udp", (all) => {
    delete serviceOf(all).ports[2].protocol;
  }),
  ruled("the policy forgets a port", "NetworkPolicy: the container's port http is left", (all) => {
    policyOf(all).ingress.shift();
  }),
  ruled("roused listens elsewhere", "and roused listens on", (all) => {
    edit(all, "0.0.0.0:8080", "0.0.0.0:8081");
  }),
  ruled("roused listens to itself", "cannot be reached from outside", (all) => {
    edit(all, "0.0.0.0:8080", "127.0.0.1:8080");
  }),
  ruled("echo is off, and its ports are open", "and roused listens on TCP 8080", (all) => {
    edit(all, '["0.0.0.0:7007"]', '"off"');
  }),
  ruled("a probe asks for another path", "startupProbe does not ask", (all) => {
    containerOf(all).startupProbe.httpGet.path = "/health";
  }),
  ruled("a probe asks for a port that is not HTTP", "livenessProbe does not ask", (all) => {
    containerOf(all).livenessProbe.httpGet.port = "echo";
  }),
  ruled("there is no probe", "readinessProbe does not ask", (all) => {
    delete containerOf(all).readinessProbe;
  }),
  ruled("a busy pod is restarted", "a busy pod is restarted", (all) => {
    containerOf(all).livenessProbe.failureThreshold = 1;
  }),
  ruled("the grace period is too short", "terminationGracePeriodSeconds is less", (all) => {
    podOf(all).terminationGracePeriodSeconds = 34;
  }),
  ruled("the grace period is the default", "terminationGracePeriodSeconds is less", (all) => {
    delete podOf(all).terminationGracePeriodSeconds;
  }),
  ruled("the drain is longer than the grace period", "server.shutdown_timeout (60)", (all) => {
    edit(all, '"20s"', '"1m"');
  }),
  ruled("nothing waits for the endpoints", "preStop does not sleep", (all) => {
    delete containerOf(all).lifecycle;
  }),
  ruled("there are more workers than CPUs", "4 workers, and a CPU limit of 1", (all) => {
    containerOf(all).env[0] = { name: "ROUSED_SERVER_WORKERS", value: "4" };
  }),
  ruled("the CPU limit is part of a CPU", "1 workers, and a CPU limit of 500m", (all) => {
    containerOf(all).resources = { requests: { cpu: "500m", memory: "256Mi" },
      limits: { cpu: "500m", memory: "256Mi" } };
  }),
  ruled("workers are those of another container", "not the CPU limit", (all) => {
    containerOf(all).env[0].valueFrom.resourceFieldRef.containerName = "other";
  }),
  ruled("there is no memory limit", "are not the same", (all) => {
    delete containerOf(all).resources.limits.memory;
  }),
  ruled("memory does not hold the connections", "the memory limit is less than twice", (all) => {
    edit(all, "connections_max = 10000", "connections_max = 100000");
  }),
  ruled("a key of roused.toml is mistyped", "shutdown_timout", (all) => {
    edit(all, "shutdown_timeout", "shutdown_timout");
  }),
  ruled("a value of roused.toml is wrong", "server.shutdown_timeout", (all) => {
    edit(all, '"20s"', '"20"');
  }),
  ruled("a variable has a name that roused does not know", "ROUSED_WORKERS", (all) => {
    containerOf(all).env.push({ name: "ROUSED_WORKERS", value: "1" });
  }),
  ruled("the image says where to listen", "the image's ROUSED_ECHO_LISTEN wins", (all) => {
    containerOf(all).env.pop();
  }),
  ruled("another file is asked for", "no file of the name in --config", (all) => {
    containerOf(all).args[1] = "/etc/roused/rouse.toml";
  }),
  ruled("the file is asked for elsewhere", "no volume of a ConfigMap", (all) => {
    containerOf(all).args[1] = "/etc/roused.toml";
  }),
  ruled("the volume is of another ConfigMap", "it has no file", (all) => {
    podOf(all).volumes[0].configMap.name = "roused";
  }),
  ruled("a volume is not mounted", "its volumes are not those that are mounted", (all) => {
    podOf(all).volumes.push({ name: "unused", emptyDir: {} });
  }),
  ruled("the image moves", "the image has no tag", (all) => {
    containerOf(all).image = "roused:latest";
  }),
  ruled("the root user is allowed", "runAsNonRoot and a runAsUser", (all) => {
    podOf(all).securityContext.runAsUser = 0;
  }),
  ruled("there is no seccomp profile", "a seccompProfile is wanted", (all) => {
    podOf(all).securityContext.seccompProfile.type = "Unconfined";
  }),
  ruled("the host's network is used", "hostNetwork is set", (all) => {
    podOf(all).hostNetwork = true;
  }),
  ruled("a folder of the host is mounted", "a volume of the kind hostPath", (all) => {
    podOf(all).volumes[0] = { name: "configuration", hostPath: { path: "/etc" } };
    find(all, "ConfigMap").metadata.name = "other";
  }),
  ruled("privileges may grow", "allowPrivilegeEscalation", (all) => {
    delete containerOf(all).securityContext.allowPrivilegeEscalation;
  }),
  ruled("a capability is added", "none added", (all) => {
    containerOf(all).securityContext.capabilities.add = ["NET_BIND_SERVICE"];
  }),
  ruled("the root file system is writable", "readOnlyRootFilesystem", (all) => {
    containerOf(all).securityContext.readOnlyRootFilesystem = false;
  }),
  ruled("a sysctl is set", "sysctls are set", (all) => {
    podOf(all).securityContext.sysctls = [{ name: "net.core.somaxconn", value: "1024" }];
  }),
  ruled("the service account's token is there", "automountServiceAccountToken", (all) => {
    delete podOf(all).automountServiceAccountToken;
  }),
  ruled("variables of Services are there", "enableServiceLinks", (all) => {
    delete podOf(all).enableServiceLinks;
  }),
  ruled("the namespace enforces nothing", "restricted: the Namespace has no", (all) => {
    delete find(all, "Namespace").metadata.labels["pod-security.kubernetes.io/enforce"];
  }),
  ruled("there is no budget", "0 documents of the kind PodDisruptionBudget", (all) => {
    all.splice(all.indexOf(find(all, "PodDisruptionBudget")), 1);
  }),
];

const replaced = (from, to) => (text) => text.replace(from, to);

export const spoiltFiles = [
  { name: "a field of the kustomization is mistyped", fault: "the field resource is not known",
    file: "kustomization.yaml", spoil: replaced("resources:", "resource:") },
  { name: "a field of an image is mistyped", fault: "the field images.tag is not known",
    file: "kustomization.yaml", spoil: replaced("newTag:", "tag:") },
  { name: "a manifest is not in the list", fault: "service.yaml: not among the resources",
    file: "kustomization.yaml", spoil: replaced("  - service.yaml\n", "") },
  { name: "the list has a file that is not there", fault: "services.yaml does not exist",
    file: "kustomization.yaml",
    spoil: replaced("  - service.yaml\n", "  - service.yaml\n  - services.yaml\n") },
  { name: "a patch has no target", fault: "a patch has no target", file: "kustomization.yaml",
    spoil: (text) => `${text}patches:\n  - target: { group: apps, version: v1, kind: Deployment, ` +
      "name: rouse }\n    patch: '[]'\n" },
  { name: "a patch replaces what is not there", fault: "cannot replace /spec/replicas",
    file: "kustomization.yaml",
    spoil: (text) => `${text}patches:\n  - target: { group: apps, version: v1, kind: Deployment, ` +
      "name: roused }\n    patch: '[{ op: replace, path: /spec/replicas, value: 2 }]'\n" },
  { name: "a key stands twice", fault: "duplicated mapping key", file: "service.yaml",
    spoil: (text) => `${text}kind: Service\n` },
];
