/** Several profiles in one Secret on a real API server, with the rights of manifests/install.yaml. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { ecrError } from '../../src/simulator/aws/ecr-answers.ts';
import { closeAfterAll } from '../support/close-after-all.ts';
import { eventually } from '../support/eventually.ts';
import {
  annotationKey,
  ENABLED,
  entriesOf,
  SECRET_NAME,
  secretPath,
  tokensIn,
  untilEvent,
  untilReady,
} from '../support/opted-in.ts';
import { Rig } from '../support/rig.ts';

const EU = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const US = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
const NAMESPACE = 'profiles-team';

function configOf(allowedOfUs: string): string {
  return `
profiles:
  eu: {registries: [${EU}], allowedNamespaces: {names: ["profiles-*"]}}
  us: {registries: [${US}], allowedNamespaces: {names: ["${allowedOfUs}"]}}
removal: {gracePeriod: 1s}
`;
}

describe('two profiles in one namespace', () => {
  let rig: Rig;
  let refused: string | undefined;

  beforeAll(async () => {
    rig = await Rig.open({ controlPlane: 'shared', namespaces: [NAMESPACE] });
    rig.aws.script = ({ region }) =>
      region === refused ? ecrError(400, 'AccessDeniedException') : undefined;
    await rig.run({ config: configOf('profiles-*') });
    await rig.namespace(NAMESPACE, {
      annotations: { ...ENABLED, [annotationKey('profiles')]: 'eu,us' },
    });
    await untilReady(rig.admin, NAMESPACE);
  });
  closeAfterAll(() => [rig]);

  const tokens = async () => tokensIn(await rig.admin.get(secretPath(NAMESPACE)));

  it('has both, and no content was read for it', async () => {
    expect(Object.keys(await tokens())).toEqual([EU, US]);
    const requests = await rig.requests();
    expect(
      requests.filter(({ verb, resource }) => verb === 'get' && resource === 'secrets'),
    ).toEqual([]);
  });

  it('has the one refreshed and the other as it was, when the process was killed and AWS refuses one', async () => {
    const before = await tokens();
    await rig.controller.kill();
    refused = 'us-east-1';
    const restartedAt = new Date();
    await rig.run({ config: configOf('profiles-*') });
    await rig.admin.mergePatch(`/api/v1/namespaces/${NAMESPACE}`, {
      metadata: { annotations: { [annotationKey('refresh-requested-at')]: '1' } },
    });
    await eventually({ what: 'a new token of the good one', limitMs: 15_000 }, async () => {
      return (await tokens())[EU] !== before[EU];
    });

    expect(await tokens()).toEqual({ [EU]: expect.any(Number), [US]: before[US] });
    const requests = await rig.requests(restartedAt);
    const reads = requests.filter(({ verb, resource }) => verb === 'get' && resource === 'secrets');
    expect(reads).toMatchObject([{ namespace: NAMESPACE, name: SECRET_NAME, code: 200 }]);
    const event = await untilEvent(rig.admin, NAMESPACE, 'TokenRequestDenied');
    expect(event.message).toMatch(/^profile "us": /);
  });

  it('loses one that is withdrawn, though AWS refuses it, and keeps the other and the reference', async () => {
    const before = await tokens();
    await rig.changeConfig(configOf('nobody'));
    await eventually({ what: 'the withdrawal', limitMs: 40_000 }, async () => {
      const secret = await rig.admin.get(secretPath(NAMESPACE));
      const stamp = secret.metadata.annotations?.[annotationKey('removal-due-at')];
      return Object.keys(await tokens()).join() === EU && stamp === undefined;
    });

    expect(await tokens()).toEqual({ [EU]: before[EU] });
    expect(await entriesOf(rig.admin, NAMESPACE)).toEqual([SECRET_NAME]);
    const event = await untilEvent(rig.admin, NAMESPACE, 'ProfileWithdrawn');
    expect(event.message).toContain('profile "us"');
  });

  it('leaves no token anywhere else, and nothing that we were refused', async () => {
    expect(await rig.misdeeds()).toEqual([]);
  });
});
