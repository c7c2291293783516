// The restricted Pod Security Standard, field by field, and what is stricter here. See
// "Pod Security Standards" in the Kubernetes documentation.

const VOLUMES = ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral",
  "persistentVolumeClaim", "projected", "secret"];
const NAMESPACE_LABEL = "pod-security.kubernetes.io/enforce";

function podFaults(pod) {
  const context = pod.securityContext ?? {};
  const faults = ["hostNetwork", "hostPID", "hostIPC"].filter((field) => pod[field])
    .map((field) => `${field} is set`);
  if (context.runAsNonRoot !== true || !(context.runAsUser > 0)) {
    faults.push("runAsNonRoot and a runAsUser that is not 0 are wanted");
  }
  if (!["RuntimeDefault", "Localhost"].includes(context.seccompProfile?.type)) {
    faults.push("a seccompProfile is wanted, RuntimeDefault or Localhost");
  }
  if ((context.sysctls ?? []).length > 0) {
    faults.push("sysctls are set");
  }
  for (const volume of pod.volumes ?? []) {
    const kind = Object.keys(volume).find((field) => field !== "name");
    if (!VOLUMES.includes(kind)) {
      faults.push(`a volume of the kind ${kind}`);
    }
  }
  // Not of the standard.
  if (pod.automountServiceAccountToken !== false) {
    faults.push("automountServiceAccountToken: false is wanted");
  }
  if (pod.enableServiceLinks !== false) {
    faults.push("enableServiceLinks: false is wanted: the variables would begin with ROUSED_");
  }
  return faults;
}

function containerFaults(container) {
  const context = container.securityContext ?? {};
  const faults = [];
  if (context.allowPrivilegeEscalation !== false || context.privileged === true) {
    faults.push("allowPrivilegeEscalation: false is wanted");
  }
  if (!context.capabilities?.drop?.includes("ALL") || context.capabilities.add !== undefined) {
    faults.push("all capabilities are to be dropped, and none added");
  }
  if (context.runAsNonRoot === false || context.runAsUser === 0 ||
    context.procMount !== undefined || context.seccompProfile !== undefined) {
    faults.push("it undoes what the pod's securityContext says");
  }
  if ((container.ports ?? []).some(({ hostPort }) => hostPort !== undefined)) {
    faults.push("a hostPort is set");
  }
  // Not of the standard.
  if (context.readOnlyRootFilesystem !== true) {
    faults.push("readOnlyRootFilesystem: true is wanted");
  }
  return faults;
}

export function restricted({ pod, one }) {
  const containers = [...(pod.initContainers ?? []), ...pod.containers];
  const level = one("Namespace").metadata.labels?.[NAMESPACE_LABEL];
  return [...podFaults(pod), ...containers.flatMap(containerFaults),
    ...(level === "restricted" ? [] : [`the Namespace has no ${NAMESPACE_LABEL}: restricted`])]
    .map((fault) => `restricted: ${fault}`);
}
