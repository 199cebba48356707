import { describe, expect, it } from '@jest/globals';
import { reportHealth } from '../../../../src/telemetry/http/health.ts';

const good = { name: 'loop', findFault: () => undefined };
const bad = { name: 'caches', findFault: () => 'secrets are not synced' };
const broken = {
  name: 'broken',
  findFault: (): undefined => {
    throw new Error('it broke');
  },
};

describe('reportHealth', () => {
  it('is terse when all is well', () => {
    expect(reportHealth('readyz', [good], false)).toEqual({ isHealthy: true, body: 'ok\n' });
  });

  it('lists every check on request', () => {
    expect(reportHealth('readyz', [good], true)).toEqual({
      isHealthy: true,
      body: '[+]loop ok\nreadyz check passed\n',
    });
  });

  it('names the failing checks, and shows the reasons only on request', () => {
    const terse = reportHealth('readyz', [good, bad], false);
    const verbose = reportHealth('readyz', [good, bad], true);

    expect(terse.isHealthy).toBe(false);
    expect(terse.body).toContain('[+]loop ok\n[-]caches failed: reason withheld');
    expect(terse.body).not.toContain('synced');
    expect(verbose.body).toBe(
      '[+]loop ok\n[-]caches failed: secrets are not synced\nreadyz check failed\n',
    );
  });

  it('counts a check that throws as failed', () => {
    expect(reportHealth('livez', [broken], true)).toEqual({
      isHealthy: false,
      body: '[-]broken failed: it broke\nlivez check failed\n',
    });
  });
});
