/** Namespaces and pull secrets as a test sees them: what people write, and what they get. */
import { eventually } from './eventually.ts';
import { tokenNumberOf } from '../../src/simulator/aws/token-password.ts';
import type { AdminClient, KubeObject } from './control-plane/admin-client.ts';

export const ENABLED = { 'ecr-pull-secrets.io/enabled': 'true' } as const;
export const SECRET_NAME = 'ecr-pull-secret';

/** Of a key of our contract. */
export function annotationKey(name: string): string {
  return `ecr-pull-secrets.io/${name}`;
}

export function secretPath(namespace: string): string {
  return `/api/v1/namespaces/${namespace}/secrets/${SECRET_NAME}`;
}

export function accountPath(namespace: string, name = 'default'): string {
  return `/api/v1/namespaces/${namespace}/serviceaccounts/${name}`;
}

/** In order; empty where there are none, or no such ServiceAccount. */
export async function entriesOf(
  admin: AdminClient,
  namespace: string,
  name = 'default',
): Promise<readonly string[]> {
  const account = await admin.find(accountPath(namespace, name));
  return entriesIn(account);
}

export function entriesIn(
  account: Readonly<Record<string, unknown>> | undefined,
): readonly string[] {
  const entries = (account?.['imagePullSecrets'] ?? []) as readonly { readonly name: string }[];
  return entries.map(({ name }) => name);
}

/** Host to number of the fake's token. Throws an Error where it is not a Secret that the kubelet would take. */
export function tokensIn(secret: KubeObject): Readonly<Record<string, number>> {
  if (secret['type'] !== 'kubernetes.io/dockerconfigjson') throw new Error('reading: wrong type');
  const data = secret['data'] as Readonly<Record<string, string>>;
  if (Object.keys(data).join() !== '.dockerconfigjson') throw new Error('reading: other data');
  const text = Buffer.from(data['.dockerconfigjson'] ?? '', 'base64').toString();
  const { auths } = JSON.parse(text) as { auths: Readonly<Record<string, { auth: string }>> };
  const numbers = Object.entries(auths).map(([host, { auth }]) => {
    const [user, password = ''] = Buffer.from(auth, 'base64').toString().split(':');
    const number = tokenNumberOf(password);
    if (user !== 'AWS' || number === undefined) throw new Error(`reading ${host}: no token`);
    return [host, number] as const;
  });
  return Object.fromEntries(numbers);
}

/** Waits until there is a pull secret and `default` names it once. */
export async function untilReady(
  admin: AdminClient,
  namespace: string,
  limitMs = 15_000,
): Promise<KubeObject> {
  return eventually({ what: `a pull secret in ${namespace}`, limitMs, everyMs: 20 }, async () => {
    const secret = await admin.find(secretPath(namespace));
    const entries = await entriesOf(admin, namespace);
    const isAttached = entries.filter((name) => name === SECRET_NAME).length === 1;
    return secret !== undefined && isAttached ? secret : undefined;
  });
}

export interface EventText {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}

/** The Events of a namespace as its tenants see them. */
export async function eventsIn(
  admin: AdminClient,
  namespace: string,
): Promise<readonly EventText[]> {
  const events = await admin.list(`/api/v1/namespaces/${namespace}/events`);
  return events.map((event) => event as unknown as EventText);
}

/** Waits for an Event of this reason. */
export async function untilEvent(
  admin: AdminClient,
  namespace: string,
  reason: string,
): Promise<EventText> {
  const what = `the Event ${reason} in ${namespace}`;
  return eventually({ what, limitMs: 15_000 }, async () =>
    (await eventsIn(admin, namespace)).find((event) => event.reason === reason),
  );
}
