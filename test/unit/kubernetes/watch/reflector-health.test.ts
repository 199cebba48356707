import { describe, expect, it } from '@jest/globals';
import { VirtualClock } from '../../../../simulator/ground/virtual-clock.ts';
import { ReflectorHealth } from '../../../../src/kubernetes/watch/reflector-health.ts';

describe('the health of a reflector', () => {
  it('keeps why the last list or watch failed, even after watches that end normally', () => {
    const health = new ReflectorHealth(new VirtualClock());
    expect(health.state.lastFault).toBeUndefined();

    health.ended('unreachable', 'list', 'no answer: ECONNREFUSED');
    health.ended('ended', 'watch', 'ended');

    expect(health.state.lastFault).toBe('no answer: ECONNREFUSED');
  });

  it('is denied verb by verb', () => {
    const health = new ReflectorHealth(new VirtualClock());
    health.ended('denied', 'watch', 'watch is forbidden');
    health.allowed('list');
    expect(health.state.denied).toBe('watch is forbidden');

    health.allowed('watch');
    expect(health.state.denied).toBeUndefined();
  });
});
