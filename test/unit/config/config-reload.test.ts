import { describe, expect, it } from '@jest/globals';
import { ConfigFile } from '../../../src/config/config-file.ts';
import { ConfigReload } from '../../../src/config/config-reload.ts';
import { environment } from '../../support/values/config-text.ts';
import { RecordedLog } from '../../support/ports/recorded-log.ts';

const HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const GOOD = `profiles: {default: {registries: [${HOST}]}}\n`;
const OTHER = `${GOOD}attach: {mode: none}\n`;
const BAD_PROFILE = 'profiles: {default: {registries: [evil.example]}}\n';

async function open(text = GOOD) {
  const file = { text };
  const configFile = new ConfigFile({
    path: 'config.yaml',
    readFile: () =>
      file.text === 'gone' ? Promise.reject(new Error('ENOENT')) : Promise.resolve(file.text),
    environment,
  });
  const log = new RecordedLog();
  const reload = await ConfigReload.open(configFile, log);
  const reported: string[] = [];
  reload.listen(() => reported.push(reload.settings.attach));
  const change = async (next: string) => {
    file.text = next;
    await reload.poll();
  };
  return { log, reload, reported, change };
}

describe('ConfigReload', () => {
  it('logs nothing about a valid file that does not change', async () => {
    const { log, reload, reported } = await open();
    await reload.poll();
    await reload.poll();
    expect(log.lines).toEqual([]);
    expect(reported).toEqual([]);
  });

  it('applies new settings before it reports them', async () => {
    const { log, reported, change } = await open();
    await change(OTHER);
    expect(reported).toEqual(['none']);
    expect(log.messages('info')).toEqual(['configuration changed']);
    await change(GOOD);
    expect(reported).toEqual(['none', 'serviceAccounts']);
  });

  it.each(['profiles: [', 'unknown: 1\n', 'gone', 'attach: {mode: sometimes}\n'])(
    'keeps the last good one, given %j, and reports that once',
    async (bad) => {
      const { log, reload, reported, change } = await open();
      const before = reload.settings;
      await change(bad);
      await reload.poll();
      expect(reload.settings).toBe(before);
      expect(reported).toEqual([]);
      expect(log.messages('error')).toEqual([
        'configuration rejected, the last good one stays in effect',
      ]);
      await change(OTHER);
      expect(reported).toEqual(['none']);
    },
  );

  it('is healthy again when a bad edit is undone', async () => {
    const { reload, change } = await open();
    await change('profiles: [');
    await change(GOOD);
    expect(reload.settings.attach).toBe('serviceAccounts');
    expect(reload.settings.profiles.get('default')?.kind).toBe('healthy');
  });

  it('names a profile that a fault disables, on start and on reload', async () => {
    const { log, change } = await open(BAD_PROFILE);
    expect(log.lines).toMatchObject([
      {
        level: 'error',
        message: 'profile disabled by a fault',
        fields: { fault: expect.stringContaining('profiles.default.registries') as unknown },
      },
    ]);
    await change(GOOD);
    await change(BAD_PROFILE);
    expect(log.messages('error')).toHaveLength(2);
  });

  it('names the keys that need a restart, and applies the others', async () => {
    const { log, reported, change } = await open();
    await change(`${OTHER}kubernetes: {qps: 7}\nsecretName: other\n`);
    expect(reported).toEqual(['none']);
    expect(log.lines.at(-1)).toEqual({
      level: 'warn',
      message: 'configuration change needs a restart',
      fields: { keys: ['secretName', 'kubernetes.qps'] },
    });
  });
});
