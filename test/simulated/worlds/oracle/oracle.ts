/** Sees everything that happens in a run and reports what must not have happened. */
import { holdsCanary } from '../../../support/suite/canary.ts';
import { checkAccountChange } from './check-account.ts';
import { DampingCheck } from './check-damping.ts';
import { StampCheck } from './check-stamps.ts';
import { LoadCheck } from './check-load.ts';
import { mayChangeInQuiet } from './check-quiet.ts';
import { FruitlessReads, checkRead } from './check-read.ts';
import { mayBeBraked } from './check-removal.ts';
import { checkSecretChange } from './check-secret.ts';
import type { Budget } from '../model/config-model.ts';
import type { EntryChanges } from './entry-change.ts';
import type { Facts } from '../model/facts.ts';
import type { Author, Change } from '../history.ts';
import type { HopObserver } from '../network/hop-network.ts';
import { type HopRequest, isDryRun, requestKeyOf } from '../network/hop-request.ts';
import { type Knowledge, situations } from '../model/knowledge.ts';
import type { Pod } from '../pod.ts';
import { SECRET_NAME, eligibilitiesIn } from '../model/policy.ts';
import {
  FOREIGN_ROLE,
  type IssuedTokens,
  type MintObserver,
  type MintResult,
} from '../network/simulated-ecr.ts';
import { newTally } from '../tally.ts';
import type { Report, Violation } from '../violation.ts';
import type { WriteContext } from './write-context.ts';

interface OracleParts {
  readonly facts: Facts;
  readonly budget: Budget;
  readonly nowMs: () => number;
  readonly issued: () => IssuedTokens;
  readonly trace: (line: () => string) => void;
  /** Called with each of our writes when it leaves its process. */
  readonly onWriteSent: (hop: HopRequest) => void;
}

/** Between reading the caches and the resulting write, the process may wait for its budget, once or more often. */
const SLACK_MS = 90_000;
/** After a conflict, a ServiceAccount is tried up to five times. */
const ACCOUNT_SLACK_MS = 240_000;

export class Oracle implements HopObserver, MintObserver {
  readonly violations: Violation[] = [];
  /** Nothing happens any more: from now on only what is due, and what follows from it, may be written. */
  isQuiet = false;
  /** When the quiet time started, the brake was holding removals back. */
  wasBraked = false;
  readonly #parts: OracleParts;
  readonly #pods = new Map<string, Pod>();
  readonly #loads = new Map<string, LoadCheck>();
  /** Of writes that are in flight. */
  readonly #known = new Map<string, Knowledge>();
  /** Writes in the quiet time that have changed nothing so far. */
  readonly #idle = new Set<string>();
  /** Writes of tokens that have changed nothing so far. */
  readonly #ineffective = new Set<string>();
  readonly #fruitless: FruitlessReads;
  readonly #damping: DampingCheck;
  readonly #stamps = new StampCheck();
  readonly tally = newTally();
  /** By process and namespace: when it last read the namespace itself. */
  readonly #confirmed = new Map<string, number>();
  readonly report: Report;

  constructor(parts: OracleParts) {
    this.#parts = parts;
    this.report = (violation) => {
      this.violations.push(violation);
      parts.trace(() => `VIOLATION ${violation.invariant} ${violation.check}: ${violation.what}`);
    };
    this.#fruitless = new FruitlessReads(this.report);
    this.#damping = new DampingCheck(parts.nowMs, this.report);
  }

  /** A process requests a token that it already has only when it is due, or when somebody requests a refresh. */
  checkMints(sinceMs: number, allowed: number): void {
    for (const [process, load] of this.#loads) {
      for (const [identity, times] of load.tokens) {
        const count = times.filter((atMs) => atMs >= sinceMs).length;
        if (count <= allowed) continue;
        const what = `${process} got ${count} tokens for ${identity} where ${allowed} would do`;
        this.report({ invariant: 'I8', check: 'one mint a rotation', what });
      }
    }
  }

  watch(pod: Pod): void {
    this.#pods.set(pod.name, pod);
    this.#loads.set(pod.name, new LoadCheck(this.#parts.budget, this.report));
  }

  sent(hop: HopRequest): void {
    const { trace, nowMs } = this.#parts;
    trace(() => `${hop.process} → ${hop.method} ${hop.path}${hop.isWatch ? ' (watch)' : ''}`);
    const load = this.#loads.get(hop.process);
    if (isOfLease(hop)) {
      load?.competed(nowMs(), hop.process);
      return;
    }
    if (!hop.isWatch) load?.requested(nowMs(), hop.process);
    if (hop.isForContent) this.#readSent(hop);
    if (hop.method !== 'GET') this.#writeSent(hop);
  }

  served(hop: HopRequest, status: number): void {
    this.#parts.trace(() => `server ${status} to ${hop.process} ${hop.method} ${hop.path}`);
    if (this.#idle.delete(requestKeyOf(hop)) && !this.#isHarmless(hop, status)) {
      const what = `${hop.process} ${hop.method} ${hop.path}: ${status}`;
      this.report({ invariant: 'I8', check: 'no idle writes', what });
    }
    if (this.#ineffective.delete(requestKeyOf(hop)) && status === 200) {
      const what = `${hop.process} wrote ${hop.path} again without a change`;
      this.report({ invariant: 'I8', check: 'no equal writes', what });
    }
    const namespace = /^\/api\/v1\/namespaces\/([^/]+)$/.exec(hop.path)?.[1];
    if (namespace !== undefined && hop.method === 'GET' && status === 200) {
      this.#confirmed.set(`${hop.process} ${namespace}`, this.#parts.nowMs());
    }
  }

  /** When any process last called ECR for a token of that identity. */
  lastMintMs(identity: string): number {
    return Math.max(...[...this.#loads.values()].map((load) => load.lastMintMs(identity)));
  }

  answered(hop: HopRequest, status: number, isWhole: boolean): void {
    if (isWhole) {
      this.#damping.answered(hop);
      this.#stamps.answered(hop);
    }
    if (hop.isForContent && status === 200) this.#fruitless.read(hop);
    this.#parts.trace(() => `${hop.process} ← ${hop.method} ${hop.path}`);
  }

  mintBegins(process: string, identity: string): void {
    this.#parts.trace(() => `${process} → ECR ${identity}`);
    const isClockRight = this.#pods.get(process)?.skewMs === 0;
    this.#loads.get(process)?.mintBegins(this.#parts.nowMs(), identity, isClockRight);
  }

  mintEnds(process: string, identity: string, result: MintResult): void {
    this.#parts.trace(
      () => `${process} ← ECR ${identity}${result === 'token' ? '' : `: ${result}`}`,
    );
    this.#loads.get(process)?.mintEnds(this.#parts.nowMs(), identity, result);
  }

  /** A process now uses another configuration. */
  configApplied(): void {
    this.#fruitless.changed(undefined);
  }

  changed(change: Change, author: Author): void {
    const { facts, nowMs, trace } = this.#parts;
    trace(() => `${renderAuthor(author)} ${renderChange(change)}`);
    if (author.kind === 'us' && !isOfLease(author.hop)) this.#judge(change, author.hop);
    facts.changed(change, nowMs());
    const { namespace = '', name } = change.object.metadata;
    if (change.resource === 'namespaces') this.#fruitless.changed(name);
    if (change.resource === 'secrets') this.#fruitless.changed(namespace);
  }

  #readSent(hop: HopRequest): void {
    const pod = this.#pods.get(hop.process);
    if (pod === undefined) return;
    this.tally.readBacks += 1;
    const { facts, issued } = this.#parts;
    checkRead({
      facts,
      issued: issued(),
      known: this.#knowledgeOf(pod, hop),
      hop,
      report: this.report,
      failingUntilMs: (identity) =>
        this.#loads.get(hop.process)?.failingUntilMs(identity) ?? -Infinity,
    });
  }

  #writeSent(hop: HopRequest): void {
    const pod = this.#pods.get(hop.process);
    // The fence does not cover Events: one that is queued may still be sent after the lead is lost.
    if (pod?.controller?.isLeading === false && !isOfEvent(hop)) {
      const what = `${hop.process} ${hop.path}`;
      this.report({ invariant: 'I7', check: 'only the leader writes', what });
    }
    if (isDryRun(hop)) return this.#dryRunSent(hop, pod);
    if (pod !== undefined) this.#known.set(requestKeyOf(hop), this.#knowledgeOf(pod, hop));
    if (this.isQuiet && !isOfEvent(hop)) this.#idle.add(requestKeyOf(hop));
    if (isOfTokens(hop)) {
      this.#ineffective.add(requestKeyOf(hop));
      this.#fruitless.wrote(hop);
    }
    this.#parts.onWriteSent(hop);
  }

  /** The server is asked for a removal only while the brake holds it back. */
  #dryRunSent(hop: HopRequest, pod: Pod | undefined): void {
    if (pod === undefined) return;
    this.tally.dryRuns += 1;
    const { facts, issued } = this.#parts;
    const known = this.#knowledgeOf(pod, hop);
    if (mayBeBraked({ facts, known, hop, report: this.report, issued: issued() })) return;
    const what = `${hop.process} ${hop.method} ${hop.path}`;
    this.report({ invariant: 'I8', check: 'no needless dry runs', what });
  }

  /** In a race one loses, and reconciles again; an immutable Secret is tried once per hour. */
  #isHarmless({ method, path }: HopRequest, status: number): boolean {
    const { facts } = this.#parts;
    const namespace = /^\/api\/v1\/namespaces\/([^/]+)\/secrets\//.exec(path)?.[1] ?? '';
    const isImmutable = facts.secret(namespace).now?.['immutable'] === true;
    const isGoneAlready = method === 'DELETE' && status === 404;
    const isRefused = status === 403 && facts.policies.now.has(namespaceIn({ path }) ?? '');
    return status === 409 || isGoneAlready || isRefused || (status === 422 && isImmutable);
  }

  #judge(change: Change, hop: HopRequest): void {
    const { facts, issued } = this.#parts;
    this.#ineffective.delete(requestKeyOf(hop));
    const known = this.#known.get(requestKeyOf(hop));
    if (known === undefined) throw new Error(`${requestKeyOf(hop)} was never sent`);
    const quiet = { facts, issued: issued(), wasBraked: this.wasBraked };
    if (this.#idle.delete(requestKeyOf(hop)) && !mayChangeInQuiet(change, hop, quiet)) {
      this.report({ invariant: 'I8', check: 'quiet', what: `${hop.method} ${hop.path}` });
    }
    this.#checkDamping(change, hop, known);
    const context: WriteContext = { facts, known, hop, report: this.report, issued: issued() };
    if (change.resource === 'secrets') {
      this.#count(checkSecretChange(change, context), context);
      if (this.#isSteady(hop)) this.#stamps.changed(change, context);
    } else if (change.resource === 'serviceaccounts') checkAccountChange(change, context);
    else if (change.resource !== 'events') {
      this.report({ invariant: 'I3', check: 'only our kinds', what: `changed ${change.resource}` });
    }
    if (change.resource === 'events') checkEvent(change, this.report);
  }

  /**
   * A process that has just acquired the lead remembers nothing, one with a wrong clock counts wrongly, and one that
   * may still mistake the namespace for its predecessor forgets what it did as soon as it learns better.
   */
  #checkDamping(change: Change, hop: HopRequest, known: Knowledge): void {
    if (!this.#isSteady(hop)) return;
    const states = this.#parts.facts
      .namespace(change.object.metadata.namespace ?? '')
      .during(known.namespacesSinceMs, known.atMs);
    const [uid, ...others] = new Set(states.map((state) => state?.metadata.uid));
    if (uid === undefined || others.length > 0) return;
    const earlier = this.#damping.changed(change, hop, uid);
    if (earlier >= 4) this.tally.damped += 1;
  }

  #isSteady({ process }: HopRequest): boolean {
    const pod = this.#pods.get(process);
    return pod !== undefined && !pod.isElected && pod.skewMs === 0;
  }

  #count(changes: EntryChanges | undefined, { facts, known, hop }: WriteContext): void {
    if (changes === undefined) return;
    const { tally } = this;
    const { fresh, carried, dropped } = changes;
    tally.writes += 1;
    tally.carried += carried.length;
    if (fresh.length > 0 && carried.length > 0) tally.partialWrites += 1;
    const all = situations(facts, namespaceIn(hop) ?? '', known);
    tally.withdrawals += dropped.filter(({ item }) =>
      all.some((one) => eligibilitiesIn(one, [item]).get(item.profile) === 'denied'),
    ).length;
  }

  #knowledgeOf(pod: Pod, hop: HopRequest): Knowledge {
    const pauseMs = pod.recentPauseMs;
    const namespace = namespaceIn(hop) ?? '';
    const since = (resource: string, slackMs: number): number =>
      pod.viewIn(namespace, resource).knownSince(slackMs + pauseMs);
    const everywhere = (resource: string): number =>
      Math.min(...pod.viewsOf(resource).map((view) => view.knownSince(SLACK_MS + pauseMs)));
    return {
      atMs: hop.sentMs,
      namespacesSinceMs: since('namespaces', SLACK_MS),
      accountsSinceMs: since('serviceaccounts', ACCOUNT_SLACK_MS),
      secretsSinceMs: since('secrets', SLACK_MS),
      everywhere: {
        namespacesSinceMs: everywhere('namespaces'),
        secretsSinceMs: everywhere('secrets'),
      },
      configs: pod.configs
        .during(hop.sentMs - SLACK_MS - pauseMs, hop.sentMs)
        .filter((config) => config !== undefined),
      atFence: {
        namespacesSinceMs: pod.viewIn(namespace, 'namespaces').knownSince(0),
        configs: pod.configs
          .during(hop.sentMs, hop.sentMs)
          .filter((config) => config !== undefined),
      },
      confirmedMs: this.#confirmed.get(`${pod.name} ${namespace}`),
      skewMs: pod.skewMs,
      pauseMs,
      latestWallMs: pod.skewMs === 0 ? hop.sentWallMs : Infinity,
    };
  }
}

function namespaceIn({ path }: Pick<HopRequest, 'path'>): string | undefined {
  return /^\/api\/v1\/namespaces\/([^/]+)\//.exec(path)?.[1];
}

/** A server-side apply: the whole Secret. */
function isOfTokens({ method, path, query }: HopRequest): boolean {
  return method === 'PATCH' && path.endsWith(`/secrets/${SECRET_NAME}`) && query.includes('force=');
}

/** Events that tenants read contain no token, and no AWS role. */
function checkEvent({ object, key }: Change, report: Report): void {
  const text = JSON.stringify(object);
  if (holdsCanary(text)) report({ invariant: 'I1', check: 'no token in Events', what: key });
  if (text.includes('arn:aws') || text.includes(FOREIGN_ROLE)) {
    report({ invariant: 'contract', check: 'no role in Events', what: String(object['message']) });
  }
  const isOfMint = object['reason'] === 'TokenRequestFailed';
  if (isOfMint && !/profile "[a-z]+"/.test(String(object['message']))) {
    const what = String(object['message']);
    report({ invariant: 'contract', check: 'Events name the profile', what });
  }
}

function isOfLease({ path }: HopRequest): boolean {
  return path.includes('/leases/');
}

function isOfEvent({ path }: HopRequest): boolean {
  return path.includes('/events');
}

/** With what a reader of the trace needs: never with the content of a Secret. */
function renderChange({ type, resource, key, revision, object }: Change): string {
  const { annotations = {}, labels = {}, deletionTimestamp } = object.metadata;
  const shown = resource === 'events' ? {} : { annotations, labels, deletionTimestamp };
  const entries = object['imagePullSecrets'];
  return `${type} ${resource} ${key} @${revision} ${JSON.stringify({ ...shown, entries })}`;
}

function renderAuthor(author: Author): string {
  if (author.kind !== 'us') return author.kind;
  return `by ${author.hop.process}:`;
}
