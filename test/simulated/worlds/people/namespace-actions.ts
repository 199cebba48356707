/** What people do to a namespace and write on it. */
import type { Kubectl } from '../../../../simulator/kubectl.ts';
import { TEAM, TIER } from '../model/config-model.ts';
import {
  BAD_ACCOUNTS,
  BAD_ENABLED,
  BAD_PROFILES,
  ENABLED,
  PROFILES,
  REQUESTED,
  SERVICE_ACCOUNTS,
} from '../model/policy.ts';
import type { RandomStream } from '../random-stream.ts';

/** The order decides which profile keeps a host that two of them have. */
const LISTS = [
  'default,team',
  'team,default',
  'default,vault',
  'vault, team',
  'shared,team',
  'shared,default',
  'default,shared,vault',
  'default,team,shared,vault',
  'vault,team,default,vault',
  'default,unknown',
  'default,vast,vault',
  'team,vault,unknown',
] as const;

type Marks = Readonly<Record<string, string | null>>;

export class NamespaceActions {
  readonly #kubectl: Kubectl;
  readonly #random: RandomStream;
  #requests = 0;

  constructor(kubectl: Kubectl, random: RandomStream) {
    this.#kubectl = kubectl;
    this.#random = random;
  }

  /** Most are opted in from the start. */
  readonly create = (name: string): void => {
    const random = this.#random;
    if (this.#kubectl.get({ kind: 'Namespace', name }) !== undefined) return;
    const annotations: Record<string, string> = {};
    if (random.chance(0.7)) annotations[ENABLED] = 'true';
    const profiles = random.chance(0.75) ? this.#profiles() : null;
    if (profiles !== null) annotations[PROFILES] = profiles;
    const labels: Record<string, string> = {};
    if (random.chance(0.6)) labels[TEAM] = 'yes';
    if (random.chance(0.3)) labels[TIER] = 'gold';
    this.#kubectl.createNamespace(name, annotations, labels);
  };

  readonly delete = (name: string): void => this.#kubectl.delete({ kind: 'Namespace', name });

  /** `null`: without the annotation. */
  enable(name: string, value: string | null): void {
    this.#annotate(name, { [ENABLED]: value });
  }

  /** If the other annotations can be read, they often ask for something new, which has no effect. */
  readonly annotateBadly = (name: string): void => {
    const list = this.#random.pick(LISTS);
    const annotations = this.#random.pick<Marks>([
      { [ENABLED]: BAD_ENABLED },
      { [ENABLED]: BAD_ENABLED, [PROFILES]: list },
      { [PROFILES]: BAD_PROFILES },
      { [PROFILES]: `${list},${BAD_PROFILES}` },
      { [SERVICE_ACCOUNTS]: BAD_ACCOUNTS },
      { [SERVICE_ACCOUNTS]: BAD_ACCOUNTS, [PROFILES]: list },
    ]);
    this.#annotate(name, annotations);
  };

  readonly fix = (name: string): void => {
    this.#annotate(name, { [ENABLED]: 'true', [PROFILES]: null, [SERVICE_ACCOUNTS]: null });
  };

  readonly askForProfiles = (name: string): void => {
    this.#annotate(name, { [PROFILES]: this.#profiles() });
  };

  /** If it names several. */
  readonly dropProfile = (name: string): void => {
    const namespace = this.#kubectl.get({ kind: 'Namespace', name });
    const names = namespace?.metadata.annotations?.[PROFILES]?.split(',') ?? [];
    if (names.length < 2) return;
    const left = this.#random.chance(0.5) ? names.slice(1) : names.slice(0, -1);
    this.#annotate(name, { [PROFILES]: left.join(',') });
  };

  readonly listAccounts = (name: string): void => {
    const list = this.#random.pick(['*', 'none', 'app', 'app,default', null]);
    this.#annotate(name, { [SERVICE_ACCOUNTS]: list });
  };

  readonly request = (name: string): void => {
    this.#requests += 1;
    this.#annotate(name, { [REQUESTED]: String(this.#requests) });
  };

  readonly changeLabels = (name: string): void => {
    const labels = this.#random.pick<Marks>([
      { [TEAM]: 'yes' },
      { [TEAM]: null },
      { [TIER]: 'gold' },
      { [TIER]: null },
    ]);
    this.#label(name, labels);
  };

  /** The label that allows the use of profiles. */
  readonly leaveTeam = (name: string): void => this.#label(name, { [TEAM]: null });

  #profiles(): string | null {
    return this.#random.chance(0.8)
      ? this.#random.pick(LISTS)
      : this.#random.pick(['team', 'shared', 'vault', 'default', null, 'unknown']);
  }

  #annotate(name: string, annotations: Marks): void {
    this.#kubectl.annotate({ kind: 'Namespace', name }, annotations);
  }

  #label(name: string, labels: Marks): void {
    this.#kubectl.patch({ kind: 'Namespace', name }, { metadata: { labels } });
  }
}
