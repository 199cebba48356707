/** Who sent the requests of a run, according to the server's own audit log, which knows nothing of our routing. */
import { instanceOf } from '../../../src/domain/contract.ts';
import { scopeOf } from '../../../src/domain/scope.ts';
import { requiredPermissions } from '../../../src/kubernetes/required-permissions.ts';
import type { AuditEvent } from '../../support/control-plane/audit-log.ts';

const ADMINISTRATOR = 'admin';
/** The names that `ContractWorld` gives. */
const NAMESPACES_OF_SUITE = /^contract-/;

export interface Senders {
  /** How many requests it sent. */
  readonly byController: number;
  /**
   * Of the controller's kinds, in a namespace that was never deleted, after its creation: the controller could have had
   * permissions there.
   */
  readonly byAdministrator: readonly string[];
  /** What the permissions did not cover. */
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

/** When each namespace was created; those that were deleted, or created twice, are left out. */
function standingNamespaces(events: readonly AuditEvent[]): ReadonlyMap<string, Date> {
  const ofNamespaces = events.filter(({ resource }) => resource === 'namespaces');
  const made = ofNamespaces.filter(({ verb, code }) => verb === 'create' && code === 201);
  const deleted = new Set(
    ofNamespaces.filter(({ verb }) => verb === 'delete').map(({ name }) => name),
  );
  const standing = made.filter(({ name }) => NAMESPACES_OF_SUITE.test(name) && !deleted.has(name));
  return new Map(standing.map(({ name, receivedAt }) => [name, receivedAt]));
}

/**
 * A request that the server accepts from nobody (405) has no kind. An apply that creates is a `patch` here; a `create`
 * is a POST, which the controller sends only for Events.
 */
function isOfController({ verb, resource, namespace, name, code }: AuditEvent): boolean {
  if (code === 405) return false;
  const scope = scopeOf([namespace]);
  return requiredPermissions(instanceOf('default', name), scope).some((permission) => {
    const isByName = permission.objectName !== undefined;
    if (permission.verb !== verb || permission.resource !== resource) return false;
    return isByName ? verb !== 'create' && name !== '' && name === permission.objectName : true;
  });
}

function describe({ verb, resource, namespace, name, code, uri }: AuditEvent): string {
  return `${verb} ${resource} ${namespace}/${name}: ${code} (${uri})`;
}
