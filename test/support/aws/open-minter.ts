/** The real minter over an in-process simulated AWS, on a clock that the test moves. */
import type { AwsWireRequest } from '../../../src/aws/network/aws-wire.ts';
import { EcrTokenMinter } from '../../../src/aws/ecr-token-minter.ts';
import { SimulatedAws } from '../../../simulator/aws/simulated-aws.ts';
import { CANARY } from '../suite/canary.ts';
import { VirtualClock } from '../../../simulator/ground/virtual-clock.ts';
import { acceptNodeErrors } from '../suite/one-error-realm.ts';

export const GIVEN = { accessKeyId: 'AKIAGIVEN', secretAccessKey: 'secret' };

type Parts = ConstructorParameters<typeof EcrTokenMinter>[0];

/** By default with the credentials `GIVEN` and an empty environment. */
export function openMinter(
  change: Partial<Omit<Parts, 'clock' | 'wire'>> = {},
  clock = new VirtualClock(),
) {
  acceptNodeErrors();
  const aws = new SimulatedAws({ clock, marker: CANARY });
  const sent: AwsWireRequest[] = [];
  const wire = {
    send: (request: AwsWireRequest) => {
      sent.push(request);
      return aws.wire().send(request);
    },
  };
  const parts = { environment: {}, credentials: GIVEN, ...change };
  return { clock, aws, sent, minter: new EcrTokenMinter({ ...parts, clock, wire }) };
}
