/** Tools that tests use and never build: found complete or not at all, and built by only one of several builders at once. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findBinaries } from '../../support/control-plane/binaries.ts';
import { TOOL_LANES } from '../../support/tools/all-tools.ts';
import { buildTool, findTool, type Tool } from '../../support/tools/tool.ts';

let env: Readonly<Record<string, string>>;

beforeEach(async () => {
  env = { XDG_CACHE_HOME: await mkdtemp(join(tmpdir(), 'empty-cache-')) };
});
afterEach(async () => rm(env['XDG_CACHE_HOME'] ?? '', { recursive: true }));

describe('with an empty cache', () => {
  it.each(TOOL_LANES.flat())('$name is missing, with the command that builds it', async (tool) => {
    await expect(findTool(tool, env)).rejects.toThrow(
      `\`npm run build:tools -- ${tool.name}\` builds it`,
    );
  });

  it('the control plane is missing, with the command that builds it', async () => {
    await expect(findBinaries(env)).rejects.toThrow('`npm run build:tools -- control-plane`');
  });
});

describe('building a tool', () => {
  it('makes it available, and happens once', async () => {
    let builds = 0;
    const tool = toolOf(async (directory) => {
      builds += 1;
      await writeFile(join(directory, 'program'), 'built');
    });

    expect(await buildTool(tool, () => undefined, env)).toBe(true);
    expect(await buildTool(tool, () => undefined, env)).toBe(false);

    expect(await readFile(join(await findTool(tool, env), 'program'), 'utf8')).toBe('built');
    expect(builds).toBe(1);
  });

  it('is done by one of two concurrent builders, while the other waits and says so', async () => {
    let builds = 0;
    const lines: string[] = [];
    const waits = Promise.withResolvers<undefined>();
    const tool = toolOf(async () => {
      builds += 1;
      await waits.promise;
    });
    const say = (line: string) => {
      lines.push(line);
      waits.resolve(undefined);
    };

    const both = await Promise.all([buildTool(tool, say, env), buildTool(tool, say, env)]);

    expect(both.toSorted()).toEqual([false, true]);
    expect(builds).toBe(1);
    expect(lines).toEqual([`process ${process.pid} is already building it, waiting`]);
  });

  it('leaves nothing behind if it fails, and starts again from an empty directory', async () => {
    const half = toolOf(async (directory) => {
      await writeFile(join(directory, 'half'), '');
      throw new Error('no network');
    });
    const whole = toolOf(async (directory) => mkdir(join(directory, 'whole')));

    await expect(buildTool(half, () => undefined, env)).rejects.toThrow('no network');
    await expect(findTool(half, env)).rejects.toThrow('it is not in');

    await buildTool(whole, () => undefined, env);
    const directory = await findTool(whole, env);
    await expect(readFile(join(directory, 'half'))).rejects.toThrow('ENOENT');
  });
});

function toolOf(fill: Tool['fill']): Tool {
  return { name: 'example', version: 'v1', fill };
}
