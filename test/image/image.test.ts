/** The image is built from the Dockerfile, inspected, and run. */
import { readFileSync } from 'node:fs';
import { chmod, copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/suite/eventually.ts';
import { FakeAws } from '../support/aws/fake-aws.ts';
import { type BuiltImage, buildImage } from '../support/image/build-image.ts';
import { Container } from '../support/image/container.ts';
import { ServedCluster } from '../support/simulated/served-cluster.ts';

const LIMIT_MB = 200;
/** Half of the Deployment's `terminationGracePeriodSeconds`. */
const STOP_MS = 15_000;
const REVISION = '0123456789abcdef0123456789abcdef01234567';

const packageFile = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'),
) as { readonly name: string; readonly version: string; readonly license: string };

let image: BuiltImage;
let cluster: ServedCluster;
let aws: FakeAws;
/** The directory that containers see as /mounted. */
let mounted: string | undefined;
const containers: Container[] = [];

beforeAll(async () => {
  // First: a failure here must not leave servers running.
  image = await buildImage({
    VERSION: packageFile.version,
    REVISION,
    CREATED: '2026-01-02T03:04:05Z',
  });
  [cluster, aws] = await Promise.all([ServedCluster.start(), FakeAws.start()]);
  mounted = await mkdtemp(join(tmpdir(), 'mounted-'));
  await chmod(mounted, 0o755);
  const kubeconfig = join(mounted, 'kubeconfig');
  await copyFile(cluster.kubeconfigOf('admin'), kubeconfig);
  await chmod(kubeconfig, 0o644);
}, 300_000);
afterAll(async () => {
  await Promise.all(containers.map(async (container) => container.kill()));
  await Promise.all([image?.close(), cluster?.stop(), aws?.stop()]);
  if (mounted !== undefined) await rm(mounted, { recursive: true });
});

describe('the image', () => {
  it('is smaller than 200 MB with the Node runtime', () => {
    const sizeMb = image.bytes / 1e6;
    process.stdout.write(`the image has ${sizeMb.toFixed(1)} MB\n`);

    expect(sizeMb).toBeGreaterThan(50);
    expect(sizeMb).toBeLessThan(LIMIT_MB);
  });

  it('contains the bundle and the demo, and no npm package', () => {
    expect(image.paths.filter((path) => path.startsWith('app/')).sort()).toEqual([
      'app/LICENSE',
      'app/demo.mjs',
      'app/main.mjs',
      'app/main.mjs.LEGAL.txt',
    ]);
    expect(image.paths.filter((path) => /node_modules|npm/.test(path))).toEqual([]);
  });

  it('keeps no secrets from its build', () => {
    expect(image.paths.filter((path) => /npmrc$|\.pem$|^root|^run/.test(path))).toEqual([]);
  });

  it('starts with a command in exec form as a numeric user, and stops with SIGTERM', () => {
    expect(image.config).toMatchObject({
      User: '65532:65532',
      Entrypoint: ['node', '--disable-sigusr1', '/app/main.mjs'],
      Cmd: ['run'],
      StopSignal: 'SIGTERM',
      ExposedPorts: { '8080/tcp': {} },
    });
  });

  it('keeps memory small with settings of Node and malloc', () => {
    const [options = ''] = image.config.Env.filter((pair) => pair.startsWith('NODE_OPTIONS='));

    expect(options).toContain('--max-old-space-size-percentage=50');
    expect(options).toContain('--max-semi-space-size=2');
    expect(image.config.Env).toContain('MALLOC_ARENA_MAX=2');
  });

  it('has labels that name its content and source', () => {
    const prefix = 'org.opencontainers.image.';
    expect(image.config.Labels).toMatchObject({
      [`${prefix}title`]: packageFile.name,
      [`${prefix}licenses`]: packageFile.license,
      [`${prefix}version`]: packageFile.version,
      [`${prefix}revision`]: REVISION,
      [`${prefix}created`]: '2026-01-02T03:04:05Z',
      [`${prefix}source`]: expect.stringMatching(/^https:\/\//),
    });
  });
});

describe('a container', () => {
  it.each([
    { args: ['version'] },
    // As in `kubectl exec … -- node /app/main.mjs doctor`.
    { command: ['node', '/app/main.mjs', 'version'] },
  ])('runs the command in its arguments: %j', async (asked) => {
    const container = start(asked);

    expect(await container.exited).toBe(0);
    expect(container.output).toBe(packageFile.version);
  });

  it('runs the controller by default, serves /livez, ignores SIGUSR1, and exits with 0 on SIGTERM', async () => {
    const container = start({
      env: {
        ECR_PULL_SECRETS_KUBECONFIG: '/mounted/kubeconfig',
        ECR_PULL_SECRETS_LISTEN: '127.0.0.1:0',
        AWS_REGION: 'eu-west-1',
        AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
        AWS_SECRET_ACCESS_KEY: 'example',
        AWS_ENDPOINT_URL_ECR: aws.url,
        AWS_ENDPOINT_URL_STS: aws.url,
      },
    });
    const { port } = await container.logged('started');
    const statusOf = async (path: string): Promise<number> =>
      (await fetch(`http://127.0.0.1:${String(port)}${path}`)).status;

    expect(await statusOf('/livez')).toBe(200);
    await container.signal('USR1');
    await eventually({ what: 'readiness', limitMs: 30_000 }, async () => {
      return (await statusOf('/readyz')) === 200;
    });
    const status = await container.status();
    expect(status).toMatch(/^Uid:\t65532\t65532\t65532\t65532$/m);
    expect(status).toMatch(/^CapEff:\t0+$/m);

    const askedAt = Date.now();
    expect(await container.stop()).toBe(0);
    expect(Date.now() - askedAt).toBeLessThan(STOP_MS);
    expect(container.output).not.toContain('Debugger listening');
  });
});

/** Stopped after the tests, if it has not ended before. */
function start(options: Omit<ConstructorParameters<typeof Container>[1], 'mounted'>): Container {
  if (mounted === undefined) throw new Error('cannot start a container: nothing is prepared');
  const container = new Container(image, { mounted, ...options });
  containers.push(container);
  return container;
}
