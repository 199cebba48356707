/** Credentials are asked for again only when they are about to expire, by the clock that is given. */
import type { Clock } from '../../base/clock.ts';
import type { AwsCredentials } from '../network/aws-connection.ts';
import type { CredentialProvider } from './credential-parts.ts';

const MARGIN_MS = 300_000;
/** The SDK asks for them several times in one call: also where a wrong clock takes them for expired, once is enough. */
const LEAST_MS = 60_000;

interface Remembered {
  readonly credentials: Promise<AwsCredentials>;
  untilMs: number;
}

/** One search at a time, whoever asks. A failed one is forgotten. */
export function rememberCredentials(
  provider: CredentialProvider,
  clock: Clock,
): CredentialProvider & { readonly memoized: true } {
  let last: Remembered | undefined;
  const remembering = (): Promise<AwsCredentials> => {
    if (last !== undefined && clock.now().getTime() < last.untilMs) return last.credentials;
    const asked: Remembered = { credentials: provider(), untilMs: Infinity };
    last = asked;
    asked.credentials.then(
      ({ expiration }) => {
        const now = clock.now().getTime();
        const expiresMs = expiration?.getTime() ?? Infinity;
        asked.untilMs = Math.max(expiresMs - MARGIN_MS, now + LEAST_MS);
      },
      () => {
        if (last === asked) last = undefined;
      },
    );
    return asked.credentials;
  };
  // Without this the SDK remembers them too, by the clock of the machine.
  return Object.assign(remembering, { memoized: true as const });
}
