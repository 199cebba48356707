/** How a person finds the Pods that name our Secret: we have no permission to read Pods. */
import type { Scope } from '../domain/scope.ts';

const UNFINISHED = `--field-selector 'status.phase!=Succeeded,status.phase!=Failed'`;
/** The blank after each name distinguishes `a` from `a-b`. */
const NAMES = `-o jsonpath='{range .items[*]}{.metadata.namespace}/{.metadata.name} {.spec.imagePullSecrets[*].name} {"\\n"}{end}'`;

/** A shell command. It prints a line for each Pod that has not ended: `namespace/pod` and all Secrets that it names. */
export function podsCommand(secretName: string, scope: Scope): string {
  const oursOnly = `grep -F ' ${secretName} '`;
  if (scope.kind === 'cluster') return `kubectl get pods -A ${UNFINISHED} ${NAMES} | ${oursOnly}`;
  const each = `kubectl get pods -n "$namespace" ${UNFINISHED} ${NAMES}`;
  return `for namespace in ${scope.names.join(' ')}; do ${each}; done | ${oursOnly}`;
}
