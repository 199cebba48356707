/** How a person finds the Pods that name our Secret, for we have no right on Pods. */
import type { Scope } from '../domain/scope.ts';

const UNFINISHED = `--field-selector 'status.phase!=Succeeded,status.phase!=Failed'`;
/** The blank behind each name tells `a` from `a-b`. */
const NAMES = `-o jsonpath='{range .items[*]}{.metadata.namespace}/{.metadata.name} {.spec.imagePullSecrets[*].name} {"\\n"}{end}'`;

/** A line for a shell. It prints a line for each Pod that has not ended: `namespace/pod` and all Secrets that it names. */
export function podsCommand(secretName: string, scope: Scope): string {
  const ofOurs = `grep -F ' ${secretName} '`;
  if (scope.kind === 'cluster') return `kubectl get pods -A ${UNFINISHED} ${NAMES} | ${ofOurs}`;
  const each = `kubectl get pods -n "$namespace" ${UNFINISHED} ${NAMES}`;
  return `for namespace in ${scope.names.join(' ')}; do ${each}; done | ${ofOurs}`;
}
