/** Several profiles in one Secret on a real API server, with the permissions of manifests/install.yaml. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { ecrError } from '../../simulator/aws/ecr-answers.ts';
import { closeAfterAll, itLeavesNothing } from '../support/suite/close-after-all.ts';
import type { KubeObject } from '../support/control-plane/admin-client.ts';
import { noteOf, SECRET_NAME, tokensIn } from '../support/cluster/opted-in.ts';
import { Rig } from '../support/cluster/rig.ts';

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
    await rig.optIn(NAMESPACE, { profiles: 'eu,us' });
    await rig.untilReady(NAMESPACE);
  });
  closeAfterAll(() => [rig]);

  const tokens = async () => rig.tokens(NAMESPACE);

  it('has both, and no content is read for it', async () => {
    expect(Object.keys(await tokens())).toEqual([EU, US]);
    const requests = await rig.requests();
    expect(
      requests.filter(({ verb, resource }) => verb === 'get' && resource === 'secrets'),
    ).toEqual([]);
  });

  it('gets one refreshed and keeps the other unchanged after a kill, while AWS refuses the other', async () => {
    const before = await tokens();
    await rig.controller.kill();
    refused = 'us-east-1';
    const restartedAt = new Date();
    await rig.run({ config: configOf('profiles-*') });
    await rig.annotate(NAMESPACE, { 'refresh-requested-at': '1' });
    const isRefreshed = (secret: KubeObject) => tokensIn(secret)[EU] !== before[EU];
    await rig.untilSecret(NAMESPACE, 'a new token of the good one', isRefreshed, 15_000);

    expect(await tokens()).toEqual({ [EU]: expect.any(Number), [US]: before[US] });
    const requests = await rig.requests(restartedAt);
    const reads = requests.filter(({ verb, resource }) => verb === 'get' && resource === 'secrets');
    expect(reads).toMatchObject([{ namespace: NAMESPACE, name: SECRET_NAME, code: 200 }]);
    const event = await rig.untilEvent(NAMESPACE, 'TokenRequestDenied');
    expect(event.message).toMatch(/^profile "us": /);
  });

  it('loses a withdrawn one, although AWS refuses it, and keeps the other and the reference', async () => {
    const before = await tokens();
    await rig.changeConfig(configOf('nobody'));
    const isWithdrawn = (secret: KubeObject) =>
      Object.keys(tokensIn(secret)).join() === EU && noteOf(secret, 'removal-due-at') === undefined;
    await rig.untilSecret(NAMESPACE, 'the withdrawal', isWithdrawn, 40_000);

    expect(await tokens()).toEqual({ [EU]: before[EU] });
    expect(await rig.references(NAMESPACE)).toEqual([SECRET_NAME]);
    const event = await rig.untilEvent(NAMESPACE, 'ProfileWithdrawn');
    expect(event.message).toContain('profile "us"');
  });

  itLeavesNothing(() => rig);
});
