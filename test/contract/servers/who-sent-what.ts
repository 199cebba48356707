/** Who sent the requests of a run, by the server's own audit log: it knows nothing of how we route them. */
import { instanceOf } from '../../../src/domain/contract.ts';
import { scopeOf } from '../../../src/domain/scope.ts';
import { requiredPermissions } from '../../../src/kubernetes/required-permissions.ts';
import type { AuditEvent } from '../../support/control-plane/audit-log.ts';

const ADMINISTRATOR = 'admin';
/** Of `ContractWorld`. */
const NAMESPACES_OF_SUITE = /^contract-/;

export interface Senders {
  /** How many were sent by it. */
  readonly byController: number;
  /** Of the controller's kinds, in a namespace that stood from its making on: its rights could have been there. */
  readonly byAdministrator: readonly string[];
  /** What the rights did not cover. */
  readonly refused: readonly string[];
}

export function whoSentWhat(events: readonly AuditEvent[], controller: string): Senders {
  const complete = events.filter(({ stage }) => stage === 'ResponseComplete');
  const standing = standingNamespaces(complete);
  const orphan = complete.filter(
    (event) =>
      event.user === ADMINISTRATOR &&
      event.receivedAt > (standing.get(event.namespace) ?? NEVER) &&
      isOfController(event),
  );
  const byController = complete.filter(({ user }) => user === controller);
  const refused = byController.filter(({ code }) => code === 403);
  return {
    byController: byController.length,
    byAdministrator: orphan.map(describe),
    refused: refused.map(describe),
  };
}

const NEVER = new Date(8_640_000_000_000_000);

/** When each was made; those that were deleted, or made twice, are left out. */
function standingNamespaces(events: readonly AuditEvent[]): ReadonlyMap<string, Date> {
  const ofNamespaces = events.filter(({ resource }) => resource === 'namespaces');
  const made = ofNamespaces.filter(({ verb, code }) => verb === 'create' && code === 201);
  const deleted = new Set(
    ofNamespaces.filter(({ verb }) => verb === 'delete').map(({ name }) => name),
  );
  const standing = made.filter(({ name }) => NAMESPACES_OF_SUITE.test(name) && !deleted.has(name));
  return new Map(standing.map(({ name, receivedAt }) => [name, receivedAt]));
}

/** What the server does not take from anybody (405) has no kind. An apply that creates is a `patch` here, and a `create` a POST, which the controller sends for Events only. */
function isOfController({ verb, resource, namespace, name, code }: AuditEvent): boolean {
  if (code === 405) return false;
  const scope = scopeOf([namespace]);
  return requiredPermissions(instanceOf('default', name), scope).some((right) => {
    const isByName = right.objectName !== undefined;
    if (right.verb !== verb || right.resource !== resource) return false;
    return isByName ? verb !== 'create' && name !== '' && name === right.objectName : true;
  });
}

function describe({ verb, resource, namespace, name, code, uri }: AuditEvent): string {
  return `${verb} ${resource} ${namespace}/${name}: ${code} (${uri})`;
}
