/** A simulated cluster with the product's permissions, a fake AWS, and any number of controller runs, on one clock. */
import { NAMESPACE_ANNOTATIONS } from '../../../src/domain/contract.ts';
import type { AccessRule } from '../../../simulator/requests/access.ts';
import type { ApiObject } from '../../../simulator/objects/api-object.ts';
import type { SeenRequest } from '../../../simulator/faults.ts';
import { rulesOfUser } from '../../../simulator/server/rbac-manifests.ts';
import type { LoggedRequest } from '../../../simulator/simulated-wire.ts';
import { SimulatedCluster } from '../../../simulator/simulated-cluster.ts';
import { SECRET_NAME } from '../values/builders.ts';
import { CANARY, holdsCanary } from '../suite/canary.ts';
import { VirtualClock } from '../../../simulator/ground/virtual-clock.ts';
import { FakeTokenMinter } from '../ports/fake-token-minter.ts';
import { isGuardProbe, OUR_USER, readInstallation } from '../cluster/install.ts';
import { referencesOf } from '../cluster/opted-in.ts';
import { SimulatedController, type SimulatedControllerOptions } from './simulated-controller.ts';

export const OPTED_IN = { [NAMESPACE_ANNOTATIONS.enabled]: 'true' } as const;
export const OPTED_OUT = { [NAMESPACE_ANNOTATIONS.enabled]: 'false' } as const;
/** The permissions that the installation grants us. */
export const OUR_RULES: readonly AccessRule[] = rulesOfUser(await readInstallation(), OUR_USER);
const DAY_MS = 24 * 3_600_000;
const SHORT_MS = 2000;

export class SimulatedWorld {
  readonly clock = new VirtualClock();
  readonly simulator = new SimulatedCluster({ clock: this.clock });
  readonly minter = new FakeTokenMinter(this.clock, CANARY);
  readonly runs: SimulatedController[] = [];
  readonly #revisionsOfPeople = new Set<number>();
  readonly #ignored = new Set<string>();

  /** Grants the permissions of manifests/install.yaml. */
  constructor() {
    this.simulator.setAccess(OUR_USER, OUR_RULES);
  }

  get kubectl(): SimulatedCluster['kubectl'] {
    return this.simulator.kubectl;
  }

  /** Starts a run and gives it time to settle. */
  async run(options: Partial<SimulatedControllerOptions> = {}): Promise<SimulatedController> {
    const { simulator, clock, minter } = this;
    const run = await SimulatedController.start({ simulator, clock, minter, ...options });
    this.runs.push(run);
    await clock.advance(SHORT_MS);
    return run;
  }

  /** Marks the change in the history as made by people, not by us. */
  byPeople(change: () => void): void {
    const first = this.simulator.revision + 1;
    change();
    for (let n = first; n <= this.simulator.revision; n += 1) this.#revisionsOfPeople.add(n);
  }

  /** Creates namespaces that are opted in. */
  optIn(...names: readonly string[]): void {
    for (const name of names) this.kubectl.createNamespace(name, OPTED_IN);
  }

  annotate(namespace: string, annotations: Readonly<Record<string, string | null>>): void {
    this.kubectl.annotate({ kind: 'Namespace', name: namespace }, annotations);
  }

  secret(namespace: string, name = SECRET_NAME): ApiObject | undefined {
    return this.kubectl.get({ kind: 'Secret', namespace, name });
  }

  /** The names of a ServiceAccount's references. */
  references(namespace: string, name = 'default'): readonly string[] {
    return referencesOf(this.kubectl.get({ kind: 'ServiceAccount', namespace, name }));
  }

  /** The number of the minted token in the Secret; `undefined` if it contains none of ours. */
  tokenNumber(namespace: string, name = SECRET_NAME): number | undefined {
    return tokenNumberOf(this.secret(namespace, name));
  }

  /** The Secret's `auth` for each registry. */
  auths(namespace: string): ReadonlyMap<string, string> {
    return authsIn(this.secret(namespace));
  }

  /** Records our reads of Secret content from now on: call the returned function to get the paths. */
  watchReads(): () => readonly string[] {
    const requests = this.watchRequests();
    return () =>
      requests()
        .filter(({ method, path }) => method === 'GET' && path.endsWith(`/secrets/${SECRET_NAME}`))
        .map(({ path }) => path);
  }

  /** The namespaces that lack a live token or the reference, with the reason. */
  unready(namespaces: readonly string[]): readonly string[] {
    return namespaces.flatMap((namespace) => {
      const faults = [
        ...(this.isLive(namespace) ? [] : ['no live token']),
        ...(this.references(namespace).filter((name) => name === SECRET_NAME).length === 1
          ? []
          : ['not attached']),
      ];
      return faults.map((fault) => `${namespace}: ${fault}`);
    });
  }

  /** Whether AWS would accept the token in the Secret. */
  isLive(namespace: string, name = SECRET_NAME): boolean {
    const { calls, lifeMs, skewMs } = this.minter;
    const number = this.tokenNumber(namespace, name);
    const mintedAt = number === undefined ? undefined : calls[number - 1]?.awsAt;
    if (mintedAt === undefined) return false;
    return mintedAt.getTime() + lifeMs > this.clock.now().getTime() + skewMs;
  }

  /** Makes the node's clock jump; AWS's clock stays right. */
  jump(ms: number): void {
    this.clock.jump(ms);
    this.minter.skewMs -= ms;
  }

  /** Records our requests from now on: call the returned function to get them. */
  watchRequests(): () => readonly Readonly<LoggedRequest>[] {
    const start = this.simulator.requests.length;
    return () => this.simulator.requests.slice(start).filter(({ user }) => user === OUR_USER);
  }

  /** Like `watchRequests`, but only writes, without Events, which are sent in the background. */
  watchWrites(): () => readonly string[] {
    const requests = this.watchRequests();
    return () =>
      requests()
        .filter(({ method, path }) => method !== 'GET' && !path.includes('/events'))
        .map(({ method, path, status }) => `${method} ${path} ${status}`);
  }

  /** Records changes to these objects by anybody from now on: call the returned function to get them. */
  watchChanges(of: string): () => readonly string[] {
    const start = this.simulator.changes.length;
    return () =>
      this.simulator.changes
        .slice(start)
        .filter(({ resource }) => resource === of)
        .map(({ type, key }) => `${type} ${key}`);
  }

  /** Calls `find` every `everyMs` while time passes; returns everything found, without duplicates. */
  async advance(
    ms: number,
    { everyMs, find }: { readonly everyMs: number; readonly find: () => readonly string[] },
  ): Promise<readonly string[]> {
    const found = new Set<string>();
    for (let passed = 0; passed < ms; passed += everyMs) {
      await this.clock.advance(Math.min(everyMs, ms - passed));
      for (const one of find()) found.add(one);
    }
    return [...found];
  }

  reasons(namespace: string): readonly string[] {
    const events = this.kubectl
      .list('Event')
      .filter((event) => event.metadata.namespace === namespace);
    return [...new Set(events.map((event) => String(event['reason'])))];
  }

  /** Ignores violations so far with this ending, because the test provoked them, such as 403 answers. */
  ignoreViolations(ending: string): void {
    for (const one of this.violations()) if (one.endsWith(ending)) this.#ignored.add(one);
  }

  /** What no run may ever do; tests expect none. */
  violations(): readonly string[] {
    const leaks = this.runs.filter(({ output }) => holdsCanary(output)).map(() => 'token in a log');
    const events = this.kubectl.list('Event').filter((event) => holdsCanary(JSON.stringify(event)));
    const refused = this.simulator.requests.filter(
      ({ user, status, query }) =>
        user === OUR_USER && (status === 401 || status === 403) && !isGuardProbe(query),
    );
    const violations = [
      ...leaks,
      ...events.map(({ metadata }) => `token in Event ${metadata.name}`),
      ...refused.map(({ method, path, status }) => `${method} ${path}: ${status}`),
      ...this.#violationsInHistory(),
    ];
    return violations.filter((one) => !this.#ignored.has(one));
  }

  #violationsInHistory(): readonly string[] {
    return this.simulator.changes.flatMap((change) => {
      const { type, resource, key, object, previous, revision } = change;
      if (type === 'DELETED' || previous === undefined) return [];
      if (this.#revisionsOfPeople.has(revision)) return [];
      if (resource === 'serviceaccounts') {
        const count = (one: ApiObject) =>
          referencesOf(one).filter((name) => name === SECRET_NAME).length;
        return count(object) > 1 && count(previous) <= 1 ? [`${key} attached twice`] : [];
      }
      const before = authsIn(previous);
      return [...authsIn(object)].flatMap(([host, auth]) => {
        const [old, now] = [numberOf(before.get(host)), numberOf(auth)];
        const isOlder = old !== undefined && now !== undefined && now < old;
        return isOlder ? [`${key}: token ${now} after ${old} for ${host}`] : [];
      });
    });
  }

  /** Stops all runs gracefully, with time for them to finish. */
  async close(): Promise<void> {
    const stopped = Promise.all(this.runs.map(async (run) => run.stop()));
    await this.clock.advance(DAY_MS / 24);
    await stopped;
  }
}

/** Matches our writes whose path contains `part`, for example `/namespaces/team/secrets/`. */
export function writesTo(part: string): (request: SeenRequest) => boolean {
  return ({ method, path, user }) => user === OUR_USER && method !== 'GET' && path.includes(part);
}

function tokenNumberOf(secret: ApiObject | undefined): number | undefined {
  return numberOf([...authsIn(secret).values()][0]);
}

/** By host; empty if the content is not ours. */
function authsIn(secret: ApiObject | undefined): ReadonlyMap<string, string> {
  const data = secret?.['data'] as Readonly<Record<string, string>> | undefined;
  const entries = atob(data?.['.dockerconfigjson'] ?? '').matchAll(/"([^"]+)":{"auth":"([^"]*)"}/g);
  return new Map([...entries].map(([, host = '', auth = '']) => [host, auth]));
}

function numberOf(auth: string | undefined): number | undefined {
  const number = /-(\d+)$/.exec(atob(auth ?? ''))?.[1];
  return number === undefined ? undefined : Number(number);
}
