/** The scene of the demo: two teams, what can be done to them, and what can be said of them. */
import { NAMESPACE_ANNOTATIONS } from '../../src/domain/contract.ts';
import { eventually } from '../../test/support/eventually.ts';
import type { Rig } from '../../test/support/rig.ts';
import { findSecret, readReferences, SECRET_NAME, type SecretFacts } from './look.ts';
import type { Narrator } from './narrator.ts';

export const TEAMS = ['team-a', 'team-b'] as const;
/** What team-b had before we came. */
export const OWN_ENTRY = 'docker-hub';
export const SOON_MS = 10_000;
const AT_ONCE_MS = 2_000;

export interface Stage {
  readonly rig: Rig;
  readonly narrator: Narrator;
}

export async function makeTeams({ rig: { admin } }: Stage): Promise<void> {
  for (const name of TEAMS) {
    await admin.create('/api/v1/namespaces', { metadata: { name } });
    const account = `/api/v1/namespaces/${name}/serviceaccounts/default`;
    await eventually({ what: `the ServiceAccount of ${name}`, limitMs: SOON_MS }, () =>
      admin.find(account),
    );
  }
  await admin.mergePatch('/api/v1/namespaces/team-b/serviceaccounts/default', {
    imagePullSecrets: [{ name: OWN_ENTRY }],
  });
}

export async function annotate(
  { rig, narrator }: Stage,
  name: string,
  value: string,
): Promise<void> {
  const key = NAMESPACE_ANNOTATIONS.enabled;
  narrator.command(`kubectl annotate --overwrite namespace ${name} ${key}=${value}`);
  const metadata = { annotations: { [key]: value } };
  await rig.admin.mergePatch(`/api/v1/namespaces/${name}`, { metadata });
}

export async function readSecret({ admin }: Rig, name: string): Promise<SecretFacts> {
  const facts = await findSecret(admin, name);
  if (facts === undefined) throw new Error(`looking at ${name}: it has no Secret`);
  return facts;
}

export async function isReady({ admin }: Rig, name: string): Promise<boolean> {
  const secret = await findSecret(admin, name);
  const references = await readReferences(admin, name, 'default');
  return (
    secret !== undefined &&
    secret.expiresAt.getTime() > Date.now() &&
    references.filter((reference) => reference === SECRET_NAME).length === 1
  );
}

export async function expectReferences(
  { admin }: Rig,
  namespace: string,
  expected: readonly string[],
): Promise<string> {
  const wanted = expected.join(', ');
  const patience = { what: `imagePullSecrets to be ${wanted}`, limitMs: AT_ONCE_MS };
  await eventually(patience, async () => {
    return (await readReferences(admin, namespace, 'default')).join(', ') === wanted;
  });
  return '';
}

export function expectCalls(actual: number, expected: number): string {
  if (actual === expected) return '';
  throw new Error(`${actual} calls instead of ${expected}`);
}
