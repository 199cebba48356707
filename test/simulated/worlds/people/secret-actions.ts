/** What people and their tools do to our Secret. */
import type { ApiObject } from '../../../../simulator/objects/api-object.ts';
import type { Kubectl } from '../../../../simulator/kubectl.ts';
import { HOUR_MS } from '../../../support/values/builders.ts';
import { SECRET_NAME } from '../model/policy.ts';
import { EPOCH_MS } from '../../../../simulator/ground/virtual-clock.ts';
import type { RandomStream } from '../random-stream.ts';
import { DUE_AT } from '../model/secret-facts.ts';

type Patch = Readonly<Record<string, unknown>>;

export class SecretActions {
  readonly #kubectl: Kubectl;
  readonly #random: RandomStream;
  readonly #nowMs: () => number;
  /** Earlier output of `kubectl get -o yaml`, for a later restore. */
  readonly #backups = new Map<string, ApiObject>();

  constructor(kubectl: Kubectl, random: RandomStream, nowMs: () => number) {
    this.#kubectl = kubectl;
    this.#random = random;
    this.#nowMs = nowMs;
  }

  delete(namespace: string): void {
    this.#kubectl.delete(targetIn(namespace));
  }

  tamper(namespace: string, patch = this.drawTampering()): void {
    if (this.#get(namespace) !== undefined) this.#kubectl.patch(targetIn(namespace), patch);
  }

  drawTampering(): Patch {
    const inMs = (ms: number): string => new Date(EPOCH_MS + this.#nowMs() + ms).toISOString();
    const annotate = (annotations: Readonly<Record<string, string>>) => ({
      metadata: { annotations },
    });
    return this.#random.pick<Patch>([
      { data: { '.dockerconfigjson': btoa('{"auths":{}}') } },
      { data: { extra: btoa('more') } },
      annotate({ 'ecr-pull-secrets.io/expires-at': inMs(8760 * HOUR_MS) }),
      annotate({ 'ecr-pull-secrets.io/tokens': '[]' }),
      annotate({ 'ecr-pull-secrets.io/tokens': 'no list' }),
      annotate({ 'ecr-pull-secrets.io/config-hash': 'forged' }),
      annotate({ [DUE_AT]: inMs(-HOUR_MS) }),
      annotate({ [DUE_AT]: inMs(100 * HOUR_MS) }),
      annotate({ [DUE_AT]: `team=${inMs(-HOUR_MS)},default=${inMs(HOUR_MS)}` }),
      { metadata: { labels: { 'app.kubernetes.io/managed-by': null } } },
      { metadata: { labels: { 'app.kubernetes.io/instance': 'another' } } },
      { metadata: { managedFields: [{}] } },
      ...(this.#random.chance(0.2) ? [{ immutable: true }] : []),
    ]);
  }

  hold(namespace: string, finalizers: readonly string[]): void {
    this.#kubectl.patch(targetIn(namespace), { metadata: { finalizers } });
  }

  /** With another type, or with the right type and no label. */
  replace(namespace: string): void {
    if (this.#get(namespace) !== undefined) this.delete(namespace);
    const data = { '.dockerconfigjson': btoa('{"auths":{"example.com":{"auth":"eA=="}}}') };
    const content = this.#random.chance(0.5)
      ? { type: 'kubernetes.io/dockerconfigjson', data }
      : { type: 'Opaque', data: { some: btoa('thing') } };
    this.#kubectl.createSecret(namespace, SECRET_NAME, content);
  }

  /** As backup tools do: with labels and annotations, without managedFields. */
  restore(namespace: string): void {
    const live = this.#get(namespace);
    const backup = this.#backups.get(namespace);
    if (backup === undefined) {
      if (live !== undefined) this.#backups.set(namespace, live);
      return;
    }
    if (live !== undefined) this.delete(namespace);
    this.#add(namespace, backup);
    this.#backups.delete(namespace);
  }

  /** As cloning policies and replicators do: the Secret of another namespace, where there is none. */
  copyTo(namespace: string, others: readonly string[]): void {
    const source = this.#get(this.#random.pick(others) ?? '');
    if (source !== undefined && this.#get(namespace) === undefined) this.#add(namespace, source);
  }

  /** To keep the Secret of a namespace that has opted out. */
  undoStamp(namespace: string): void {
    const stamp = this.#get(namespace)?.metadata.annotations?.[DUE_AT];
    if (stamp === undefined) return;
    const later = new Date(EPOCH_MS + this.#nowMs() + 100 * HOUR_MS).toISOString();
    const value = this.#random.pick([null, null, later, 'never']);
    this.#kubectl.annotate(targetIn(namespace), { [DUE_AT]: value });
  }

  #add(namespace: string, secret: ApiObject): void {
    const { labels = {}, annotations = {} } = secret.metadata;
    const data = secret['data'] as Readonly<Record<string, string>>;
    const type = String(secret['type']);
    this.#kubectl.createSecret(namespace, SECRET_NAME, { type, data, labels, annotations });
  }

  #get(namespace: string): ApiObject | undefined {
    return this.#kubectl.get(targetIn(namespace));
  }
}

function targetIn(namespace: string) {
  return { kind: 'Secret', namespace, name: SECRET_NAME } as const;
}
