/** Caches credentials until they are about to expire, by the given clock. */
import type { Clock } from '../../base/clock.ts';
import type { AwsCredentials } from '../network/aws-connection.ts';
import type { CredentialProvider } from './credential-parts.ts';

const MARGIN_MS = 300_000;
/** The SDK asks several times per call: once is enough, even if a wrong clock makes the credentials look expired. */
const LEAST_MS = 60_000;

interface Remembered {
  readonly credentials: Promise<AwsCredentials>;
  untilMs: number;
}

/** One search at a time, shared by all callers. A failed one is not cached. */
export function cacheCredentials(
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
  // Without this, the SDK would cache them too, by the machine's clock.
  return Object.assign(remembering, { memoized: true as const });
}
