/** The table of rooms fits the folders and their imports, and the linter refuses what it does not allow. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { ROOMS } from '../../../scripts/rooms.ts';

const ROOT = join(import.meta.dirname, '../../..');
const SEVENTEEN = 17;
const names = Object.keys(ROOMS);
const files = ['src', 'simulator', 'demo'].flatMap((top) =>
  readdirSync(join(ROOT, top), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => posix.join(top, name)),
);
const roomOf = (file: string): string => posix.dirname(file);

describe('the table of rooms', () => {
  it('lists every folder, and nothing else', () => {
    expect([...new Set(files.map(roomOf))].sort()).toEqual([...names].sort());
  });

  it('has no room of more than 17 files', () => {
    const sizes = names.map((room) => files.filter((file) => roomOf(file) === room).length);

    expect(names.filter((_, index) => Number(sizes[index]) > SEVENTEEN)).toEqual([]);
  });

  it('lets a room import only rooms above it, so that no two need each other', () => {
    const upwards = names.flatMap((room, index) =>
      (ROOMS[room]?.imports ?? [])
        .map((target) => (target.endsWith('.ts') ? roomOf(target) : target))
        .filter((target) => {
          const place = names.indexOf(target);
          return place < 0 || place >= index;
        })
        .map((target) => `${room} -> ${target}`),
    );

    expect(upwards).toEqual([]);
  });

  it('allows nothing that no file needs', () => {
    const needed = neededImports();

    const allowed = names.map((room) => {
      const { imports = [], packages = [] } = ROOMS[room] ?? {};
      return [room, [...imports, ...packages].sort()];
    });
    expect(Object.fromEntries(allowed)).toEqual(needed);
  });

  it('is not bypassed by modules that are loaded at run time', () => {
    const loading = files.filter((file) => /\b(?:import|require)\(/.test(read(file)));

    // The demo, so that `run` does not include the simulator.
    expect(loading).toEqual(['src/commands/demo.ts']);
  });
});

describe('the linter', () => {
  let dir: string;
  let found: readonly Diagnostic[];

  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'rooms-'));
    mkdirSync(join(dir, 'scripts'));
    for (const file of ['oxlint.config.ts', 'scripts/rooms.ts', 'tsconfig.json']) {
      copyFileSync(join(ROOT, file), join(dir, file));
    }
    symlinkSync(join(ROOT, 'node_modules'), join(dir, 'node_modules'));
    for (const room of names) plant(room);
    plantCircle();
    found = lint();
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  it.each(names)('lets %s import only what its row allows', (room) => {
    const { imports = [], packages = [] } = ROOMS[room] ?? {};
    const row = [
      './own.ts',
      ...imports.map((target) =>
        specifier(room, target.endsWith('.ts') ? target : `${target}/planted.ts`),
      ),
      ...packages,
    ];

    const refused = foundBy('no-restricted-imports', `${room}/planted.ts`).map(moduleOf);
    const taken = candidates(room).filter((module) => !refused.includes(module));

    expect(taken.sort()).toEqual(row.sort());
  });

  it('refuses an import cycle, through types too', () => {
    for (const file of ['src/base/circle-a.ts', 'src/base/circle-b.ts']) {
      expect([file, foundBy('no-cycle', file).length]).toEqual([file, 1]);
    }
  });

  /** One import per line, of every kind, as a file of the room would write it. */
  function plant(room: string): void {
    mkdirSync(join(dir, room), { recursive: true });
    const lines = candidates(room).map(
      (module, index) => `import type { A${index} } from '${module}';\n`,
    );
    writeFileSync(join(dir, room, 'planted.ts'), lines.join(''));
  }

  function plantCircle(): void {
    for (const [name, other] of [
      ['a', 'b'],
      ['b', 'a'],
    ]) {
      const text = `import type { ${other} } from './circle-${other}.ts';\nexport type ${name} = { ${other}: ${other} };\n`;
      writeFileSync(join(dir, `src/base/circle-${name}.ts`), text);
    }
  }

  function lint(): readonly Diagnostic[] {
    const { stdout } = spawnSync(
      join(ROOT, 'node_modules/.bin/oxlint'),
      ['--format=json', ...new Set(names.map((room) => room.split('/')[0] ?? ''))],
      { cwd: dir, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
    );
    const { diagnostics } = JSON.parse(stdout) as { diagnostics: readonly Diagnostic[] };
    return diagnostics;
  }

  function foundBy(rule: string, file: string): readonly Diagnostic[] {
    return found.filter(({ code, filename }) => code.includes(rule) && filename === file);
  }

  function moduleOf({ filename, labels }: Diagnostic): string {
    const lines = readFileSync(join(dir, filename), 'utf8').split('\n');
    const line = lines[(labels[0]?.span.line ?? 0) - 1];
    return /'(.*)'/.exec(line ?? '')?.[1] ?? '';
  }
});

/** For each room, what its files import from other rooms, as the table would write it. */
function neededImports(): Readonly<Record<string, readonly string[]>> {
  const needed = Object.fromEntries(names.map((room) => [room, new Set<string>()]));
  for (const file of files) {
    const room = roomOf(file);
    for (const [, module = ''] of read(file).matchAll(/(?:\bfrom |^import |import\()'([^']+)'/gm)) {
      if (!module.startsWith('.')) needed[room]?.add(module);
      else needed[room]?.add(asInTable(room, posix.join(room, module)));
    }
    needed[room]?.delete(room);
  }
  return Object.fromEntries(Object.entries(needed).map(([room, set]) => [room, [...set].sort()]));
}

/** A single file if the room’s row names it, else its room. */
function asInTable(room: string, file: string): string {
  return ROOMS[room]?.imports.includes(file) === true ? file : roomOf(file);
}

function candidates(room: string): readonly string[] {
  const { imports = [] } = ROOMS[room] ?? {};
  const all = names.flatMap((name) => ROOMS[name]?.imports ?? []);
  const single = [...new Set(all)].filter(
    (target) => target.endsWith('.ts') && !imports.includes(roomOf(target)),
  );
  const others = names.filter((name) => name !== room).map((name) => `${name}/planted.ts`);
  const packages = new Set(names.flatMap((name) => ROOMS[name]?.packages ?? []));
  return [
    './own.ts',
    './sub/deeper.ts',
    // Detours: refused, whatever they lead to.
    `../${posix.basename(room)}/own.ts`,
    `./../${posix.basename(room)}/own.ts`,
    ...[...others, ...single.filter((file) => roomOf(file) !== room)].map((file) =>
      specifier(room, file),
    ),
    ...packages,
    'node:cluster',
    'left-pad',
  ];
}

function specifier(room: string, file: string): string {
  const path = posix.relative(room, file);
  return path.startsWith('.') ? path : `./${path}`;
}

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

interface Diagnostic {
  readonly code: string;
  readonly filename: string;
  readonly labels: readonly { readonly span: { readonly line: number } }[];
}
