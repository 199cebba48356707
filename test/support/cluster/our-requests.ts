/** The requests of our ServiceAccount to the API server, from the audit log. */
import type { AdminClient } from '../control-plane/admin-client.ts';
import type { AuditEvent } from '../control-plane/audit-log.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { eventually } from '../suite/eventually.ts';
import { isGuardProbe, OUR_USER } from './install.ts';

const READS = ['get', 'list', 'watch'];

/**
 * Every request received since then, except Events, which are sent in the background, and probes of the guard, which are
 * to be refused. Complete up to the time of the call, except for requests that are not answered yet.
 */
export async function ourRequests(
  { controlPlane, admin }: { readonly controlPlane: ControlPlane; readonly admin: AdminClient },
  since: Date,
  ourUser = OUR_USER,
): Promise<readonly AuditEvent[]> {
  const mark = `/api/v1/namespaces/mark-${Date.now()}-${Math.random()}`;
  await admin.find(mark);
  const events = await eventually({ what: 'the audit log', limitMs: 10_000 }, async () => {
    const seen = await controlPlane.auditLog();
    return seen.some(({ uri }) => uri === mark) ? seen : undefined;
  });
  return events.filter(
    ({ user, receivedAt, stage, resource, uri }) =>
      user === ourUser &&
      receivedAt >= since &&
      stage === 'ResponseComplete' &&
      resource !== 'events' &&
      !isGuardProbe(uri),
  );
}

export function isWrite({ verb }: AuditEvent): boolean {
  return !READS.includes(verb);
}

/** For example `patch secrets team-a/ecr-pull-secret 200`. */
export function describeRequest({ verb, resource, namespace, name, code }: AuditEvent): string {
  return `${verb} ${resource} ${namespace}/${name} ${code}`;
}
