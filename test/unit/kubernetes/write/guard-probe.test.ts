import { describe, expect, it } from '@jest/globals';
import { instanceOf } from '../../../../src/domain/contract.ts';
import { METADATA } from '../../../../src/kubernetes/transport/resources.ts';
import { GuardProbe } from '../../../../src/kubernetes/write/guard-probe.ts';
import type { WireRequest } from '../../../../src/kubernetes/wire/wire.ts';
import {
  refusal,
  type ScriptedAnswer,
  ScriptedWire,
} from '../../../support/ports/scripted-wire.ts';
import { transportOver } from '../../../support/ports/simulated-transport.ts';

const SIGNAL = new AbortController().signal;

function resourceOf({ path }: WireRequest): string {
  return path.split('?', 1).join('').split('/')[5] ?? '';
}

/** In the words of a real API server. */
function refusedBy(policy: string): ScriptedAnswer {
  const message = `secrets "x" is forbidden: ValidatingAdmissionPolicy '${policy}' with binding '${policy}' denied request: no.`;
  return refusal(403, 'Forbidden', { message });
}

const byGuard = (request: WireRequest) =>
  refusedBy(`ecr-pull-secrets-guard-${resourceOf(request)}`);

function open(rule: (request: WireRequest) => ScriptedAnswer, instance = 'default') {
  const wire = new ScriptedWire(rule);
  const transport = transportOver(wire);
  const probe = new GuardProbe({ transport, instance: instanceOf(instance, 'mine') });
  return { wire, ask: () => probe.probe('team', SIGNAL) };
}

describe('GuardProbe', () => {
  it('finds the guard in effect if each of its policies refuses', async () => {
    const { wire, ask } = open(byGuard);

    expect(await ask()).toEqual({ kind: 'inEffect' });
    expect(
      wire.requests.map(({ method, path }) => `${method} ${path.split('?', 1).join('')}`),
    ).toEqual([
      'PATCH /api/v1/namespaces/team/secrets/mine',
      'PATCH /api/v1/namespaces/team/serviceaccounts/default',
      'POST /api/v1/namespaces/team/events',
    ]);
  });

  it('changes nothing and reads no content: each is a dry run with metadata as its answer', async () => {
    const { wire, ask } = open(byGuard);
    await ask();

    expect(wire.queries.map(({ dryRun }) => dryRun)).toEqual(['All', 'All', 'All']);
    expect(new Set(wire.requests.map(({ headers }) => headers['accept']))).toEqual(
      new Set([METADATA]),
    );
  });

  it('names what is not guarded', async () => {
    const { ask } = open((request) =>
      resourceOf(request) === 'secrets' ? byGuard(request) : { status: 200 },
    );

    expect(await ask()).toEqual({
      kind: 'notInEffect',
      unguarded: ['serviceaccounts', 'events'],
    });
  });

  it('asks for the policies of its own instance', async () => {
    const { ask } = open(
      (request) => refusedBy(`ecr-pull-secrets-blue-guard-${resourceOf(request)}`),
      'blue',
    );
    expect(await ask()).toEqual({ kind: 'inEffect' });
    expect(await open(byGuard, 'blue').ask()).toMatchObject({ kind: 'unknown' });
  });

  it.each([
    [
      'a webhook that quotes the guard',
      refusal(403, 'Forbidden', {
        message: `admission webhook "a.b" denied the request: as ValidatingAdmissionPolicy 'ecr-pull-secrets-guard-secrets' with binding`,
      }),
    ],
    ['another policy', refusedBy('no-more-secrets')],
    ['RBAC', refusal(403, 'Forbidden', { message: 'User "x" cannot patch resource "secrets"' })],
    ['a webhook without dry runs', refusal(400, 'BadRequest')],
    ['a missing object', refusal(404, 'NotFound')],
    ['a server that does not answer', new Error('connect ECONNREFUSED')],
  ])('does not know if %s stands in the way', async (_, answer) => {
    const { ask } = open((request) =>
      resourceOf(request) === 'secrets' ? answer : byGuard(request),
    );

    expect(await ask()).toMatchObject({ kind: 'unknown', cause: expect.any(Error) });
  });

  it('finds a missing policy even if another one can’t be probed', async () => {
    const { ask } = open((request) =>
      resourceOf(request) === 'secrets' ? refusal(500, 'InternalError') : { status: 200 },
    );

    expect(await ask()).toMatchObject({ kind: 'notInEffect' });
  });

  it('rejects if it is aborted', async () => {
    const wire = new ScriptedWire(() => 'hang');
    const instance = instanceOf('default', 'mine');
    const probe = new GuardProbe({ transport: transportOver(wire), instance });
    const controller = new AbortController();
    const asked = probe.probe('team', controller.signal);
    controller.abort(new Error('enough'));

    await expect(asked).rejects.toThrow('enough');
  });
});
