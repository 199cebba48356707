import { describe, expect, it } from '@jest/globals';
import { RefreshRequests } from '../../../../src/controller/memory/refresh-requests.ts';
import { MINUTE_MS, NOW, inMs } from '../../../support/values/builders.ts';

const later = inMs(5 * MINUTE_MS);

function seen(requests: RefreshRequests, value?: string, satisfied?: string, now = NOW) {
  return requests.seenAt('team-a', { value, satisfied }, now);
}

describe('requests for a refresh', () => {
  it('count from the moment when they were first seen', () => {
    const requests = new RefreshRequests();

    expect(seen(requests, '1', undefined)).toEqual(NOW);
    expect(seen(requests, '1', undefined, later)).toEqual(NOW);
  });

  it('count from now if the clock was set back to before they were first seen', () => {
    const requests = new RefreshRequests();
    seen(requests, '1', undefined, later);

    expect(seen(requests, '1', undefined, NOW)).toEqual(NOW);
    expect(seen(requests, '1', undefined, later)).toEqual(NOW);
  });

  it('are new with each new value', () => {
    const requests = new RefreshRequests();
    seen(requests, '1', undefined);

    expect(seen(requests, '2', undefined, later)).toEqual(later);
    expect(seen(requests, '1', '2', later)).toEqual(later);
  });

  it('do not exist without an annotation, or if satisfied before we started', () => {
    const requests = new RefreshRequests();

    expect(seen(requests)).toBeUndefined();
    expect(seen(requests, undefined, '1')).toBeUndefined();
    expect(seen(requests, '1', '1')).toBeUndefined();
  });

  it('do not become new when the Secret that recorded their satisfaction is lost', () => {
    const before = new RefreshRequests();
    seen(before, '1', '1');
    const during = new RefreshRequests();
    seen(during, '1', undefined);
    seen(during, '1', '1', later);

    expect(seen(before, '1', undefined, later)).toBeUndefined();
    expect(seen(during, '1', undefined, later)).toBeUndefined();
  });

  it('are forgotten with the annotation and with the namespace', () => {
    const requests = new RefreshRequests();
    seen(requests, '1', undefined);
    seen(requests, undefined, undefined);
    expect(seen(requests, '1', undefined, later)).toEqual(later);

    requests.forget('team-a');
    expect(seen(requests, '1', undefined, inMs(1))).toEqual(inMs(1));
  });
});
