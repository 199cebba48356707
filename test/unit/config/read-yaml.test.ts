import { describe, expect, it } from '@jest/globals';
import { readYaml } from '../../../src/config/read-yaml.ts';

describe('readYaml', () => {
  it('reads plain data, and undefined from an empty text', () => {
    expect(readYaml('a: [1, "x", {b: true}]')).toEqual({
      kind: 'ok',
      value: { a: [1, 'x', { b: true }] },
    });
    expect(readYaml('# nothing')).toEqual({ kind: 'ok', value: null });
  });

  it('allows a few blocks to be shared by alias', () => {
    const text = 'a: &shared {x: 1}\nb: *shared\nc: *shared\n';

    expect(readYaml(text)).toEqual({
      kind: 'ok',
      value: { a: { x: 1 }, b: { x: 1 }, c: { x: 1 } },
    });
  });

  it('says where a fault is', () => {
    expect(readYaml('a: 1\nb: [\n')).toEqual({
      kind: 'invalid',
      faults: [{ path: '', message: expect.stringContaining('line 3') }],
    });
  });

  it.each([
    ['a duplicate key', 'a: 1\na: 2', 'unique'],
    ['a second document', 'a: 1\n---\nb: 2', 'multiple documents'],
    ['an unknown tag', 'a: !!js/function "x"', 'Unresolved tag'],
    ['an alias without an anchor', 'a: *nowhere', 'nowhere'],
    ['a tab for indentation', 'a:\n\tb: 1', 'Tabs'],
    ['a file that is too long', `# ${'x'.repeat(600_000)}`, 'longer'],
    ['deep nesting', '['.repeat(100_000), 'line 1'],
    ['a million faults', '"'.repeat(100_000), 'line 1'],
    ['a bomb of aliases', bomb(), 'alias'],
  ])('refuses %s, in time', (_name, text, reason) => {
    const startedAt = process.cpuUsage();
    const result = readYaml(text);

    expect(result).toEqual({ kind: 'invalid', faults: expect.anything() });
    expect(JSON.stringify(result)).toContain(reason);
    expect(JSON.stringify(result).length).toBeLessThan(4000);
    // Processor time: other processes on this machine may delay us.
    const { user, system } = process.cpuUsage(startedAt);
    expect((user + system) / 1000).toBeLessThan(5000);
  });
});

function bomb(): string {
  const letters = Array.from('abcdefghi');
  return letters
    .map((letter, index) => {
      const item = index === 0 ? 'x' : `*${letters[index - 1] ?? ''}`;
      return `${letter}: &${letter} [${Array(9).fill(item).join(', ')}]`;
    })
    .join('\n');
}
