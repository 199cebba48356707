import { describe, expect, it } from '@jest/globals';
import type { Check } from '../../../src/doctor/check.ts';
import { renderCheck, renderCounts, renderJson } from '../../../src/doctor/render-checks.ts';

const GOOD: Check = {
  name: 'permissions',
  subject: 'get namespaces',
  status: 'ok',
  message: 'allowed',
};
const BAD: Check = {
  name: 'clock',
  subject: 'AWS',
  status: 'failed',
  message: 'its clock is 400 s ahead',
  fix: 'set it right',
};

describe('renderCheck', () => {
  it('is one line', () => {
    expect(renderCheck(GOOD)).toBe('ok       permissions get namespaces: allowed\n');
    const about = { name: 'network', subject: '', status: 'info', message: 'direct' } as const;
    expect(renderCheck(about)).toBe('info     network: direct\n');
  });

  it('puts the fix on a line of its own', () => {
    expect(renderCheck(BAD)).toBe(
      'FAILED   clock AWS: its clock is 400 s ahead\n         fix: set it right\n',
    );
    expect(renderCheck({ ...BAD, status: 'warning' })).toMatch(/^WARNING {2}clock AWS: /);
  });

  it('does not let a server write lines or colours of its own', () => {
    const evil = { ...GOOD, message: 'a\n\u001b[31mFAILED\u001b[0m\r\u0007 b' };
    expect(renderCheck(evil)).toBe('ok       permissions get namespaces: a FAILED b\n');
  });
});

describe('renderCounts', () => {
  it('counts the statuses that occur, and always the failed ones', () => {
    expect(renderCounts([GOOD, GOOD])).toBe('\n2 ok, 0 failed\n');
    expect(renderCounts([GOOD, BAD])).toBe('\n1 ok, 1 failed\n');
  });
});

describe('renderJson', () => {
  it('is what the reference promises, without a fix if nothing needs one', () => {
    expect(JSON.parse(renderJson([GOOD, BAD]))).toEqual({ checks: [GOOD, BAD], failed: 1 });
  });
});
