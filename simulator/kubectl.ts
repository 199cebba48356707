/** What other people do to the cluster: synchronous calls that bypass the wire and its faults. */
import { mapOf, type ApiObject, type JsonObject } from './objects/api-object.ts';
import type { ApiRequest } from './requests/api-request.ts';
import type { ApiServer } from './server/api-server.ts';
import {
  apiVersionOf,
  CONFIG_MAPS,
  EVENTS,
  LEASES,
  NAMESPACES,
  PODS,
  SECRETS,
  SERVICE_ACCOUNTS,
  type ResourceKind,
} from './objects/resource-kinds.ts';
import { keyOf, type Store } from './objects/store.ts';

/** Identifies an object: by namespace and name, or by name alone for a Namespace. */
export interface Target {
  readonly kind:
    'Namespace' | 'ServiceAccount' | 'Secret' | 'Event' | 'Pod' | 'ConfigMap' | 'Lease';
  readonly namespace?: string;
  readonly name: string;
}

export interface NewSecret {
  readonly type?: string;
  /** Not encoded. */
  readonly stringData?: Readonly<Record<string, string>>;
  /** Base64. */
  readonly data?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

const KINDS: Readonly<Record<Target['kind'], ResourceKind>> = {
  Namespace: NAMESPACES,
  ServiceAccount: SERVICE_ACCOUNTS,
  Secret: SECRETS,
  Event: EVENTS,
  Pod: PODS,
  ConfigMap: CONFIG_MAPS,
  Lease: LEASES,
};

/** Every method throws the server's refusal as an `ApiFailure`. */
export class Kubectl {
  readonly #store: Store;
  readonly #server: ApiServer;

  constructor(store: Store, server: ApiServer) {
    this.#store = store;
    this.#server = server;
  }

  get({ kind, namespace, name }: Target): ApiObject | undefined {
    return this.#store.read(KINDS[kind], keyOf(namespace, name));
  }

  /** Sorted by namespace and name. */
  list(kind: Target['kind']): readonly ApiObject[] {
    return this.#store.objectsAt(KINDS[kind], this.#store.revision).map(([, object]) => object);
  }

  createNamespace(
    name: string,
    annotations: Readonly<Record<string, string>> = {},
    labels = {},
  ): void {
    this.#send(
      { kind: 'Namespace', name },
      { verb: 'create', body: { metadata: { name, annotations, labels } } },
    );
  }

  /** Any object; `content` may contain metadata other than the name. */
  create(target: Target, content: JsonObject = {}, manager = 'kubectl-create'): void {
    const metadata = { ...mapOf(content['metadata']), name: target.name };
    this.#send(target, { verb: 'create', body: { ...content, metadata }, manager });
  }

  createServiceAccount(namespace: string, name: string, content: JsonObject = {}): void {
    const body = { ...content, metadata: { name } };
    this.#send({ kind: 'ServiceAccount', namespace, name }, { verb: 'create', body });
  }

  createSecret(
    namespace: string,
    name: string,
    { labels, annotations, ...content }: NewSecret,
  ): void {
    const body = { ...content, metadata: { name, labels, annotations } };
    this.#send(
      { kind: 'Secret', namespace, name },
      { verb: 'create', body, manager: 'kubectl-create' },
    );
  }

  /** `null` removes an annotation. */
  annotate(target: Target, annotations: Readonly<Record<string, string | null>>): void {
    this.patch(target, { metadata: { annotations } }, 'kubectl-annotate');
  }

  /** A merge patch, as `kubectl edit` and `kubectl patch` send it. */
  patch(target: Target, body: JsonObject, manager = 'kubectl-edit'): void {
    this.#send(target, {
      verb: 'patch',
      body,
      manager,
      contentType: 'application/merge-patch+json',
    });
  }

  /** `kubectl apply --server-side`. */
  apply(target: Target, body: JsonObject, { manager = 'kubectl', force = false } = {}): void {
    const query = `fieldManager=${manager}&force=${force}`;
    this.#send(target, {
      verb: 'patch',
      body: { apiVersion: apiVersionOf(KINDS[target.kind]), kind: target.kind, ...body },
      manager,
      contentType: 'application/apply-patch+yaml',
      query,
    });
  }

  delete(target: Target): void {
    this.#send(target, { verb: 'delete' });
  }

  #send(target: Target, parts: RequestParts): void {
    const { verb, body, manager = 'kubectl', contentType = 'application/json', query } = parts;
    const request: ApiRequest = {
      user: 'admin',
      verb,
      kind: KINDS[target.kind],
      namespace: target.namespace,
      name: target.name,
      query: new URLSearchParams(query),
      isNamedWatch: false,
      metadataOnly: false,
      contentType,
      body: body === undefined ? '' : JSON.stringify(body),
      manager,
    };
    this.#server.answer(request);
  }
}

interface RequestParts {
  readonly verb: 'create' | 'patch' | 'delete';
  readonly body?: JsonObject;
  readonly manager?: string;
  readonly contentType?: string;
  readonly query?: string;
}
