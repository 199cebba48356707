/** Watches the `Date` header of AWS's answers: a clock that is wrong makes every expiry wrong. */
import type { ECRClient } from '@aws-sdk/client-ecr';
import type { Clock } from '../controller/ports.ts';

/** How far the server's clock is ahead of ours, in ms; the header has whole seconds. */
export type ClockOffsetObserver = (offsetMs: number) => void;

export function observeClockOffset(
  client: ECRClient,
  clock: Clock,
  observer: ClockOffsetObserver,
): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const date = dateOf(result.response);
      if (date !== undefined) observer(date.getTime() - clock.now().getTime());
      return result;
    },
    // Innermost: before an answer that says no becomes an exception.
    { step: 'deserialize', priority: 'low', name: 'observeClockOffset' },
  );
}

function dateOf(response: unknown): Date | undefined {
  if (typeof response !== 'object' || response === null || !('headers' in response)) {
    return undefined;
  }
  const { date: text } = response.headers as Readonly<Record<string, string | undefined>>;
  const date = new Date(text ?? NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
