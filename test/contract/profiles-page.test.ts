import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { credentials } from '../../src/config/credentials-schema.ts';
import { jsonSchemaOf } from '../support/json-schema.ts';
import { parseOk } from '../support/config-text.ts';

const page = readFileSync(new URL('../../docs/profiles.md', import.meta.url), 'utf8');

describe('docs/profiles.md', () => {
  it('gives configurations that are free of faults', () => {
    const examples = [...page.matchAll(/```yaml\n([^]*?)```/g)].map(([, text = '']) => text);

    expect(examples).not.toHaveLength(0);
    for (const example of examples) {
      const { profileFaults, settings } = parseOk(example);
      expect(profileFaults).toEqual([]);
      expect([...settings.profiles.values()].map(({ kind }) => kind)).toEqual(['healthy']);
    }
  });

  it('names every source of credentials and no other', () => {
    const named = [...page.matchAll(/^\| `(\w+)` +\|/gm)].map(([, source]) => source);

    const { source } = jsonSchemaOf(credentials).properties ?? {};
    expect(new Set(named)).toEqual(new Set(source?.enum));
  });
});
