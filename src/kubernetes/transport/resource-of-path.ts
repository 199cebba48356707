/** Names the resource of a request: few enough values for a metric label. */

/**
 * `/api/v1/namespaces/a/secrets/b` → `secrets`, also for `/api/v1/watch/…`. For a path outside the APIs: its first
 * part, such as `version`.
 */
export function resourceOfPath(path: string): string {
  const parts = path.split('/').filter((part) => part !== '');
  const all = resourceParts(parts);
  const rest = all?.[0] === 'watch' ? all.slice(1) : all;
  if (rest === undefined) return parts[0] ?? 'root';
  const [first, , inNamespace] = rest;
  if (first === undefined) return 'discovery';
  if (first !== 'namespaces' || inNamespace === undefined) return first;
  return inNamespace === 'status' || inNamespace === 'finalize' ? first : inNamespace;
}

/** The parts after `/api/v1` or `/apis/<group>/<version>`. */
function resourceParts(parts: readonly string[]): readonly string[] | undefined {
  if (parts[0] === 'api') return parts.slice(2);
  if (parts[0] === 'apis') return parts.slice(3);
  return undefined;
}
