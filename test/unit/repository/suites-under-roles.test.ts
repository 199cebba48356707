/** Every suite of test/cluster also runs under Roles, in jest’s project `roles`, or has a reason not to. */
import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const NO_CONTROLLER = 'runs no controller with permissions of its own';
const NO_PERMISSIONS = 'tests what no permission changes';
const OWN_PERMISSIONS = 'creates the permissions that it tests';

const REASONS: Readonly<Record<string, string>> = {
  alerts: NO_PERMISSIONS,
  chart: NO_CONTROLLER,
  'chart-advice': NO_CONTROLLER,
  'chart-config': NO_CONTROLLER,
  'chart-install': OWN_PERMISSIONS,
  'chart-lifecycle': OWN_PERMISSIONS,
  'chart-monitoring': NO_CONTROLLER,
  'chart-second-name': OWN_PERMISSIONS,
  'config-reload': 'takes a minute of ticks; profiles has a live change under Roles',
  contract: 'covers both by itself',
  'contract.random': NO_CONTROLLER,
  demo: 'runs as the administrator, in namespaces of its own',
  doctor: 'is about each permission in the whole cluster; namespaces-only covers the others',
  guard: 'writes to an excluded namespace, in which no Role is',
  'held-connections': NO_PERMISSIONS,
  'helm-versions': NO_CONTROLLER,
  'large-objects': 'is about the memory for all ServiceAccounts of the cluster',
  'iam-minting': NO_CONTROLLER,
  'iam-templates': NO_CONTROLLER,
  injector: NO_CONTROLLER,
  'install-pages': NO_CONTROLLER,
  kubectl: NO_CONTROLLER,
  manifests: NO_CONTROLLER,
  'moto-minting': NO_PERMISSIONS,
  'namespaces-only': OWN_PERMISSIONS,
  'nobodys-secrets': NO_PERMISSIONS,
  'pinned-image': NO_CONTROLLER,
  prometheus: NO_PERMISSIONS,
  'provoked-alerts': NO_PERMISSIONS,
  permissions: 'is about the ClusterRole',
  'removal-held-up': NO_PERMISSIONS,
  runbooks: 'is about the commands that people type',
  'selector-change': 'takes a minute of ticks, and no permission changes it',
  'start-and-stop': 'is about the process: it starts and ends the same with any permissions',
};

it('runs each end-to-end suite under Roles too, or has a reason not to', async () => {
  const all = readdirSync(`${ROOT}test/cluster`, { recursive: true, encoding: 'utf8' });
  const files = all.filter((name) => name.endsWith('.test.ts'));
  const suites = files.map((name) => basename(name, '.test.ts'));
  const underRoles = await suitesUnderRoles();

  expect(underRoles.length).toBeGreaterThan(10);
  expect([...underRoles, ...Object.keys(REASONS)].sort()).toEqual(suites.sort());
});

async function suitesUnderRoles(): Promise<readonly string[]> {
  const { default: config } = (await import(`${ROOT}jest.config.mjs`)) as {
    readonly default: { readonly projects: readonly JestProject[] };
  };
  const roles = config.projects.find(({ displayName }) => displayName === 'roles');
  return (roles?.testMatch ?? []).map((pattern) => basename(pattern, '.test.ts'));
}

interface JestProject {
  readonly displayName: string;
  readonly testMatch: readonly string[];
}
