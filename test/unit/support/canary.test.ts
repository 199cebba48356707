import { describe, expect, it } from '@jest/globals';
import { passwordOf } from '../../../simulator/aws/token-password.ts';
import { CANARY, holdsCanary } from '../../support/suite/canary.ts';

describe('holdsCanary', () => {
  const auth = Buffer.from(`AWS:${passwordOf(7, CANARY)}`).toString('base64');
  const config = JSON.stringify({ auths: { 'a.example': { auth } } });

  it.each([
    ['plain', `password=${passwordOf(7, CANARY)}`],
    ['as auth', config],
    ['as the data of a Secret', Buffer.from(config).toString('base64')],
    ['cut after 60 characters', passwordOf(7, CANARY).slice(0, 60)],
  ])('finds it %s', (_, output) => {
    expect(holdsCanary(output)).toBe(true);
  });

  it('finds nothing in other text', () => {
    expect(holdsCanary(`token minted, number 7, ${CANARY.length} characters`)).toBe(false);
  });
});
