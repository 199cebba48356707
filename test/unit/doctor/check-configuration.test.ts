import { describe, expect, it } from '@jest/globals';
import { parseConfig } from '../../../src/config/parse-config.ts';
import { checkConfiguration } from '../../../src/doctor/check-configuration.ts';
import { environment, HOST } from '../../support/values/config-text.ts';

const checksOf = (text: string) => checkConfiguration('c.yaml', parseConfig(text, environment));

describe('checkConfiguration', () => {
  it('names the profiles and the Secret of a valid file', () => {
    expect(checksOf(`profiles: {default: {registries: [${HOST}]}}\nsecretName: mine`)).toEqual([
      {
        name: 'configuration',
        subject: 'c.yaml',
        status: 'ok',
        message: 'valid; profiles: default; name of the Secrets: mine',
      },
    ]);
  });

  it('fails on every fault with its path, in profiles too, if the file is refused', () => {
    const checks = checksOf(
      'profiles: {bad: {registries: [docker.io]}}\nremoval: {gracePeriod: soon}\ntypo: 1',
    );
    expect(checks.map(({ subject, status }) => [subject, status])).toEqual([
      ['removal.gracePeriod', 'failed'],
      ['typo', 'failed'],
      ['profiles.bad.allowedNamespaces', 'failed'],
      ['profiles.bad.registries[0]', 'failed'],
    ]);
    expect(checks[0]).toMatchObject({ fix: expect.stringContaining('`run` refuses to start') });
  });

  it('fails on the faults of one profile, and says that the others keep working', () => {
    const checks = checksOf(`profiles: {default: {registries: [${HOST}]}, bad: {}}`);
    expect(checks.map(({ subject, status }) => [subject, status])).toEqual([
      ['c.yaml', 'ok'],
      ['profiles.bad.allowedNamespaces', 'failed'],
      ['profiles.bad.registries', 'failed'],
    ]);
    expect(checks[1]).toMatchObject({ fix: expect.stringContaining('the others still work') });
  });

  it('warns if the file has warnings', () => {
    const hosts = Array.from(
      { length: 32 },
      (_, index) => `${String(index).padStart(12, '0')}.dkr.ecr.eu-west-1.amazonaws.com`,
    );
    const checks = checksOf(`profiles: {default: {registries: [${hosts.join(', ')}]}}`);
    expect(checks.map(({ subject, status }) => [subject, status])).toEqual([
      ['c.yaml', 'ok'],
      ['profiles.default.registries', 'warning'],
    ]);
  });

  it('warns if the allowedNamespaces of two profiles restrict nobody', () => {
    const checks = checksOf(`
profiles:
  shared: {registries: [${HOST}], allowedNamespaces: {names: ['*']}}
  payments: {registries: [${HOST}], allowedNamespaces: {names: [payments]}}
`);
    expect(checks.map(({ subject, status }) => [subject, status])).toEqual([
      ['c.yaml', 'ok'],
      ['profiles', 'warning'],
    ]);
    expect(checks[1]).toMatchObject({
      message: expect.stringContaining('give each of them a role of its own'),
    });
  });

  it('fails on a file that cannot be read, and names it', () => {
    const reading = { kind: 'unreadable', reason: 'ENOENT' } as const;
    expect(checkConfiguration('/nowhere', reading)).toMatchObject([
      { subject: '/nowhere', status: 'failed', message: expect.stringContaining('ENOENT') },
    ]);
  });
});
