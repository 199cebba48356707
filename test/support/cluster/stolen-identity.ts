/** Our identity in the hands of an attacker, who sends whatever RBAC allows. */
import { expect } from '@jest/globals';
import { AdminClient, type Answer, type KubeObject } from '../control-plane/admin-client.ts';
import { INSTALLED_AS } from './install.ts';
import { secretPath, SECRET_NAME } from './opted-in.ts';
import type { Rig } from './rig.ts';

export const MANAGED_BY = 'app.kubernetes.io/managed-by';
export const INSTANCE = 'app.kubernetes.io/instance';
export const LABELS = { [MANAGED_BY]: 'ecr-pull-secrets', [INSTANCE]: 'default' };
export const PULL_SECRET = {
  type: 'kubernetes.io/dockerconfigjson',
  data: { '.dockerconfigjson': Buffer.from('{"auths":{}}').toString('base64') },
};

const APPLY = { 'content-type': 'application/apply-patch+yaml' };
const MERGE = 'application/merge-patch+json';

export class StolenIdentity {
  readonly #rig: Pick<Rig, 'admin'>;
  readonly #client: AdminClient;

  private constructor(rig: Pick<Rig, 'admin'>, client: AdminClient) {
    this.#rig = rig;
    this.#client = client;
  }

  static async of(rig: Rig): Promise<StolenIdentity> {
    const kubeconfig = await rig.controlPlane.kubeconfigFor(INSTALLED_AS);
    return new StolenIdentity(rig, await AdminClient.from(kubeconfig));
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  /** Applies a Secret with our name, by default a pull secret of ours, as the controller does. */
  async applySecret(
    namespace: string,
    content: object = PULL_SECRET,
    metadata = {},
  ): Promise<Answer> {
    return this.apply(secretPath(namespace), aSecret(content, { labels: LABELS, ...metadata }));
  }

  async apply(path: string, body: object): Promise<Answer> {
    return this.#client.raw(
      'PATCH',
      `${path}?fieldManager=ecr-pull-secrets&force=true`,
      body,
      APPLY,
    );
  }

  async patch(path: string, body: object, contentType = MERGE): Promise<Answer> {
    return this.#client.raw('PATCH', path, body, { 'content-type': contentType });
  }

  async create(path: string, body: object): Promise<Answer> {
    return this.#client.raw('POST', path, body);
  }

  async delete(path: string): Promise<Answer> {
    return this.#client.raw('DELETE', path);
  }

  /** Expects that all attempts are refused, in the guard's words, and that nothing is changed. */
  async isRefused(
    words: string,
    path: string,
    attempts: () => Promise<readonly Answer[]>,
  ): Promise<void> {
    const before = await this.#rig.admin.find(path);
    for (const answer of await attempts()) expectRefusal(answer, words);
    const after = await this.#rig.admin.find(path);
    expect(after?.metadata.resourceVersion).toBe(before?.metadata.resourceVersion);
  }
}

export function expectRefusal(answer: Answer, words: string): void {
  expect(answer).toMatchObject({
    status: 403,
    body: { message: expect.stringContaining(`'ecr-pull-secrets-guard-`) },
  });
  expect((answer.body as { readonly message: string }).message).toContain(words);
}

export function aSecret(content: object, metadata = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: SECRET_NAME, ...metadata },
    ...content,
  };
}

export function entries(...names: readonly string[]) {
  return names.map((name) => ({ name }));
}
