/** jest calls this once, after the last `cluster` test. */
import { sharedControlPlane } from './shared.ts';

// oxlint-disable-next-line import/no-default-export -- jest's contract
export default async function stopShared(): Promise<void> {
  const controlPlane = await sharedControlPlane('named');
  await controlPlane.stop();
}
