/** The real SDK behind a corporate proxy: every AWS name leads, only through the proxy, to a simulated AWS with a private CA. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { KubeConfig } from '@kubernetes/client-node';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, inspect } from 'node:util';
import { EcrTokenMinter } from '../../../../src/aws/ecr-token-minter.ts';
import { openAwsNetwork } from '../../../../src/aws/network/open-network.ts';
import type { Identity } from '../../../../src/domain/identity.ts';
import {
  type ControllerError,
  StalledError,
  TransientError,
  renderError,
} from '../../../../src/domain/errors.ts';
import { KubeconfigWire } from '../../../../src/kubernetes/wire/kubeconfig-wire.ts';
import { newAuthority } from '../../../../simulator/http/certificates.ts';
import { useAwsEnvironment } from '../../../support/aws/aws-environment.ts';
import { identityWith } from '../../../support/aws/aws-world.ts';
import { anIdentity } from '../../../support/values/builders.ts';
import type { ConnectProxy } from '../../../support/aws/connect-proxy.ts';
import { eventually } from '../../../support/suite/eventually.ts';
import { controllerErrorOf } from '../../../support/suite/failure-of.ts';
import { ProxiedAws } from '../../../support/aws/proxied-aws.ts';
import { systemClock } from '../../../../src/base/system-clock.ts';
import { RecordedLog } from '../../../support/ports/recorded-log.ts';

const ECR = 'api.ecr.eu-west-1.amazonaws.com';
const ECR_PUBLIC = 'api.ecr-public.us-east-1.amazonaws.com';
const STS = 'sts.eu-west-1.amazonaws.com';
const REGISTRY = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const keys = { AWS_ACCESS_KEY_ID: 'AKIASIMULATED', AWS_SECRET_ACCESS_KEY: 'secret' };
/** Real time: a busy machine takes a while to load what the SDK loads lazily. */
const timeouts = { connectionMs: 1_000, requestMs: 2_000, credentialsMs: 1_000 };
const never = new AbortController().signal;

let aws: ProxiedAws;
let proxy: ConnectProxy;
let log: RecordedLog;
let restore: () => void;
const minters: EcrTokenMinter[] = [];

beforeEach(async () => {
  aws = await ProxiedAws.start();
  ({ proxy } = aws.way);
  log = new RecordedLog();
  restore = useAwsEnvironment(keys);
});

afterEach(async () => {
  for (const minter of minters.splice(0)) minter.close();
  restore();
  await aws.stop();
});

/** In an environment with the proxy and the CA, unless overridden. */
async function openMinter(change: Readonly<Record<string, string>> = {}): Promise<EcrTokenMinter> {
  const travel = { HTTPS_PROXY: aws.proxyUrl, AWS_CA_BUNDLE: aws.caFile, ...change };
  const { HTTPS_PROXY, HTTP_PROXY, NO_PROXY, ...ofTheSdk } = travel as Record<string, string>;
  restore();
  restore = useAwsEnvironment({ ...keys, ...ofTheSdk });
  const environment = { ...process.env, HTTPS_PROXY, HTTP_PROXY, NO_PROXY, https_proxy: '' };
  const network = await openAwsNetwork(environment, log);
  const minter = new EcrTokenMinter({ clock: systemClock, environment, timeouts, network });
  minters.push(minter);
  return minter;
}

function failureOf(minter: EcrTokenMinter, identity: Identity): Promise<ControllerError> {
  return controllerErrorOf(minter.mint(identity, never));
}

function untilClosed(): Promise<unknown> {
  const patience = { what: 'the connections to end', limitMs: 5_000, everyMs: 5 };
  return eventually(patience, () => proxy.open === 0);
}

/** A web identity in this process’s folder, followed by a role. */
function chained(): Identity {
  const roleArn = 'arn:aws:iam::123456789012:role/puller';
  const explicit = { roleArn, tokenFile: writeToken(), sessionName: undefined };
  const second = { roleArn: 'arn:aws:iam::123456789012:role/second' };
  return identityWith({ kind: 'webIdentity', explicit }, [second]);
}

function writeToken(): string {
  const tokenFile = join(aws.dir, 'token');
  writeFileSync(tokenFile, 'web.identity.token');
  return tokenFile;
}

describe('Behind a proxy that requires a password, with a private CA', () => {
  it('ECR, each call to STS and the registry that verifies the token are reached', async () => {
    const minter = await openMinter();

    const token = await minter.mint({ ...chained(), verifyHosts: [REGISTRY] }, never);

    expect(token.ownRegistry).toBe(REGISTRY);
    expect(proxy.tunnels).toEqual([STS, STS, ECR, REGISTRY].map((host) => `${host}:443`));
    expect(aws.calls.map(({ action }) => action)).toEqual([
      'AssumeRoleWithWebIdentity',
      'AssumeRole',
      'GetAuthorizationToken',
      'GET /v2/',
    ]);
  });

  it('ECR Public and its registry are reached', async () => {
    const verifyHosts = ['public.ecr.aws'];
    const identity = { service: 'ecr-public', region: 'us-east-1', verifyHosts } as const;

    const token = await (await openMinter()).mint(anIdentity('default', identity), never);

    expect(token.ownRegistry).toBe('public.ecr.aws');
    expect(proxy.tunnels).toEqual([`${ECR_PUBLIC}:443`, 'public.ecr.aws:443']);
  });

  it('the default chain of the SDK calls its STS through the proxy', async () => {
    const minter = await openMinter({
      AWS_ACCESS_KEY_ID: '',
      AWS_ROLE_ARN: 'arn:aws:iam::210987654321:role/puller',
      AWS_WEB_IDENTITY_TOKEN_FILE: writeToken(),
    });

    await minter.mint(anIdentity(), never);

    expect(proxy.tunnels).toEqual([`${STS}:443`, `${ECR}:443`]);
  });

  it('nothing stays open when the token is there', async () => {
    await (await openMinter()).mint(anIdentity(), never);

    await untilClosed();
  });

  it('the text about it contains its address and no password', async () => {
    await openMinter();

    expect(log.lines).toMatchObject([
      { fields: { httpsProxy: proxy.url(), caBundle: aws.caFile } },
    ]);
    expect(JSON.stringify(log.lines)).not.toContain('hunter2');
  });
});

describe('A proxy that does not let us through', () => {
  const identities = [
    ['ECR', anIdentity],
    ['STS', chained],
  ] as const;

  describe.each(identities)('to %s', (service, identityFor) => {
    it.each([407, 403])(
      'with %i is reported as refusing, and a person must act',
      async (status) => {
        proxy.answer = status;

        const error = await failureOf(await openMinter(), identityFor());

        expect(error).toBeInstanceOf(StalledError);
        expect(error.code).toBe('AWS_PROXY_REFUSED');
        expect(renderError(error)).toMatch(/the proxy refused the request \(.*\); .*HTTPS_PROXY/);
        expect(error.message).toContain(`HTTP ${status}`);
        expect(renderError(error).includes('no AWS credentials')).toBe(service === 'STS');
        expect(aws.calls).toEqual([]);
      },
    );

    it.each([502, 'cut', 'hang'] as const)('(%s) is reported as unreachable', async (answer) => {
      proxy.answer = answer;

      const error = await failureOf(await openMinter(), identityFor());

      expect(error).toBeInstanceOf(TransientError);
      expect(error.code).toBe('AWS_PROXY_UNREACHABLE');
      await untilClosed();
    });

    it.each(['http://127.0.0.1:1', 'http://proxy.invalid:3128'])(
      'because there is none at %s is reported as unreachable',
      async (url) => {
        const error = await failureOf(await openMinter({ HTTPS_PROXY: url }), identityFor());

        expect(error.code).toBe('AWS_PROXY_UNREACHABLE');
        expect(renderError(error)).toMatch(/ECONNREFUSED|ENOTFOUND|EAI_AGAIN/);
      },
    );
  });

  it('without the right password is reported as refusing, without the password', async () => {
    const minter = await openMinter({ HTTPS_PROXY: proxy.url('jane:hunter3') });

    const error = await failureOf(minter, anIdentity());

    expect(error).toMatchObject({ code: 'AWS_PROXY_REFUSED' });
    const all = { depth: 20, showHidden: true } as const;
    const printed = [inspect(error, all), format('%O', error.cause), error.stack, log.lines];
    expect(JSON.stringify(printed)).not.toMatch(/hunter3|amFuZTpodW50ZXIz/);
  });

  it('to a plain endpoint is reported the same way', async () => {
    const minter = await openMinter({
      AWS_ENDPOINT_URL_ECR: 'http://ecr.invalid',
      HTTP_PROXY: proxy.url('jane:hunter3'),
    });

    expect(await failureOf(minter, anIdentity())).toMatchObject({ code: 'AWS_PROXY_REFUSED' });
    expect(proxy.plain).toEqual(['http://ecr.invalid/']);
    expect(proxy.tunnels).toEqual([]);
  });
});

describe('Not through the proxy', () => {
  it('are the hosts in NO_PROXY reached', async () => {
    const endpoint = { AWS_ENDPOINT_URL_ECR: 'https://ecr.invalid' };
    const through = await openMinter(endpoint);
    await through.mint(anIdentity(), never);
    expect(proxy.tunnels).toEqual(['ecr.invalid:443']);

    const past = await openMinter({ ...endpoint, NO_PROXY: '.svc,invalid' });

    expect(await failureOf(past, anIdentity())).toMatchObject({
      code: expect.stringMatching(/^ECR_(WRONG_ENDPOINT|UNAVAILABLE|TIMEOUT)$/),
    });
    expect(proxy.tunnels).toHaveLength(1);
  });

  it('is loopback reached, with the private CA still trusted', async () => {
    const minter = await openMinter({ AWS_ENDPOINT_URL_ECR: aws.way.server.url });

    await minter.mint(anIdentity(), never);

    expect(proxy.tunnels).toEqual([]);
    expect(aws.tokensMinted).toBe(1);
  });

  const metadata = { AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://imds.invalid' };
  const agent = { AWS_CONTAINER_AUTHORIZATION_TOKEN: 'token' };
  it.each([
    ['instanceProfile', metadata],
    ['auto', metadata],
    ['podIdentity', { ...agent, AWS_CONTAINER_CREDENTIALS_FULL_URI: 'https://agent.invalid/' }],
    ['auto', { ...agent, AWS_CONTAINER_CREDENTIALS_FULL_URI: 'https://agent.invalid/' }],
  ] as const)('is the service reached that %s asks on the node (%j)', async (kind, variables) => {
    const minter = await openMinter({
      AWS_ACCESS_KEY_ID: '',
      AWS_EC2_METADATA_DISABLED: 'false',
      HTTP_PROXY: aws.proxyUrl,
      ...variables,
    });

    const error = await failureOf(minter, anIdentity('default', { source: { kind } }));

    expect(renderError(error)).toContain('no AWS credentials');
    expect([...proxy.tunnels, ...proxy.plain]).toEqual([]);
  });

  it('is the API server reached', async () => {
    const kubeConfig = new KubeConfig();
    const cluster = { name: 'c', skipTLSVerify: false, server: 'https://api-server.invalid' };
    kubeConfig.loadFromClusterAndUser(cluster, { name: 'u' });
    const saved = process.env['HTTPS_PROXY'];
    process.env['HTTPS_PROXY'] = aws.proxyUrl;
    const wire = new KubeconfigWire({ kubeConfig, clock: systemClock });

    const asking = wire.send({ method: 'GET', path: '/version', headers: {}, signal: never });

    await expect(asking).rejects.toThrow(/ENOTFOUND|EAI_AGAIN|getaddrinfo/);
    expect(proxy.tunnels).toEqual([]);
    await wire.close();
    if (saved === undefined) delete process.env['HTTPS_PROXY'];
    else process.env['HTTPS_PROXY'] = saved;
  });
});

describe('The CA file', () => {
  it('makes a private CA trusted, and the error names its variable', async () => {
    const error = await failureOf(await openMinter({ AWS_CA_BUNDLE: '' }), anIdentity());

    expect(error).toMatchObject({ code: 'ECR_UNTRUSTED_CERTIFICATE' });
    expect(renderError(error)).toContain('AWS_CA_BUNDLE');
  });

  it('may be replaced without a restart, and a bad one is logged and changes nothing', async () => {
    writeFileSync(aws.caFile, newAuthority('another CA').certPem);
    const minter = await openMinter();
    expect(await failureOf(minter, anIdentity())).toMatchObject({
      code: 'ECR_UNTRUSTED_CERTIFICATE',
    });

    writeFileSync(aws.caFile, aws.way.caPem);
    await minter.mint(anIdentity(), never);
    writeFileSync(aws.caFile, 'half a fil');
    await minter.mint(anIdentity(), never);

    expect(aws.tokensMinted).toBe(2);
    expect(log.messages('error')).toEqual([
      'file of AWS_CA_BUNDLE is unusable; its last content stays trusted',
    ]);
  });
});
