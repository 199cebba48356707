/** A namespace with several profiles on the simulator, p0 to p9, each with its own registry and role. */
import { NAMESPACE_ANNOTATIONS } from '../../../src/domain/contract.ts';
import { identitiesIn } from '../values/config-text.ts';
import { openWorlds } from './open-worlds.ts';
import type { SimulatedController } from './simulated-controller.ts';
import { OPTED_IN, type SimulatedWorld } from './simulated-world.ts';

export const TEN = Array.from({ length: 10 }, (_, n) => `p${n}`);

export function hostOf(profile: string): string {
  return `${profile.slice(1).padStart(12, '1')}.dkr.ecr.eu-west-1.amazonaws.com`;
}

export function roleOf(profile: string): string {
  return `arn:aws:iam::${hostOf(profile).slice(0, 12)}:role/puller`;
}

/** `allowed`: per profile, the pattern of the namespaces that may use it; default: all. */
export function configOf(
  names: readonly string[],
  allowed: Readonly<Record<string, string>> = {},
  removal = '{gracePeriod: 10m}',
): string {
  const profiles = names.map(
    (name) =>
      `  ${name}: {registries: [${hostOf(name)}], assumeRole: {roleArn: "${roleOf(name)}"}, allowedNamespaces: {names: ["${allowed[name] ?? '*'}"]}}\n`,
  );
  return `profiles:${profiles.length === 0 ? ' {}\n' : `\n${profiles.join('')}`}removal: ${removal}\n`;
}

export const ALL = configOf(TEN);

/** The namespace `team`, and the single run that serves it. */
export class SeveralProfiles {
  readonly world: SimulatedWorld;
  #run: SimulatedController | undefined;

  constructor(world: SimulatedWorld) {
    this.world = world;
  }

  get run(): SimulatedController {
    if (this.#run === undefined) throw new Error('no controller is running');
    return this.#run;
  }

  async begin(profiles: readonly string[], config = ALL): Promise<void> {
    const annotations = { ...OPTED_IN, [NAMESPACE_ANNOTATIONS.profiles]: profiles.join() };
    this.world.kubectl.createNamespace('team', annotations);
    await this.start(config);
  }

  async start(config = ALL): Promise<void> {
    this.#run = await this.world.run({ config });
  }

  /** Kills the run and starts another, which has an empty memory. */
  async restart(config = ALL): Promise<void> {
    await this.run.kill();
    await this.start(config);
  }

  want(...profiles: readonly string[]): void {
    this.world.annotate('team', { [NAMESPACE_ANNOTATIONS.profiles]: profiles.join() });
  }

  /** AWS no longer issues tokens for these profiles. */
  refuse(profiles: readonly string[], error: Error): void {
    for (const identity of profiles.flatMap((profile) => identitiesIn(ALL, profile))) {
      this.world.minter.refuse(identity, error);
    }
  }

  callsOf(profile: string): number {
    const hashes = identitiesIn(ALL, profile).map(({ hash }) => hash);
    return this.world.minter.calls.filter(({ identity }) => hashes.includes(identity)).length;
  }

  /** The profiles that have an entry in the Secret, in order. */
  get held(): readonly string[] {
    const auths = this.world.auths('team');
    return TEN.filter((name) => auths.has(hostOf(name)));
  }

  authOf(profile: string): string | undefined {
    return this.world.auths('team').get(hostOf(profile));
  }

  /** The messages of the Events with this reason. */
  eventMessages(reason: string): readonly string[] {
    const events = this.world.kubectl.list('Event').filter((event) => event['reason'] === reason);
    return events.map((event) => String(event['message']));
  }
}

/** Opens one for each test; call it once, outside of all tests. */
export function openSeveralProfiles(use: (rig: SeveralProfiles) => void): void {
  openWorlds((world) => use(new SeveralProfiles(world)));
}
