/** How an attempt is sent. */
import type { Attempt } from '../../controller/ports/cluster-writes.ts';
import type { ApiRequest } from '../transport/transport.ts';

export function sendingOf({
  signal,
  lane,
  confirm,
}: Attempt): Pick<ApiRequest, 'signal' | 'lane' | 'onStart'> {
  return { signal, lane, ...(confirm === undefined ? {} : { onStart: confirm }) };
}
