import { describe, expect, it } from '@jest/globals';
import { remembering } from '../../../src/domain/remembering.ts';

describe('remembering', () => {
  it('asks the function once for each record, whatever it returns', () => {
    const asked: string[] = [];
    const lengthOf = remembering(({ name }: { readonly name: string }) => {
      asked.push(name);
      return name === 'none' ? undefined : name.length;
    });
    const [one, none] = [{ name: 'one' }, { name: 'none' }];

    expect([one, none, one, none].map(lengthOf)).toEqual([3, undefined, 3, undefined]);
    expect(asked).toEqual(['one', 'none']);
  });

  it('takes another record with the same content as another one', () => {
    const asked: string[] = [];
    const note = remembering(({ name }: { readonly name: string }) => asked.push(name));

    note({ name: 'one' });
    note({ name: 'one' });
    expect(asked).toEqual(['one', 'one']);
  });
});
