import { beforeEach, describe, expect, it } from '@jest/globals';
import { SecretHistory } from '../../../../src/controller/memory/secret-history.ts';
import type { Step } from '../../../../src/domain/plan/plan-model.ts';
import { aNamespace, aPullSecret } from '../../../support/values/builders.ts';

const CREATION = [{ kind: 'writeSecret' } as Step];

describe('SecretHistory', () => {
  let history: SecretHistory;
  const without = aNamespace({ pullSecret: undefined });
  const { name } = without;
  beforeEach(() => {
    history = new SecretHistory();
  });

  it('trusts the caches about a namespace that was first seen less than a minute ago', () => {
    history.note(without, CREATION, 1_000);
    history.note(without, CREATION, 30_000);

    expect(history.isDoubtful(name, 61_000)).toBe(false);
    expect(history.isDoubtful(name, 61_001)).toBe(true);
  });

  it('does not trust them about one that has had a Secret', () => {
    history.note(aNamespace({ pullSecret: aPullSecret() }), [], 0);
    history.note(without, CREATION, 1);

    expect(history.isDoubtful(name, 1)).toBe(true);
  });

  it('remembers nothing of a namespace that gets no Secret, or is gone', () => {
    history.note(without, [], 0);
    expect(history.isDoubtful(name, 100_000)).toBe(false);

    history.note(without, CREATION, 0);
    history.forget(name);
    expect(history.isDoubtful(name, 100_000)).toBe(false);
  });
});
