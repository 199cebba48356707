/** Checks the guard: by writes that it must refuse, or, for a person, whom it does not restrict, by its objects. */
import { fieldOf } from '../base/json.ts';
import type { GuardState } from '../controller/ports/guard.ts';
import { renderError } from '../domain/errors.ts';
import { isForbidden } from '../kubernetes/transport/api-error.ts';
import type { Attempted } from './attempted.ts';
import type { Check } from './check.ts';

export type GuardFindings =
  /** Nobody expects it. */
  | { readonly kind: 'off' }
  | { readonly kind: 'probed'; readonly state: Attempted<GuardState> }
  | { readonly kind: 'read'; readonly objects: readonly PolicyObject[] };

export interface PolicyObject {
  readonly kind: 'ValidatingAdmissionPolicy' | 'ValidatingAdmissionPolicyBinding';
  readonly name: string;
  /** `undefined`: it does not exist. */
  readonly found: Attempted<unknown>;
}

const FIX =
  'create the policies and their bindings again: with the chart (admissionPolicies.guard.enabled) or from manifests/install.yaml, on Kubernetes 1.30 or later; to do without the guard, set --guard off';

export function checkGuard(findings: GuardFindings): Check {
  switch (findings.kind) {
    case 'off': {
      const message = 'off (--guard off): only RBAC restricts the controller';
      return { name: 'policies', subject: 'guard', status: 'info', message };
    }
    case 'probed':
      return checkProbe(findings.state);
    case 'read':
      return checkObjects(findings.objects);
  }
}

function checkProbe(probed: Attempted<GuardState>): Check {
  const check = { name: 'policies', subject: 'guard' } as const;
  const state =
    probed.kind === 'answered' ? probed.value : ({ kind: 'unknown', cause: probed.error } as const);
  switch (state.kind) {
    case 'inEffect': {
      const message = 'in effect: the API server refuses what it forbids';
      return { ...check, status: 'ok', message };
    }
    case 'unknown': {
      const message = `can't probe it: ${renderError(state.cause)}`;
      return { ...check, status: 'skipped', message };
    }
    case 'notInEffect': {
      const what = state.unguarded.join(', ');
      const message = `not in effect for ${what}: the API server would accept from this user what it forbids, so only RBAC restricts whoever has the controller's token`;
      const fix = `${FIX}; if this user is not the controller's ServiceAccount, run the doctor in the controller's Pod`;
      return { ...check, status: 'warning', message, fix };
    }
  }
}

function checkObjects(objects: readonly PolicyObject[]): Check {
  const check = { name: 'policies', subject: 'guard' } as const;
  for (const { found } of objects) {
    if (found.kind === 'answered') continue;
    const why = isForbidden(found.error)
      ? 'no permission to read its policies'
      : `can't read its policies: ${renderError(found.error)}`;
    return { ...check, status: 'skipped', message: why };
  }
  const missing = objects.filter((object) => !isWhole(object));
  if (missing.length === 0) {
    const message =
      "its policies and their bindings exist; only the doctor in the controller's Pod sees whether they are in effect";
    return { ...check, status: 'ok', message };
  }
  const names = missing.map(({ kind, name }) => `${kind}/${name}`).join(', ');
  const message = `missing, or not denying: ${names}; without them, only RBAC restricts whoever has the controller's token`;
  return { ...check, status: 'warning', message, fix: FIX };
}

function isWhole({ kind, found }: PolicyObject): boolean {
  if (found.kind === 'failed' || found.value === undefined) return false;
  const actions = fieldOf(found.value, 'spec', 'validationActions');
  return (
    kind === 'ValidatingAdmissionPolicy' || (Array.isArray(actions) && actions.includes('Deny'))
  );
}
