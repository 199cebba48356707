/** Every registry host of every partition: which endpoint mints its token, and which images its entry in the Secret opens. */
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { parseEcrAnswer } from '../../../../src/aws/ecr/ecr-answer.ts';
import { EcrTokenMinter } from '../../../../src/aws/ecr-token-minter.ts';
import { openAwsNetwork } from '../../../../src/aws/network/open-network.ts';
import { identityOf } from '../../../../src/config/identity-of.ts';
import { parseRegistryHost } from '../../../../src/domain/token/registry-host.ts';
import { credentialsFor } from '../../../../simulator/kubelet.ts';
import { GIVEN as credentials, openMinter } from '../../../support/aws/open-minter.ts';
import { useAwsEnvironment } from '../../../support/aws/aws-environment.ts';
import { closeAfterAll } from '../../../support/suite/close-after-all.ts';
import { ConnectProxy } from '../../../support/aws/connect-proxy.ts';
import { systemClock } from '../../../../src/base/system-clock.ts';
import { RecordedLog } from '../../../support/ports/recorded-log.ts';

const ACCOUNT = '123456789012';
const never = new AbortController().signal;
let restore: () => void;
beforeEach(() => {
  restore = useAwsEnvironment({});
});
afterEach(() => restore());

interface Row {
  readonly partition: string;
  readonly region: string;
  /** IPv4, FIPS, dual-stack and dual-stack FIPS forms, where they exist; the account comes first. */
  readonly hosts: readonly string[];
  /** API hosts: plain, with FIPS, with dual-stack, with both. */
  readonly api: readonly [string, string, string, string];
}

interface Suffixes {
  readonly suffix: string;
  readonly dualSuffix?: string;
  readonly apiSuffix: string;
  readonly hasFips?: boolean;
}

function row(
  partition: string,
  region: string,
  { suffix, dualSuffix, apiSuffix, hasFips = false }: Suffixes,
): Row {
  return {
    partition,
    region,
    hosts: [
      `dkr.ecr.${region}.${suffix}`,
      ...(hasFips ? [`dkr.ecr-fips.${region}.${suffix}`] : []),
      ...(dualSuffix === undefined ? [] : [`dkr-ecr.${region}.${dualSuffix}`]),
      ...(hasFips ? [`dkr-ecr-fips.${region}.${dualSuffix}`] : []),
    ],
    api: [
      `api.ecr.${region}.${suffix}`,
      `api.ecr-fips.${region}.${suffix}`,
      `ecr.${region}.${apiSuffix}`,
      `ecr-fips.${region}.${apiSuffix}`,
    ],
  };
}

const US = { suffix: 'amazonaws.com', dualSuffix: 'on.aws', apiSuffix: 'api.aws' };
const ROWS: readonly Row[] = [
  row('aws', 'eu-west-1', US),
  row('aws', 'us-east-1', { ...US, hasFips: true }),
  row('aws-us-gov', 'us-gov-west-1', { ...US, hasFips: true }),
  row('aws-cn', 'cn-north-1', {
    suffix: 'amazonaws.com.cn',
    dualSuffix: 'on.amazonwebservices.com.cn',
    apiSuffix: 'api.amazonwebservices.com.cn',
  }),
  row('aws-iso', 'us-iso-east-1', {
    suffix: 'c2s.ic.gov',
    dualSuffix: 'on.aws.ic.gov',
    apiSuffix: 'api.aws.ic.gov',
  }),
  row('aws-iso-b', 'us-isob-east-1', {
    suffix: 'sc2s.sgov.gov',
    dualSuffix: 'on.aws.scloud',
    apiSuffix: 'api.aws.scloud',
  }),
  row('aws-iso-e', 'eu-isoe-west-1', {
    suffix: 'cloud.adc-e.uk',
    dualSuffix: 'on.cloud-aws.adc-e.uk',
    apiSuffix: 'api.cloud-aws.adc-e.uk',
  }),
  row('aws-iso-f', 'us-isof-south-1', {
    suffix: 'csp.hci.ic.gov',
    dualSuffix: 'on.aws.hci.ic.gov',
    apiSuffix: 'api.aws.hci.ic.gov',
  }),
  row('aws-eusc', 'eusc-de-east-1', {
    suffix: 'amazonaws.eu',
    apiSuffix: 'api.amazonwebservices.eu',
  }),
];

const PRIVATE_HOSTS = ROWS.flatMap(({ partition, region, hosts, api }) =>
  hosts.map((host) => [`${ACCOUNT}.${host}`, partition, region, `https://${api[0]}/`] as const),
);
const PUBLIC_HOSTS = ['public.ecr.aws', 'ecr-public.aws.com'].map(
  (host) => [host, 'aws', 'us-east-1', 'https://api.ecr-public.us-east-1.amazonaws.com/'] as const,
);

describe.each([...PRIVATE_HOSTS, ...PUBLIC_HOSTS])('%s', (host, partition, region, endpoint) => {
  it(`belongs to ${partition} and ${region}, whose endpoint mints its token`, async () => {
    const parsed = parseRegistryHost(host);
    expect(parsed).toMatchObject({ host, partition, region });
    const service = parsed.kind === 'public' ? 'ecr-public' : 'ecr';
    const { minter, sent } = openMinter();

    const token = await minter.mint(identityOf({ service, region }), never);

    expect(sent.map(({ url }) => url)).toEqual([endpoint]);
    expect(parseRegistryHost(token.ownRegistry)).toMatchObject({ partition, region });
  });

  it('opens the images of that host to a kubelet, and those of no look-alike', () => {
    const config = JSON.stringify({ auths: { [host]: { auth: btoa('AWS:password') } } });

    for (const image of [
      `${host}/app`,
      `${host}/team/app:1.2`,
      `${host}/app@sha256:${'0'.repeat(64)}`,
    ]) {
      expect(credentialsFor(image, config)).toMatchObject([{ key: host, username: 'AWS' }]);
    }
    const lookAlikes = [
      `${host}.evil.io/app`,
      `evil.${host}/app`,
      `${host}:5000/app`,
      `${host.replace(/^[^.]+/, '$&0')}/app`,
      `${host.replace(/\.([^.]+)$/, 'x.$1')}/app`,
      `evil.io/${host}/app`,
    ];
    expect(lookAlikes.flatMap((image) => credentialsFor(image, config))).toEqual([]);
  });
});

describe('The answer of ECR', () => {
  it.each(ROWS.map(({ partition, region, hosts }) => [partition, region, hosts[0]] as const))(
    'is believed in %s only with a registry of that partition',
    (_partition, region, host) => {
      const answer = (proxyEndpoint: string) => ({
        authorizationData: [{ authorizationToken: btoa('AWS:x'), proxyEndpoint }],
      });

      const { ownRegistry } = parseEcrAnswer(answer(`https://${ACCOUNT}.${host}`), region);

      expect(ownRegistry).toBe(`${ACCOUNT}.${host}`);
      for (const other of ROWS.filter((each) => each.region !== region)) {
        const foreign = answer(`https://${ACCOUNT}.${other.hosts[0]}`);
        expect(() => parseEcrAnswer(foreign, region)).toThrow('not a registry in');
      }
    },
  );
});

describe('The endpoint that the environment asks for', () => {
  let proxy: ConnectProxy;
  beforeAll(async () => {
    proxy = await ConnectProxy.start({ port: 1 });
    proxy.answer = 403;
  });
  closeAfterAll(() => [proxy]);
  beforeEach(() => {
    proxy.tunnels.splice(0);
  });

  /** The host that the SDK connects to: a proxy is asked for it, and refuses. */
  async function requestedHost(
    about: Parameters<typeof identityOf>[0],
    variables: Readonly<Record<string, string>>,
  ): Promise<string | undefined> {
    Object.assign(process.env, variables);
    const environment = { HTTPS_PROXY: proxy.url() };
    const network = await openAwsNetwork(environment, new RecordedLog());
    const minter = new EcrTokenMinter({ clock: systemClock, environment, network, credentials });
    await expect(minter.mint(identityOf(about), never)).rejects.toThrow('the proxy refused');
    minter.close();
    return proxy.tunnels[0];
  }

  const fips = { AWS_USE_FIPS_ENDPOINT: 'true' };
  const dual = { AWS_USE_DUALSTACK_ENDPOINT: 'true' };
  it.each(
    ROWS.flatMap(({ region, api }) => [
      [region, fips, api[1]] as const,
      [region, dual, api[2]] as const,
      [region, { ...fips, ...dual }, api[3]] as const,
    ]),
  )('in %s with %j is %s', async (region, variables, host) => {
    expect(await requestedHost({ service: 'ecr', region }, variables)).toBe(`${host}:443`);
  });

  it.each([
    [fips, 'api.ecr-public.us-east-1.amazonaws.com'],
    [dual, 'ecr-public.us-east-1.api.aws'],
    [{ ...fips, ...dual }, 'ecr-public.us-east-1.api.aws'],
    [{ AWS_ENDPOINT_URL_ECR_PUBLIC: 'https://own.invalid' }, 'own.invalid'],
    [{ ...fips, AWS_ENDPOINT_URL: 'https://own.invalid' }, 'own.invalid'],
  ])('of ECR Public with %j is %s: it has no FIPS form', async (variables, host) => {
    const about = { service: 'ecr-public', region: 'us-east-1' } as const;

    expect(await requestedHost(about, variables)).toBe(`${host}:443`);
  });

  it('cannot be both explicit and FIPS, which the error says', async () => {
    Object.assign(process.env, { ...fips, AWS_ENDPOINT_URL_ECR: 'https://own.invalid' });
    const minter = new EcrTokenMinter({ clock: systemClock, environment: {}, credentials });

    await expect(
      minter.mint(identityOf({ service: 'ecr', region: 'us-east-1' }), never),
    ).rejects.toMatchObject({
      code: 'ECR_WRONG_ENDPOINT',
      fix: expect.stringContaining('AWS_USE_FIPS_ENDPOINT'),
    });
  });
});
