import { describe, expect, it } from '@jest/globals';
import { stopSignal } from '../../../src/commands/stop-signal.ts';

function listeners(): number {
  return process.listenerCount('SIGINT');
}

describe('the signal to stop', () => {
  it('ignores the copy of one Ctrl-C that npm passes on', () => {
    const before = listeners();
    const stop = stopSignal();
    process.emit('SIGINT', 'SIGINT');

    expect(stop.signal.aborted).toBe(true);
    // Without a listener, the next one ends the process.
    expect(listeners()).toBe(before + 1);
    process.emit('SIGINT', 'SIGINT');
    stop.forget();
    expect(listeners()).toBe(before);
  });

  it('listens to other signals on request', () => {
    const stop = stopSignal('SIGHUP');
    process.emit('SIGHUP', 'SIGHUP');
    stop.forget();

    expect(stop.signal.aborted).toBe(true);
  });
});
