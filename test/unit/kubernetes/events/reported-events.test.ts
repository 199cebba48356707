import { beforeEach, describe, expect, it } from '@jest/globals';
import type { NamespaceEvent } from '../../../../src/controller/ports/events.ts';
import { ReportedEvents } from '../../../../src/kubernetes/events/reported-events.ts';
import { HOUR_MS, MINUTE_MS, inMs } from '../../../support/values/builders.ts';

/** As many as it remembers. */
const MANY = 20_000;

let reported: ReportedEvents;

beforeEach(() => {
  reported = new ReportedEvents('pod-1');
});

function anEvent(n: number): NamespaceEvent {
  const about = { kind: 'Namespace', uid: `uid-${n}` } as const;
  return { type: 'Warning', reason: 'WriteRefused', message: 'no', namespace: 'team', about };
}

function reportMany(from: number, until: number, atMs: number): void {
  for (let n = from; n < until; n++) reported.report(anEvent(n), inMs(atMs));
}

describe('a memory of Events that is full', () => {
  it('forgets only what is an hour old', () => {
    reportMany(0, MANY / 2, 0);
    reportMany(MANY / 2, MANY, 56 * MINUTE_MS);
    reported.report(anEvent(MANY), inMs(HOUR_MS));

    expect(reported.isNews(anEvent(MANY / 2), inMs(HOUR_MS))).toBe(false);
    expect(reported.report(anEvent(MANY - 1), inMs(HOUR_MS))).toMatchObject({ count: 2 });
    expect(reported.report(anEvent(0), inMs(HOUR_MS))).toMatchObject({ count: 1 });
  });

  it('forgets everything rather than grow if nothing is old', () => {
    reportMany(0, MANY, 0);
    for (const n of [0, MANY - 1]) expect(reported.isNews(anEvent(n), inMs(MINUTE_MS))).toBe(false);
    reported.report(anEvent(MANY), inMs(MINUTE_MS));

    expect(reported.isNews(anEvent(0), inMs(MINUTE_MS))).toBe(true);
    expect(reported.isNews(anEvent(MANY), inMs(MINUTE_MS))).toBe(false);
  });
});
