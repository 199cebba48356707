import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { StalledError } from '../../../../src/domain/errors.ts';
import {
  defaultKubeconfigs,
  loadKubeConfig,
} from '../../../../src/kubernetes/wire/load-kube-config.ts';

let directory: string;
const environment = { ...process.env };

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
  process.env = { ...environment };
});

async function write(text: string): Promise<string> {
  const file = join(directory, 'config');
  await writeFile(file, text);
  return file;
}

const twoContexts = `
apiVersion: v1
kind: Config
current-context: one
clusters:
- {name: c1, cluster: {server: "https://one:6443"}}
- {name: c2, cluster: {server: "https://two:6443", proxy-url: "http://proxy:3128"}}
users:
- {name: u, user: {token: t}}
- {name: f, user: {token: old, tokenFile: secrets/token}}
contexts:
- {name: one, context: {cluster: c1, user: u}}
- {name: two, context: {cluster: c2, user: f, namespace: team-a}}
- {name: clusterless, context: {cluster: nowhere, user: u}}
- {name: userless, context: {cluster: c1, user: nobody}}
`;

function faultOf(load: () => unknown): unknown {
  try {
    return load();
  } catch (error) {
    return error;
  }
}

describe('loadKubeConfig', () => {
  it('uses the current context of the file', async () => {
    const config = loadKubeConfig({ kubeconfig: await write(twoContexts) });

    expect(config.getCurrentCluster()?.server).toBe('https://one:6443');
  });

  it('uses the named context', async () => {
    const config = loadKubeConfig({ kubeconfig: await write(twoContexts), context: 'two' });

    expect(config.getCurrentCluster()).toMatchObject({
      server: 'https://two:6443',
      proxyUrl: 'http://proxy:3128',
    });
  });

  it('reads token files, relative to the kubeconfig, and prefers them to tokens', async () => {
    const config = loadKubeConfig({ kubeconfig: await write(twoContexts), context: 'two' });

    const user = config.getCurrentUser();
    expect(user?.token).toBeUndefined();
    expect(user?.authProvider).toEqual({
      name: 'tokenFile',
      config: { tokenFile: join(directory, 'secrets/token') },
    });
  });

  it.each([
    ['unknown context', 'three', 'KUBECONFIG_CONTEXT_UNKNOWN', 'its contexts: one, two'],
    ['context without its cluster', 'clusterless', 'KUBECONFIG_INVALID', 'nowhere'],
    ['context without its user', 'userless', 'KUBECONFIG_INVALID', 'nobody'],
  ])('names the fault of an %s', async (_, context, code, words) => {
    const kubeconfig = await write(twoContexts);

    const fault = faultOf(() => loadKubeConfig({ kubeconfig, context }));

    expect(fault).toBeInstanceOf(StalledError);
    expect(fault).toMatchObject({ code, message: expect.stringContaining(words) });
  });

  it.each([
    ['no YAML', 'a: [1,'],
    ['an empty file', ''],
    ['a list', '- 1'],
    ['a cluster without a name', 'clusters: [{cluster: {server: x}}]'],
  ])('reports %s as a fault of the file', async (_, text) => {
    const kubeconfig = await write(text);

    expect(faultOf(() => loadKubeConfig({ kubeconfig }))).toBeInstanceOf(StalledError);
  });

  it('reports a file without a current context', async () => {
    const kubeconfig = await write(twoContexts.replace('current-context: one', ''));

    expect(faultOf(() => loadKubeConfig({ kubeconfig }))).toMatchObject({
      code: 'KUBECONFIG_CONTEXT_UNKNOWN',
      message: expect.stringMatching(/no current-context \(its contexts: one, two, /),
      fix: 'choose one with --context',
    });
  });

  it('uses no server on this machine if nothing is configured', () => {
    const defaults = defaultKubeconfigs(undefined, directory);

    expect(faultOf(() => loadKubeConfig({ defaults }, directory))).toMatchObject({
      code: 'KUBECONFIG_UNREADABLE',
      message: expect.stringMatching(/^finding the API server: there are no service-account files/),
      fix: 'pass a kubeconfig with --kubeconfig',
    });
  });

  it('uses kubectl’s default file, token files included', async () => {
    await mkdir(join(directory, '.kube'));
    await writeFile(join(directory, '.kube', 'config'), twoContexts);
    const defaults = defaultKubeconfigs('', directory);

    const config = loadKubeConfig({ defaults, context: 'two' }, directory);

    expect(config.getCurrentUser()?.authProvider).toEqual({
      name: 'tokenFile',
      config: { tokenFile: join(directory, '.kube', 'secrets', 'token') },
    });
  });

  it('merges the files of KUBECONFIG, skipping those that do not exist', async () => {
    const first = join(directory, 'first');
    await writeFile(first, twoContexts.replaceAll(/\b(c1|c2|one|two|u|f)\b/g, '$1-first'));
    const listed = [first, join(directory, 'none'), await write(twoContexts)].join(delimiter);

    const config = loadKubeConfig({ defaults: defaultKubeconfigs(listed, '/nowhere') }, directory);

    expect(config.getCurrentContext()).toBe('one-first');
    expect(config.getContexts().map(({ name }) => name)).toContain('two');
  });

  it('quotes nothing from a file that cannot be parsed', async () => {
    const kubeconfig = await write('users:\n- {name: u, user: {token: SENSITIVE}\nx: [');

    const fault = faultOf(() => loadKubeConfig({ kubeconfig }));

    expect(inspect(fault, { depth: 9 })).not.toContain('SENSITIVE');
  });

  it('names a file that does not exist, and the fix', () => {
    const kubeconfig = join(directory, 'none');

    const fault = faultOf(() => loadKubeConfig({ kubeconfig }));

    expect(fault).toMatchObject({
      code: 'KUBECONFIG_UNREADABLE',
      message: expect.stringContaining(kubeconfig),
      fix: 'pass a readable one with --kubeconfig',
    });
  });
});

describe('loadKubeConfig in a cluster', () => {
  const files = 'var/run/secrets/kubernetes.io/serviceaccount';

  beforeEach(async () => {
    await mkdir(join(directory, files), { recursive: true });
    await writeFile(join(directory, files, 'token'), 'tok');
    await writeFile(join(directory, files, 'namespace'), 'ecr-pull-secrets\n');
  });

  it('uses the service account, and its namespace', () => {
    Object.assign(process.env, {
      KUBERNETES_SERVICE_HOST: 'fd00::1',
      KUBERNETES_SERVICE_PORT: '443',
    });

    const config = loadKubeConfig({}, directory);

    expect(config.getCurrentCluster()).toMatchObject({
      server: 'https://[fd00::1]:443',
      caFile: join(directory, files, 'ca.crt'),
    });
  });

  it('reports a missing address of the API server', () => {
    delete process.env['KUBERNETES_SERVICE_HOST'];

    expect(faultOf(() => loadKubeConfig({}, directory))).toMatchObject({
      code: 'KUBECONFIG_INVALID',
    });
  });

  it('prefers an explicit kubeconfig', async () => {
    const kubeconfig = await write(twoContexts);

    expect(loadKubeConfig({ kubeconfig }, directory).getCurrentContext()).toBe('one');
  });
});
