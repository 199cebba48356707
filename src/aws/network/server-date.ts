/** Reads the `Date` header of AWS's answers: a wrong clock makes every expiry wrong. */
import type { Clock } from '../../base/clock.ts';

/** How far the server's clock is ahead of ours, in ms; the header has whole seconds. */
export type ClockOffsetObserver = (offsetMs: number) => void;

/** Innermost: before an error response becomes an exception. */
export const OBSERVING = {
  step: 'deserialize',
  priority: 'low',
  name: 'observeClockOffset',
} as const;

/** For the middleware stack of any SDK client. */
export function observeClockOffset(clock: Clock, observer: ClockOffsetObserver | undefined) {
  return <Request, Result extends { readonly response: unknown }>(
      next: (request: Request) => Promise<Result>,
    ) =>
    async (request: Request): Promise<Result> => {
      const result = await next(request);
      const date = dateOf(result.response);
      if (date !== undefined) observer?.(date.getTime() - clock.now().getTime());
      return result;
    };
}

function dateOf(response: unknown): Date | undefined {
  if (typeof response !== 'object' || response === null || !('headers' in response)) {
    return undefined;
  }
  const { date: text } = response.headers as Readonly<Record<string, string | undefined>>;
  const date = new Date(text ?? NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
