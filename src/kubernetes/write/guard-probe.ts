/** Asks the API server, by writes that it must refuse, whether the guard is in effect. Changes nothing. */
import type { Guard, GuardState } from '../../controller/ports/guard.ts';
import {
  GUARD_PROBE,
  GUARDED_RESOURCES,
  type GuardedResource,
  guardPolicyNameOf,
  type Instance,
} from '../../domain/contract.ts';
import { isForbidden } from '../transport/api-error.ts';
import { APPLY_PATCH, MERGE_PATCH, METADATA, objectPath } from '../transport/resources.ts';
import type { ApiRequest, Transport } from '../transport/transport.ts';

interface Dependencies {
  readonly transport: Pick<Transport, 'request'>;
  readonly instance: Pick<Instance, 'name' | 'secretName'>;
}

type Answer =
  { readonly kind: 'refused' | 'accepted' } | { readonly kind: 'unknown'; readonly cause: unknown };

export class GuardProbe implements Guard {
  readonly #deps: Dependencies;

  constructor(deps: Dependencies) {
    this.#deps = deps;
  }

  async probe(namespace: string, signal: AbortSignal): Promise<GuardState> {
    const answers = await Promise.all(
      GUARDED_RESOURCES.map(async (resource) => {
        return { resource, ...(await this.#try(resource, namespace, signal)) };
      }),
    );
    signal.throwIfAborted();
    const unguarded = answers.filter(({ kind }) => kind === 'accepted');
    if (unguarded.length > 0) {
      return { kind: 'notInEffect', unguarded: unguarded.map(({ resource }) => resource) };
    }
    return answers.find((answer) => answer.kind === 'unknown') ?? { kind: 'inEffect' };
  }

  async #try(resource: GuardedResource, namespace: string, signal: AbortSignal): Promise<Answer> {
    const { transport, instance } = this.#deps;
    const write = FORBIDDEN[resource](namespace, instance.secretName);
    try {
      // A field manager of its own takes nothing from ours. The answer must not have the content of a Secret.
      const query = { fieldManager: GUARD_PROBE, dryRun: 'All' };
      await transport.request({ ...write, query, accept: METADATA, signal });
      return { kind: 'accepted' };
    } catch (cause) {
      const policy = guardPolicyNameOf(instance.name, resource);
      return isRefusalBy(policy, cause) ? { kind: 'refused' } : { kind: 'unknown', cause };
    }
  }
}

/** Each is valid and within our permissions, whatever is there already. */
const FORBIDDEN: Readonly<
  Record<GuardedResource, (namespace: string, secretName: string) => Omit<ApiRequest, 'signal'>>
> = {
  secrets: (namespace, name) => ({
    method: 'PATCH',
    path: objectPath(namespace, 'secrets', name),
    contentType: APPLY_PATCH,
    body: JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name, ...LABELLED } }),
  }),
  serviceaccounts: (namespace) => ({
    method: 'PATCH',
    path: objectPath(namespace, 'serviceaccounts', 'default'),
    contentType: MERGE_PATCH,
    body: JSON.stringify({ metadata: LABELLED }),
  }),
  events: (namespace) => ({
    method: 'POST',
    path: objectPath(namespace, 'events'),
    contentType: 'application/json',
    body: JSON.stringify({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { generateName: 'guard-probe.', namespace },
      involvedObject: { apiVersion: 'v1', kind: 'Namespace', name: namespace, namespace },
      type: 'Normal',
      reason: GUARD_PROBE,
      message: 'A dry run that the guard must refuse.',
      source: { component: GUARD_PROBE },
      reportingComponent: GUARD_PROBE,
    }),
  }),
};

const LABELLED = { labels: { [GUARD_PROBE]: '' } };

/** A webhook's refusal, another policy's or that of RBAC is worded differently. */
function isRefusalBy(policy: string, error: unknown): boolean {
  const refused = ` is forbidden: ValidatingAdmissionPolicy '${policy}' with binding `;
  return isForbidden(error) && error.serverMessage.includes(refused);
}
