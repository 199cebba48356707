import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { type Entry, entryOf, renderPullSecret } from '../../../../src/domain/state/pull-secret.ts';
import { SecretText } from '../../../../src/domain/secret-text.ts';
import { HOUR_MS, aToken, anIdentity, inMs } from '../../../support/values/builders.ts';
import { CANARY, holdsCanary } from '../../../support/suite/canary.ts';

const about = { configHash: 'c0ffee', refreshRequestedAt: undefined };
const shared = entryOf(
  'shared',
  ['210987654321.dkr.ecr.us-east-1.amazonaws.com', '123456789012.dkr.ecr.us-east-1.on.aws'],
  aToken({
    identity: { ...anIdentity(), hash: 'ab12', region: 'us-east-1' },
    authorization: new SecretText('QVdTOnNoYXJlZA=='),
    expiresAt: inMs(HOUR_MS),
  }),
);
const own = entryOf(
  'default',
  'own',
  aToken({
    identity: { ...anIdentity(), hash: '01cd' },
    authorization: new SecretText('QVdTOm93bg=='),
  }),
);

describe('the pull secret', () => {
  it('is pinned: hosts sorted, auth only, the earliest expiry, each token', () => {
    const { dockerConfig, annotations } = renderPullSecret([shared, own], about);

    expect(dockerConfig.reveal()).toBe(
      '{"auths":{' +
        '"123456789012.dkr.ecr.eu-west-1.amazonaws.com":{"auth":"QVdTOm93bg=="},' +
        '"123456789012.dkr.ecr.us-east-1.on.aws":{"auth":"QVdTOnNoYXJlZA=="},' +
        '"210987654321.dkr.ecr.us-east-1.amazonaws.com":{"auth":"QVdTOnNoYXJlZA=="}}}',
    );
    expect(annotations).toEqual({
      'ecr-pull-secrets.io/expires-at': '2026-01-01T13:00:00.000Z',
      'ecr-pull-secrets.io/registries':
        '123456789012.dkr.ecr.eu-west-1.amazonaws.com,123456789012.dkr.ecr.us-east-1.on.aws,210987654321.dkr.ecr.us-east-1.amazonaws.com',
      'ecr-pull-secrets.io/tokens':
        '[{"profile":"default","identity":"01cd","mintedAt":"2026-01-01T12:00:00.000Z","expiresAt":"2026-01-02T00:00:00.000Z","registries":["123456789012.dkr.ecr.eu-west-1.amazonaws.com"]},' +
        '{"profile":"shared","identity":"ab12","mintedAt":"2026-01-01T12:00:00.000Z","expiresAt":"2026-01-01T13:00:00.000Z","registries":["123456789012.dkr.ecr.us-east-1.on.aws","210987654321.dkr.ecr.us-east-1.amazonaws.com"]}]',
      'ecr-pull-secrets.io/config-hash': 'c0ffee',
    });
  });

  it('records the request that it satisfies, even an empty one', () => {
    for (const refreshRequestedAt of ['2026-01-01', '']) {
      const { annotations } = renderPullSecret([own], { ...about, refreshRequestedAt });
      expect(annotations['ecr-pull-secrets.io/refresh-requested-at']).toBe(refreshRequestedAt);
    }
  });

  it('has equal bytes for equal input, whatever the order', () => {
    const render = (entries: readonly Entry[]) => {
      const { dockerConfig, annotations } = renderPullSecret(entries, about);
      return JSON.stringify([dockerConfig.reveal(), annotations]);
    };

    expect(render([own, shared])).toBe(render([shared, own]));
  });

  it('is a dockerconfigjson with AWS’s login for each host', () => {
    const host = fc
      .tuple(fc.integer({ min: 0, max: 999 }), fc.constantFrom('eu-west-1', 'us-east-1'))
      .map(([n, region]) => `${String(n).padStart(12, '0')}.dkr.ecr.${region}.amazonaws.com`);
    fc.assert(
      fc.property(fc.uniqueArray(host, { minLength: 1 }), fc.base64String(), (hosts, auth) => {
        const token = aToken({ authorization: new SecretText(auth) });
        const { dockerConfig } = renderPullSecret([entryOf('a', hosts, token)], about);
        expect(JSON.parse(dockerConfig.reveal())).toEqual({
          auths: Object.fromEntries(hosts.map((name) => [name, { auth }])),
        });
      }),
    );
  });

  it('shows no token when it is printed', () => {
    const authorization = new SecretText(btoa(`AWS:${CANARY}`));
    const content = renderPullSecret([{ ...own, authorization }], about);

    expect(holdsCanary(content.dockerConfig.reveal())).toBe(true);
    expect(holdsCanary(JSON.stringify(content))).toBe(false);
    expect(holdsCanary(String(content.dockerConfig))).toBe(false);
  });
});
