/** Servers that answer without end, instead of AWS. */
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { CredentialSource } from '../../../../src/domain/identity.ts';
import { renderError } from '../../../../src/domain/errors.ts';
import { AwsWorld, identityWith } from '../../../support/aws/aws-world.ts';
import { startLoopbackServer } from '../../../support/ports/loopback-server.ts';
import { eventually } from '../../../support/suite/eventually.ts';

const CHUNK = Buffer.alloc(256 * 1024, ' ');
/** An answer of 1 MiB, and what the sockets of both sides hold. */
const MOST_SENT = 32 * 1024 * 1024;

let world: AwsWorld;

beforeEach(async () => {
  world = await AwsWorld.start();
});
afterEach(() => world.stop());

async function startEndlessServer() {
  const sent = { bytes: 0 };
  const answer = (response: ServerResponse): void => {
    while (!response.destroyed && sent.bytes < 2 * MOST_SENT) {
      sent.bytes += CHUNK.length;
      if (!response.write(CHUNK)) return;
    }
  };
  const server = await startLoopbackServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
    response.on('drain', () => answer(response));
    answer(response);
  });
  return Object.assign(server, { sent });
}

describe('an answer without end', () => {
  it.each<[string, CredentialSource, string, string]>([
    ['ECR', { kind: 'environment' }, 'AWS_ENDPOINT_URL_ECR', 'instead of ECR'],
    ['STS', { kind: 'webIdentity', explicit: undefined }, 'AWS_ENDPOINT_URL_STS', 'instead of STS'],
    [
      'the Pod Identity agent',
      { kind: 'podIdentity' },
      'AWS_CONTAINER_CREDENTIALS_FULL_URI',
      'instead of the agent',
    ],
    [
      'the instance metadata',
      { kind: 'instanceProfile' },
      'AWS_EC2_METADATA_SERVICE_ENDPOINT',
      'instead of the instance metadata',
    ],
  ])('of %s is cut off, with its cause and fix', async (_, source, variable, fix) => {
    await using server = await startEndlessServer();
    world.set({ [variable]: server.url });

    const error = await world.failure(identityWith(source));

    expect(error.code).toMatch(/^(ECR|AWS_CREDENTIALS)_INVALID_ANSWER$/);
    expect(renderError(error)).toContain('AnswerTooLong');
    expect(renderError(error)).toContain(fix);
    const patience = { what: 'the connection to end', limitMs: 5_000, everyMs: 5 };
    await eventually(patience, () => server.connections.open === 0);
    expect(server.sent.bytes).toBeLessThan(MOST_SENT);
  });
});
