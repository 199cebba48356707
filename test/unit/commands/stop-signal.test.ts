import { describe, expect, it } from '@jest/globals';
import { stopSignal } from '../../../src/commands/stop-signal.ts';

function listeners(): number {
  return process.listenerCount('SIGINT');
}

describe('the signal to stop', () => {
  it('takes what npm passes on of one Ctrl-C for the same one', () => {
    const before = listeners();
    const stop = stopSignal();
    process.emit('SIGINT', 'SIGINT');

    expect(stop.signal.aborted).toBe(true);
    // Who does not listen is ended by the next one.
    expect(listeners()).toBe(before + 1);
    process.emit('SIGINT', 'SIGINT');
    stop.forget();
    expect(listeners()).toBe(before);
  });

  it('listens to others where it is told to', () => {
    const stop = stopSignal('SIGHUP');
    process.emit('SIGHUP', 'SIGHUP');
    stop.forget();

    expect(stop.signal.aborted).toBe(true);
  });
});
