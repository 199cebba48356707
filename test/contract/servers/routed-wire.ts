/**
 * One wire with two identities: what the controller would send is sent with its permissions, all else as the
 * administrator.
 */
import type { Wire, WireRequest, WireResponse } from '../../../src/kubernetes/wire/wire.ts';
import type { RbacMode } from '../../support/suite/rbac-mode.ts';
import { controllersPermission, type AskedPermission } from './controllers-request.ts';

export interface Identities {
  readonly mode: RbacMode;
  readonly administrator: Wire;
  readonly controller: Wire;
  /** Resolves when the chart's permissions for such a request are in effect. Called before each such request. */
  readonly grant: (permission: AskedPermission) => Promise<void>;
}

export class RoutedWire implements Wire {
  readonly #identities: Identities;
  /** Namespaces created through this wire and not deleted: a Role can exist there. */
  readonly #standing = new Set<string>();
  readonly #asController = new Map<string, number>();
  #chapter = '';

  constructor(identities: Identities) {
    this.#identities = identities;
  }

  /** Requests are counted for the chapter that was entered last. */
  enter(chapter: string): void {
    this.#chapter = chapter;
    this.#asController.set(chapter, this.#asController.get(chapter) ?? 0);
  }

  /** How many requests were sent with the controller's permissions, by chapter. */
  get asController(): ReadonlyMap<string, number> {
    return this.#asController;
  }

  async send(request: WireRequest): Promise<WireResponse> {
    const { mode, administrator, controller, grant } = this.#identities;
    const asked = controllersPermission(request, mode);
    if (asked !== undefined && this.#canBeGranted(asked)) {
      await grant(asked);
      this.#asController.set(this.#chapter, (this.#asController.get(this.#chapter) ?? 0) + 1);
      return controller.send(request);
    }
    const [, deleted] = /^\/api\/v1\/namespaces\/([^/?]+)$/.exec(request.path) ?? [];
    if (request.method === 'DELETE' && deleted !== undefined) this.#standing.delete(deleted);
    const answer = await administrator.send(request);
    const isNew = request.method === 'POST' && request.path === '/api/v1/namespaces';
    if (isNew && answer.status === 201) this.#standing.add(nameIn(request));
    return answer;
  }

  async close(): Promise<void> {
    await Promise.all([
      this.#identities.administrator.close(),
      this.#identities.controller.close(),
    ]);
  }

  /** A Role needs an existing namespace. A cluster-wide permission applies in a deleted one, too. */
  #canBeGranted({ namespace, resource }: AskedPermission): boolean {
    if (namespace !== undefined && this.#standing.has(namespace)) return true;
    return this.#identities.mode === 'named' && resource !== 'leases';
  }
}

function nameIn({ body = '' }: WireRequest): string {
  return (JSON.parse(body) as { readonly metadata: { readonly name: string } }).metadata.name;
}
