/** The few questions that the doctor asks an API server. Changes nothing there. */
import { fieldOf, isText, recordOf } from '../base/json.ts';
import type { Clock } from '../base/clock.ts';
import type { GuardState } from '../controller/ports/guard.ts';
import type { Instance } from '../domain/contract.ts';
import { ApiTransport } from './transport/api-transport.ts';
import { isNotFound } from './transport/api-error.ts';
import { RequestBudget } from './transport/request-budget.ts';
import type { ApiServerConnection } from './wire/wire.ts';
import { GuardProbe } from './write/guard-probe.ts';

export interface ServerVersion {
  /** Such as `v1.36.3`. */
  readonly text: string;
  readonly major: number;
  readonly minor: number;
}

/** As in a SelfSubjectAccessReview. No namespace means all namespaces, no name all objects. */
export interface AskedPermission {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly name?: string | undefined;
  readonly namespace?: string | undefined;
}

/** Every question throws what `Transport.request` throws. */
export interface ServerProbe {
  /** `undefined` if the answer does not come from an API server. */
  readVersion(signal: AbortSignal): Promise<ServerVersion | undefined>;
  /** The user that the server authenticated us as; `undefined` before Kubernetes 1.28, which can't report it. */
  readUser(signal: AbortSignal): Promise<string | undefined>;
  isAllowed(permission: AskedPermission, signal: AbortSignal): Promise<boolean>;
  /** As `Guard.probe`, which never throws for an answer. */
  probeGuard(instance: Instance, namespace: string, signal: AbortSignal): Promise<GuardState>;
  /** The object at this path, with its content; `undefined` if there is none. */
  find(path: string, signal: AbortSignal): Promise<unknown>;
  /** How far the server's clock is ahead of ours, in ms, according to the last answer. */
  clockOffsetMs(): number | undefined;
  close(): Promise<void>;
}

/** A person is waiting. */
const ANSWER_WITHIN_MS = 10_000;
const BUDGET = { qps: 50, burst: 50 };
const HALF_SECOND_MS = 500;

export function newServerProbe(apiServer: ApiServerConnection, clock: Clock): ServerProbe {
  const wire = apiServer.openWire();
  let offsetMs: number | undefined;
  const transport = new ApiTransport({
    wire,
    clock,
    budget: new RequestBudget({ clock, ...BUDGET }),
    requestTimeoutMs: ANSWER_WITHIN_MS,
    observer: {
      onServerDate({ serverDate, sentAt, receivedAt }) {
        const middleMs = (sentAt.getTime() + receivedAt.getTime()) / 2;
        // The header is rounded down to the second, by half a second on average.
        offsetMs = serverDate.getTime() + HALF_SECOND_MS - middleMs;
      },
    },
  });
  const review = (path: string, kind: string, spec: object, signal: AbortSignal) =>
    transport.request({
      method: 'POST',
      path: `/apis/${path}`,
      body: JSON.stringify({ apiVersion: path.split('/', 2).join('/'), kind, spec }),
      signal,
    });
  return {
    async readVersion(signal) {
      return parseVersion(await transport.request({ method: 'GET', path: '/version', signal }));
    },
    async readUser(signal) {
      const path = 'authentication.k8s.io/v1/selfsubjectreviews';
      return userOf(await unlessMissing(review(path, 'SelfSubjectReview', {}, signal)));
    },
    async isAllowed(permission, signal) {
      const path = 'authorization.k8s.io/v1/selfsubjectaccessreviews';
      const spec = { resourceAttributes: permission };
      const answer = await review(path, 'SelfSubjectAccessReview', spec, signal);
      return fieldOf(answer, 'status', 'allowed') === true;
    },
    probeGuard: (instance, namespace, signal) =>
      new GuardProbe({ transport, instance }).probe(namespace, signal),
    find: (path, signal) => unlessMissing(transport.request({ method: 'GET', path, signal })),
    clockOffsetMs: () => offsetMs,
    close: () => wire.close(),
  };
}

/** `undefined` if the server has nothing at that path. */
async function unlessMissing(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Some servers write `30+` for the minor part. */
function parseVersion(answer: unknown): ServerVersion | undefined {
  const { major, minor, gitVersion } = recordOf(answer);
  if (!isText(major) || !isText(minor) || !isText(gitVersion)) return undefined;
  const [majorNumber, minorNumber] = [major, minor].map((part) => Number.parseInt(part, 10));
  if (majorNumber === undefined || minorNumber === undefined) return undefined;
  if (Number.isNaN(majorNumber + minorNumber)) return undefined;
  return { text: gitVersion, major: majorNumber, minor: minorNumber };
}

function userOf(answer: unknown): string | undefined {
  const username = fieldOf(answer, 'status', 'userInfo', 'username');
  return isText(username) ? username : undefined;
}
