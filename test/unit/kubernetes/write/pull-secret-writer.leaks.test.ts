/** An admission controller may quote the object that it refuses: no part of the token may come back in its message. */
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { SecretText } from '../../../../src/domain/secret-text.ts';
import { entryOf, renderPullSecret } from '../../../../src/domain/state/pull-secret.ts';
import { PullSecretWriter } from '../../../../src/kubernetes/write/pull-secret-writer.ts';
import { INSTANCE, aPullSecret, aToken } from '../../../support/values/builders.ts';
import { RecordedMeasurements } from '../../../support/ports/recorded-measurements.ts';
import { ScriptedWire, refusal } from '../../../support/ports/scripted-wire.ts';
import { transportOver } from '../../../support/ports/simulated-transport.ts';

/** Like ECR’s: long, and itself base64. */
const LONG_PASSWORD = btoa(
  JSON.stringify({ payload: 'Zq7+'.repeat(400), datakey: 'x/9K'.repeat(90), version: '2' }),
);
const SHORT_PASSWORD = 'q7Rr2LkP0sVx9TzWbE4m';

/** Ways in which a server may quote the Secret that it was sent. */
const QUOTES: Readonly<Record<string, (body: string) => string>> = {
  'the body unchanged': (body) => body,
  'the body as a JSON string': (body) => JSON.stringify(body),
  'the data': (body) => dataOf(body),
  'the data in lines': (body) => dataOf(body).replace(/.{60}/g, '$&\n'),
  'the start of the data': (body) => dataOf(body).slice(0, 250),
  'the middle of the data': (body) => dataOf(body).slice(105, 165),
  'the decoded data': (body) => atob(dataOf(body)),
  'the decoded data as a JSON string': (body) => JSON.stringify(atob(dataOf(body))),
  'the auth': (body) => authOf(body),
  'the start of the auth': (body) => authOf(body).slice(0, 40),
  'the auth in lines': (body) => authOf(body).replace(/.{30}/g, '$&\n'),
  'the decoded auth': (body) => atob(authOf(body)),
  'the start of the password': (body) => atob(authOf(body)).slice(4, 24),
  'the password twice': (body) => `${atob(authOf(body))} and ${atob(authOf(body)).slice(4)}`,
  'the data as bytes, as Go prints them': (body) =>
    `map[.dockerconfigjson:[${[...Buffer.from(dataOf(body), 'base64')].join(' ')}]]`,
};

function dataOf(body: string): string {
  const { data } = JSON.parse(body) as { data: Readonly<Record<string, string>> };
  return data['.dockerconfigjson'] ?? '';
}

function authOf(body: string): string {
  return (JSON.parse(atob(dataOf(body))) as { auths: { h: { auth: string } } }).auths.h.auth;
}

/** Every twelve consecutive characters of the token, in each of its encodings. */
function partsOf(password: string): ReadonlySet<string> {
  const auth = btoa(`AWS:${password}`);
  const config = JSON.stringify({ auths: { h: { auth } } });
  const forms = [password, auth, btoa(config).slice(32), [...Buffer.from(auth)].join(' ')];
  const parts = forms.flatMap((form) =>
    Array.from({ length: Math.max(0, form.length - 11) }, (_, n) => form.slice(n, n + 12)),
  );
  return new Set(parts);
}

async function refusedWith(
  password: string,
  quote: (body: string) => string,
  answer: (message: string) => ReturnType<typeof refusal>,
): Promise<unknown> {
  const wire = new ScriptedWire((request) =>
    answer(`admission webhook "w" denied the request: ${quote(request.body ?? '')}: no`),
  );
  const writer = new PullSecretWriter({
    transport: transportOver(wire),
    measurements: new RecordedMeasurements(),
    instance: INSTANCE,
    absorb: () => undefined,
    forget: () => undefined,
  });
  const token = aToken({ authorization: new SecretText(btoa(`AWS:${password}`)) });
  const content = renderPullSecret([entryOf('default', ['h'], token)], {
    configHash: 'hash',
    refreshRequestedAt: undefined,
  });
  return writer
    .write('team', content, aPullSecret(), { signal: new AbortController().signal })
    .then(() => undefined)
    .catch((error: unknown) => error);
}

describe('PullSecretWriter, refused by a server that quotes', () => {
  const cases = Object.entries(QUOTES).flatMap(([what, quote]) => [
    { what, quote, length: 'long', password: LONG_PASSWORD },
    { what, quote, length: 'short', password: SHORT_PASSWORD },
  ]);
  const answers = [
    (message: string) => refusal(403, 'Forbidden', { message }),
    (message: string) =>
      refusal(422, 'Invalid', { message, causes: [{ message, field: message }] }),
    (message: string) => refusal(409, 'Conflict', { message }),
    (message: string) => ({ status: 500, body: message }),
    (message: string) => refusal(429, message, { message: 'too much' }),
  ];

  it.each(cases)('repeats nothing of $what, given a $length token', async ({ quote, password }) => {
    const parts = partsOf(password);
    for (const answer of answers) {
      const error = await refusedWith(password, quote, answer);

      const output = inspect(error, { depth: Infinity, showHidden: true });
      expect(output).toMatch(/denied|too much/);
      const leaked = [...parts].filter((part) => output.includes(part));
      expect(leaked).toEqual([]);
    }
  });
});
