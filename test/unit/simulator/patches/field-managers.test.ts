/** Ownership of fields for any writer and any write: the contract suite has examples, this suite the general rules. */
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { JsonObject, ManagedFieldsEntry } from '../../../../simulator/objects/api-object.ts';
import { ApiFailure } from '../../../../simulator/objects/api-failure.ts';
import {
  applyConfiguration,
  ownersAfterUpdate,
} from '../../../../simulator/patches/field-managers.ts';
import {
  claimedFields,
  compareFields,
  difference,
  intersection,
  parseFields,
  renderFields,
} from '../../../../simulator/patches/field-set.ts';
import { mergePatch } from '../../../../simulator/patches/merge-patch.ts';
import { SECRETS } from '../../../../simulator/objects/resource-kinds.ts';

const now = new Date('2026-01-01T00:00:00Z');
const map = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('1', '2'), {
  minKeys: 1,
});
const secrets: fc.Arbitrary<JsonObject> = fc
  .record({ data: map, labels: map, annotations: map }, { requiredKeys: [] })
  .map(({ data, labels, annotations }) => ({
    type: 'Opaque',
    ...(data === undefined ? {} : { data }),
    metadata: { ...(labels && { labels }), ...(annotations && { annotations }) },
  }));
const steps = fc.array(
  fc.record({
    manager: fc.constantFrom('us', 'them', 'others'),
    operation: fc.constantFrom('apply', 'update'),
    content: secrets,
  }),
  { minLength: 1, maxLength: 6 },
);

interface State {
  readonly object: JsonObject;
  readonly managedFields: readonly ManagedFieldsEntry[];
}
type Step = typeof steps extends fc.Arbitrary<readonly (infer S)[]> ? S : never;

function play(states: State | undefined, { manager, operation, content }: Step): State {
  const live = states && withOwners(states);
  if (operation === 'apply') {
    const writer = { manager, now, force: true };
    return applyConfiguration(SECRETS, { live, configuration: content }, writer);
  }
  const next = live === undefined ? content : mergePatch(live, content);
  return {
    object: next,
    managedFields: ownersAfterUpdate(SECRETS, { live, next }, { manager, now }),
  };
}

function withOwners({ object, managedFields }: State): JsonObject {
  return mergePatch(object, { metadata: { managedFields } });
}

function playAll(all: readonly Step[]): State {
  const [first, ...rest] = all;
  if (first === undefined) throw new Error('at least one step');
  return rest.reduce((state, step) => play(state, step), play(undefined, first));
}

function fieldsOf(state: State, manager: string, operation: string): ReadonlySet<string> {
  const entry = state.managedFields.find(
    (one) => one.manager === manager && one.operation === operation,
  );
  return entry === undefined ? new Set() : parseFields(entry.fieldsV1);
}

describe('field managers', () => {
  it('give an applying manager exactly what it claims, and the object what was applied', () => {
    fc.assert(
      fc.property(steps, secrets, (before, content) => {
        const state = play(playAll(before), { manager: 'us', operation: 'apply', content });

        expect(fieldsOf(state, 'us', 'Apply')).toEqual(claimedFields(SECRETS, content));
        expect(mergePatch(state.object, content)).toEqual(state.object);
      }),
    );
  });

  it('change nothing when the same is applied again', () => {
    fc.assert(
      fc.property(steps, secrets, (before, content) => {
        const step: Step = { manager: 'us', operation: 'apply', content };
        const once = play(playAll(before), step);
        const twice = play(once, step);

        expect(compareFields(SECRETS, once.object, twice.object)).toEqual(nothing());
        expect(twice.managedFields).toEqual(once.managedFields);
      }),
    );
  });

  it('take from everybody else what a write changes', () => {
    fc.assert(
      fc.property(steps, steps, (before, [step]) => {
        if (step === undefined) return;
        const old = playAll(before);
        const state = play(old, step);
        const { added, modified, removed } = compareFields(SECRETS, old.object, state.object);

        const others = state.managedFields.filter(({ manager }) => manager !== step.manager);
        for (const { fieldsV1 } of others) {
          const fields = parseFields(fieldsV1);
          for (const changed of [added, modified, removed]) {
            expect(intersection(fields, changed).size).toBe(0);
          }
        }
      }),
    );
  });

  it('never own what does not exist', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const state = playAll(all);
        const present = compareFields(SECRETS, undefined, state.object).added;
        for (const { fieldsV1 } of state.managedFields) {
          expect(difference(parseFields(fieldsV1), present).size).toBe(0);
        }
      }),
    );
  });

  it('refuse an unforced apply exactly when a forced one would take a field', () => {
    fc.assert(
      fc.property(steps, secrets, (before, content) => {
        const live = withOwners(playAll(before));
        const states = { live, configuration: content };
        const forced = applyConfiguration(SECRETS, states, { manager: 'new', now, force: true });
        const { added, modified } = compareFields(SECRETS, live, forced.object);
        const owned = playAll(before).managedFields.some(({ fieldsV1 }) => {
          const fields = parseFields(fieldsV1);
          return intersection(fields, added).size + intersection(fields, modified).size > 0;
        });

        const writer = { manager: 'new', now, force: false };
        const outcome = orStatus(() => applyConfiguration(SECRETS, states, writer));

        expect(outcome).toEqual(owned ? 409 : forced);
      }),
    );
  });

  it('are rendered so that they can be read back', () => {
    fc.assert(
      fc.property(secrets, (content) => {
        const fields = compareFields(SECRETS, undefined, content).added;
        expect(parseFields(renderFields(fields))).toEqual(fields);
      }),
    );
  });
});

/** The result, or the code of the refusal. */
function orStatus(apply: () => unknown): unknown {
  try {
    return apply();
  } catch (error) {
    if (error instanceof ApiFailure) return error.code;
    throw error;
  }
}

function nothing(): unknown {
  return { added: new Set(), modified: new Set(), removed: new Set() };
}
