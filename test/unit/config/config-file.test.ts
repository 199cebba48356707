import { describe, expect, it } from '@jest/globals';
import { ConfigFile } from '../../../src/config/config-file.ts';
import { environment, HOST } from '../../support/values/config-text.ts';

/** A file that tests write to; `undefined`: the file does not exist. */
class FakeFile {
  text: string | undefined;

  constructor(text: string | undefined) {
    this.text = text;
  }

  read = async (path: string): Promise<string> => {
    if (this.text === undefined) {
      throw new Error(`ENOENT: no such file or directory, open '${path}'`);
    }
    return this.text;
  };
}

function open(text: string | undefined) {
  const file = new FakeFile(text);
  return {
    file,
    config: new ConfigFile({ path: '/etc/config.yaml', readFile: file.read, environment }),
  };
}

describe('ConfigFile', () => {
  it('loads the file', async () => {
    const { config } = open('secretName: mine');

    const loaded = await config.load();

    expect(loaded.process.secretName).toBe('mine');
    expect(loaded.settings.profiles.get('default')?.kind).toBe('healthy');
    expect(config.status).toEqual({ valid: true, restartRequired: false });
  });

  it('refuses to start on faults outside of profiles, and names them all', async () => {
    const { config } = open('secretName: X\nkubernetes: {qps: 0}\nprofiles: {a: {}}\n');

    const failure = config.load();

    await expect(failure).rejects.toMatchObject({
      name: 'StalledError',
      code: 'CONFIG_INVALID',
      fix: 'fix the file and start again',
    });
    await expect(failure).rejects.toThrow(
      /config\.yaml[^]*secretName: [^]*kubernetes\.qps: [^]*profiles\.a\./,
    );
  });

  it('refuses to start without the file', async () => {
    await expect(open(undefined).config.load()).rejects.toThrow(/cannot be read: ENOENT/);
  });

  it('starts with a fault inside a profile, and reports itself as not valid', async () => {
    const { config } = open(`profiles: {default: {registries: [${HOST}]}, a: {}}`);

    const loaded = await config.load();

    expect(loaded.settings.profiles.get('a')?.kind).toBe('faulty');
    expect(loaded.profileFaults.length).toBeGreaterThan(0);
    expect(config.status.valid).toBe(false);
  });

  it('reports a change once', async () => {
    const { config, file } = open('');
    await config.load();

    expect(await config.poll()).toEqual({ kind: 'unchanged' });
    file.text = 'attach: {mode: none}';

    expect(await config.poll()).toMatchObject({ kind: 'changed', settings: { attach: 'none' } });
    expect(await config.poll()).toEqual({ kind: 'unchanged' });
  });

  it.each(['', '\n'])(
    'does not take a file that is suddenly empty as all defaults: %j',
    async (nothing) => {
      const text = `profiles: {default: {registries: [${HOST}], allowedNamespaces: {names: [a]}}}`;
      const { config, file } = open(text);
      await config.load();
      file.text = nothing;

      expect(await config.poll()).toMatchObject({ kind: 'refused' });
      expect(config.status.valid).toBe(false);
      expect(await config.poll()).toEqual({ kind: 'unchanged' });
      file.text = text;
      expect(await config.poll()).toMatchObject({ kind: 'changed' });
      expect(config.status.valid).toBe(true);
      file.text = '{}';
      expect(await config.poll()).toMatchObject({ kind: 'changed' });
    },
  );

  it.each([
    ['has a fault at the top level', 'attach: {mode: pods}', 'attach.mode'],
    ['is missing', undefined, ''],
  ])(
    'keeps the last good configuration while the file %s, and reports that once',
    async (_, bad, path) => {
      const { config, file } = open('');
      await config.load();
      file.text = bad;

      expect(await config.poll()).toMatchObject({ kind: 'refused', faults: [{ path }] });
      expect(await config.poll()).toEqual({ kind: 'unchanged' });
      expect(config.status.valid).toBe(false);

      file.text = '';
      expect(await config.poll()).toMatchObject({
        kind: 'changed',
        settings: { attach: 'serviceAccounts' },
      });
      expect(config.status.valid).toBe(true);
    },
  );

  it('keeps the settings that need a restart, names them, and applies the rest', async () => {
    const { config, file } = open('');
    await config.load();
    file.text =
      'secretName: other\nkubernetes: {qps: 1, burst: 2}\nsweep: {schedule: "1 * * * *"}\nattach: {mode: none}\nnamespaces: {only: [a]}';

    const poll = await config.poll();

    expect(poll).toMatchObject({
      kind: 'changed',
      settings: { attach: 'none' },
      process: { secretName: 'ecr-pull-secret', kubernetes: { qps: 200, burst: 400 } },
      restartRequired: [
        'namespaces.only',
        'secretName',
        'kubernetes.qps',
        'kubernetes.burst',
        'sweep.schedule',
      ],
    });
    expect(config.status).toEqual({ valid: true, restartRequired: true });

    file.text = '{}';
    expect(await config.poll()).toMatchObject({ kind: 'changed', restartRequired: [] });
    expect(config.status.restartRequired).toBe(false);
  });

  it('ignores the order of namespaces.only', async () => {
    const { config, file } = open('namespaces: {only: [a, b]}');
    await config.load();
    file.text = 'namespaces: {only: [b, a]}';
    expect(await config.poll()).toMatchObject({ kind: 'changed', restartRequired: [] });
    file.text = 'namespaces: {only: [b]}';
    expect(await config.poll()).toMatchObject({ restartRequired: ['namespaces.only'] });
    file.text = '{}';
    expect(await config.poll()).toMatchObject({ restartRequired: ['namespaces.only'] });
  });
});
