import { beforeEach, describe, expect, it } from '@jest/globals';
import { View } from './view.ts';

describe('View', () => {
  let nowMs: number;
  let view: View;
  /** Listed at 1000, with every event delivered since. */
  beforeEach(() => {
    nowMs = 1000;
    view = new View(() => nowMs);
    view.listed(1000);
    view.sent();
    view.connected();
    view.delivered();
  });
  const at = (ms: number) => {
    nowMs = ms;
  };

  it('knows the present while everything is delivered', () => {
    at(600_000);
    expect(view.knownSince(5_000)).toBe(595_000);
  });

  it('knows nothing newer than the first frame that is in flight', () => {
    at(600_000);
    view.sent();
    at(650_000);
    expect(view.knownSince(5_000)).toBe(600_000);
    view.delivered();
    at(660_000);
    expect(view.knownSince(5_000)).toBe(655_000);
  });

  it('may still act on what it knew when the frame came a moment ago', () => {
    at(600_000);
    view.sent();
    at(650_000);
    view.delivered();
    at(652_000);
    expect(view.knownSince(5_000)).toBe(600_000);
  });

  it('recovers from lost frames only by a list', () => {
    at(600_000);
    view.lost();
    view.sent();
    view.delivered();
    at(700_000);
    expect(view.knownSince(5_000)).toBe(600_000);
    view.listed(700_000);
    at(800_000);
    expect(view.knownSince(5_000)).toBe(795_000);
  });

  it('may still act on what it knew before a list that arrived a moment ago, while no watch is open', () => {
    at(600_000);
    view.disconnected();
    at(700_000);
    view.listed(699_000);
    view.connected();
    at(702_000);
    expect(view.knownSince(5_000)).toBe(600_000);
  });

  it('learns nothing from a list that was made before the loss', () => {
    at(600_000);
    view.lost();
    at(700_000);
    view.listed(500_000);
    expect(view.knownSince(5_000)).toBe(600_000);
  });

  it('continues from where it was cut off', () => {
    at(600_000);
    view.disconnected();
    at(700_000);
    view.sent();
    view.connected();
    expect(view.knownSince(5_000)).toBe(600_000);
    view.delivered();
    at(800_000);
    expect(view.knownSince(5_000)).toBe(795_000);
  });

  it('learns nothing from a watch whose frames wait for a read', () => {
    at(600_000);
    view.disconnected();
    at(700_000);
    view.connected({ isRead: false });
    at(800_000);
    expect(view.knownSince(5_000)).toBe(600_000);
    view.listed(800_000);
    at(900_000);
    expect(view.knownSince(5_000)).toBe(895_000);
  });
});
