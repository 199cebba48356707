/** The import arrow is enforced: violations planted beside the project's lint rules are reported. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const FOLDERS =
  'base domain controller config kubernetes aws telemetry simulator doctor cleanup commands'.split(
    ' ',
  );
const PACKAGES =
  'node:crypto node:fs node:fs/promises @kubernetes/client-node @aws-sdk/client-ecr @aws-sdk/client-ecr-public @aws-sdk/client-sts @smithy/node-http-handler undici prom-client pino node-cron commander zod';

/** What each part may import. Everything else that `candidates` lists must be refused. */
const ALLOWED: Readonly<Record<string, string>> = {
  'base/planted.ts': './own.ts',
  'domain/planted.ts': './own.ts node:crypto',
  'controller/planted.ts': './own.ts ../base/x.ts ../domain/x.ts node:crypto',
  'config/planted.ts':
    './own.ts ../base/x.ts ../domain/x.ts node:crypto node:fs node:fs/promises zod',
  'kubernetes/planted.ts':
    './own.ts ../base/x.ts ../domain/x.ts ../controller/x.ts node:crypto node:fs node:fs/promises @kubernetes/client-node undici',
  'aws/planted.ts':
    './own.ts ../base/x.ts ../domain/x.ts ../controller/x.ts node:crypto node:fs node:fs/promises @aws-sdk/client-ecr @aws-sdk/client-ecr-public @aws-sdk/client-sts @smithy/node-http-handler',
  'telemetry/planted.ts':
    './own.ts ../base/x.ts ../domain/x.ts ../controller/x.ts node:crypto node:fs node:fs/promises prom-client pino',
  'simulator/planted.ts':
    './own.ts ../base/x.ts ../domain/x.ts ../kubernetes/wire.ts ../aws/aws-wire.ts node:crypto node:fs node:fs/promises',
  'simulator/part/planted.ts':
    './own.ts ../beside.ts ../other/x.ts ../../base/x.ts ../../domain/x.ts ../../kubernetes/wire.ts ../../aws/aws-wire.ts node:crypto node:fs node:fs/promises',
  'doctor/planted.ts':
    './own.ts ../base/x.ts ../domain/x.ts ../controller/x.ts ../config/x.ts ../kubernetes/x.ts ../aws/x.ts ../app.ts ' +
    'node:crypto node:fs node:fs/promises',
  'cleanup/planted.ts':
    './own.ts ../base/x.ts ../domain/x.ts ../controller/x.ts ../config/x.ts ../kubernetes/x.ts ../app.ts ' +
    'node:crypto node:fs node:fs/promises',
  'commands/planted.ts':
    './own.ts ../base/x.ts ../domain/x.ts ../config/x.ts ../doctor/x.ts ../cleanup/x.ts ../app.ts node:crypto node:fs node:fs/promises commander',
  'commands/demo/planted.ts':
    './own.ts ../beside.ts ../../base/x.ts ../../domain/x.ts ../../simulator/x.ts ../../app.ts node:crypto node:fs node:fs/promises',
  'app.ts':
    './own.ts ./base/x.ts ./domain/x.ts ./controller/x.ts ./config/x.ts ./kubernetes/x.ts ./aws/x.ts ./telemetry/x.ts ' +
    'node:crypto node:fs node:fs/promises',
  'main.ts': './commands/x.ts node:crypto node:fs node:fs/promises',
  'beside-app.ts':
    './own.ts ./base/x.ts ./domain/x.ts ./controller/x.ts ./config/x.ts node:crypto node:fs node:fs/promises node-cron',
};

/** One import of every kind, as `file` would write it, roundabout ways included. */
function candidates(file: string): readonly string[] {
  const depth = file.split('/').length - 1;
  const up = '../'.repeat(depth) || './';
  const [own] = file.split('/');
  return [
    './own.ts',
    ...(depth > 1 ? ['../beside.ts', '../other/x.ts'] : []),
    ...FOLDERS.filter((folder) => folder !== own).map((folder) => `${up}${folder}/x.ts`),
    ...(own === 'simulator' ? [`${up}kubernetes/wire.ts`, `${up}aws/aws-wire.ts`] : []),
    ...['app.ts', 'main.ts'].filter((name) => name !== file).map((name) => `${up}${name}`),
    `../${up}src/simulator/x.ts`,
    `${up}domain/../simulator/x.ts`,
    ...PACKAGES.split(' '),
  ];
}

describe('the import arrow', () => {
  let dir: string;

  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'import-arrow-'));
    copyFileSync(join(ROOT, '.oxlintrc.json'), join(dir, '.oxlintrc.json'));
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  it.each(Object.entries(ALLOWED))('lets %s import %s and nothing else', (file, allowed) => {
    const modules = candidates(file);

    const refused = plant(join(dir, 'src', file), modules);

    expect(modules.filter((name) => !refused.includes(name))).toEqual(allowed.split(' '));
  });

  /** Writes one import a line and returns the modules of the lines that the lint refuses. */
  function plant(path: string, modules: readonly string[]): readonly string[] {
    mkdirSync(dirname(path), { recursive: true });
    const lines = modules.map((name, index) => `export { a${index} } from '${name}';\n`);
    writeFileSync(path, lines.join(''));
    const oxlint = join(ROOT, 'node_modules/.bin/oxlint');
    const { stdout } = spawnSync(oxlint, ['--format=json', path], { cwd: dir, encoding: 'utf8' });
    const { diagnostics } = JSON.parse(stdout) as { diagnostics: readonly Diagnostic[] };
    const refusedLines = diagnostics
      .filter(({ code }) => code.includes('no-restricted-imports'))
      .map(({ labels }) => labels[0]?.span.line);
    return modules.filter((_, index) => refusedLines.includes(index + 1));
  }

  it('has a rule for every folder of the source', () => {
    const entries = readdirSync(join(ROOT, 'src'), { withFileTypes: true });

    const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    expect(folders.filter((name) => !FOLDERS.includes(name))).toEqual([]);
  });

  it('is not walked around by modules that are loaded at run time', () => {
    const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' });

    const loading = files
      .filter((name) => name.endsWith('.ts'))
      .filter((name) =>
        /\b(?:import|require)\(/.test(readFileSync(join(ROOT, 'src', name), 'utf8')),
      );
    // The demo, so that `run` does not carry the simulator.
    expect(loading).toEqual(['commands/demo.ts']);
  });
});

interface Diagnostic {
  readonly code: string;
  readonly labels: readonly { readonly span: { readonly line: number } }[];
}
