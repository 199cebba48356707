import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { parseRegistryHost } from '../../../../src/domain/token/registry-host.ts';

const ACCOUNT = '123456789012';

describe('parseRegistryHost', () => {
  it.each([
    ['dkr.ecr.eu-west-1.amazonaws.com', 'aws', 'eu-west-1'],
    ['dkr.ecr.ap-southeast-7.amazonaws.com', 'aws', 'ap-southeast-7'],
    ['dkr.ecr.mx-central-1.amazonaws.com', 'aws', 'mx-central-1'],
    ['dkr.ecr-fips.us-east-2.amazonaws.com', 'aws', 'us-east-2'],
    ['dkr-ecr.eu-west-1.on.aws', 'aws', 'eu-west-1'],
    ['dkr-ecr-fips.us-west-2.on.aws', 'aws', 'us-west-2'],
    ['dkr.ecr.us-gov-west-1.amazonaws.com', 'aws-us-gov', 'us-gov-west-1'],
    ['dkr.ecr-fips.us-gov-east-1.amazonaws.com', 'aws-us-gov', 'us-gov-east-1'],
    ['dkr-ecr.us-gov-west-1.on.aws', 'aws-us-gov', 'us-gov-west-1'],
    ['dkr-ecr-fips.us-gov-west-1.on.aws', 'aws-us-gov', 'us-gov-west-1'],
    ['dkr.ecr.cn-north-1.amazonaws.com.cn', 'aws-cn', 'cn-north-1'],
    ['dkr-ecr.cn-northwest-1.on.amazonwebservices.com.cn', 'aws-cn', 'cn-northwest-1'],
    ['dkr.ecr.us-iso-east-1.c2s.ic.gov', 'aws-iso', 'us-iso-east-1'],
    ['dkr-ecr.us-iso-west-1.on.aws.ic.gov', 'aws-iso', 'us-iso-west-1'],
    ['dkr.ecr.us-isob-east-1.sc2s.sgov.gov', 'aws-iso-b', 'us-isob-east-1'],
    ['dkr-ecr.us-isob-east-1.on.aws.scloud', 'aws-iso-b', 'us-isob-east-1'],
    ['dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk', 'aws-iso-e', 'eu-isoe-west-1'],
    ['dkr-ecr.eu-isoe-west-1.on.cloud-aws.adc-e.uk', 'aws-iso-e', 'eu-isoe-west-1'],
    ['dkr.ecr.us-isof-south-1.csp.hci.ic.gov', 'aws-iso-f', 'us-isof-south-1'],
    ['dkr-ecr.us-isof-south-1.on.aws.hci.ic.gov', 'aws-iso-f', 'us-isof-south-1'],
    ['dkr.ecr.eusc-de-east-1.amazonaws.eu', 'aws-eusc', 'eusc-de-east-1'],
  ])('recognizes <account>.%s as %s', (rest, partition, region) => {
    const host = `${ACCOUNT}.${rest}`;

    expect(parseRegistryHost(host)).toEqual({
      kind: 'private',
      host,
      accountId: ACCOUNT,
      region,
      partition,
    });
  });

  it.each(['public.ecr.aws', 'ecr-public.aws.com'])('recognizes %s as ECR Public', (host) => {
    expect(parseRegistryHost(host)).toEqual({
      kind: 'public',
      host,
      region: 'us-east-1',
      partition: 'aws',
    });
  });

  it.each([
    ['123456789012.dkr.ecr.eu-west-1.amazonaws.com.evil.io', 'not an ECR registry'],
    ['evil.io', 'not an ECR registry'],
    ['123456789012.dkr.ecr.eu-west-1.evil-amazonaws.com', 'not an ECR registry'],
    ['evil.123456789012.dkr.ecr.eu-west-1.amazonaws.com', 'not an ECR registry'],
    ['123456789012.dkr.ecr.eu-west-1.on.aws', 'not an ECR registry'],
    ['123456789012.dkr-ecr.eu-west-1.amazonaws.com', 'not an ECR registry'],
    ['123456789012.dkr-ecr.eusc-de-east-1.amazonaws.eu', 'not an ECR registry'],
    ['123456789012.api.ecr.eu-west-1.amazonaws.com', 'not an ECR registry'],
    ['123456789012xdkr.ecr.eu-west-1.amazonaws.com', 'not an ECR registry'],
    ['123456789012.dkr.ecr.eu-west-1.amazonawsxcom', 'not an ECR registry'],
    ['sub.public.ecr.aws', 'not an ECR registry'],
    ['constructor.dkr.ecr.eu-west-1.__proto__', 'characters'],
    ['123456789012.DKR.ecr.eu-west-1.amazonaws.com', 'lower case'],
    ['123456789012.dkr.ecr.eu-west-1.amazonaws.com.', 'dot'],
    ['123456789012.dkr.ecr.eu-west-1.amazonaws.com:443', 'port'],
    ['123456789012.dkr.ecr.eu-west-1.amazonaws.com/app', 'path'],
    ['https://123456789012.dkr.ecr.eu-west-1.amazonaws.com', 'scheme'],
    ['user@123456789012.dkr.ecr.eu-west-1.amazonaws.com', 'user'],
    ['public.ecr.aws/nginx', 'path'],
    ['12345678901.dkr.ecr.eu-west-1.amazonaws.com', '12 digits'],
    ['1234567890123.dkr.ecr.eu-west-1.amazonaws.com', '12 digits'],
    ['.dkr.ecr.eu-west-1.amazonaws.com', '12 digits'],
    ['1234567890١2.dkr.ecr.eu-west-1.amazonaws.com', 'characters'],
    ['123456789012.dkr.ecr.eu-west-1.аmazonaws.com', 'characters'],
    [' 123456789012.dkr.ecr.eu-west-1.amazonaws.com', 'characters'],
    ['123456789012.dkr.ecr.eu-west-1.amazonaws.com\n', 'characters'],
    ['123456789012.dkr.ecr.*.amazonaws.com', 'characters'],
    ['', 'empty'],
    ['a'.repeat(254), 'longer'],
    ['123456789012.dkr.ecr..amazonaws.com', 'region'],
    ['123456789012.dkr.ecr.cn-north-1.amazonaws.com', 'region'],
    ['123456789012.dkr.ecr.eu-west-1.amazonaws.com.cn', 'region'],
    ['123456789012.dkr.ecr.us-gov-west-1.amazonaws.eu', 'region'],
    ['123456789012.dkr.ecr.us-iso-east-1.amazonaws.com', 'region'],
    ['123456789012.dkr.ecr.us-east-1.c2s.ic.gov', 'region'],
    ['123456789012.dkr.ecr.us-isob-east-1.c2s.ic.gov', 'region'],
    ['123456789012.dkr.ecr.eusc-de-east-1.amazonaws.com', 'region'],
    ['123456789012.dkr.ecr.us-gov-1.amazonaws.com', 'region'],
    ['123456789012.dkr.ecr-fips.eu-west-1.amazonaws.com', 'FIPS'],
    ['123456789012.dkr.ecr-fips.cn-north-1.amazonaws.com.cn', 'FIPS'],
  ])('refuses %j and says why', (host, reason) => {
    const result = parseRegistryHost(host);

    expect(result.kind).toBe('invalid');
    expect(result.kind === 'invalid' && result.reason).toContain(reason);
  });

  it('handles any text without an exception, and never repeats a refused host', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 12 }), (host) => {
        const result = parseRegistryHost(host);

        expect(result.kind).toBe('invalid');
        expect(JSON.stringify(result)).not.toContain(host);
      }),
    );
  });

  it('accepts no host with anything added before, after or inside', () => {
    const host = `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com`;
    fc.assert(
      fc.property(
        fc.nat({ max: host.length }),
        fc.string({ minLength: 1 }).filter((text) => !/^[a-z0-9-]*$/.test(text)),
        (at, text) => {
          const result = parseRegistryHost(host.slice(0, at) + text + host.slice(at));

          expect(result.kind).toBe('invalid');
        },
      ),
    );
  });
});
