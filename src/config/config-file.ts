/** Holds the last good configuration: reads the file at start and compares it at every tick. */
import { StalledError, renderError } from '../domain/errors.ts';
import { isSameScope } from '../domain/scope.ts';
import type { Settings } from '../domain/settings.ts';
import { type Fault, renderFault } from './fault.ts';
import { type ConfigEnvironment, type ProcessSettings, parseConfig } from './parse-config.ts';

export interface ConfigFileDeps {
  readonly path: string;
  readonly readFile: (path: string) => Promise<string>;
  readonly environment: ConfigEnvironment;
}

export interface LoadedConfig {
  readonly settings: Settings;
  /** As of the start: a changed file never changes them. */
  readonly process: ProcessSettings;
  /** Why profiles are `faulty` in the settings. */
  readonly profileFaults: readonly Fault[];
  readonly warnings: readonly Fault[];
  /** Keys whose new value takes effect only after a restart, such as `kubernetes.qps`. */
  readonly restartRequired: readonly string[];
}

/** Each change is reported once. */
export type ConfigPoll =
  | { readonly kind: 'unchanged' }
  /** In effect from now on. */
  | ({ readonly kind: 'changed' } & LoadedConfig)
  /** The last good configuration stays in effect. */
  | { readonly kind: 'refused'; readonly faults: readonly Fault[] };

export interface ConfigStatus {
  /** The current file has no fault, not even in a profile, and is in effect except for what needs a restart. */
  readonly valid: boolean;
  readonly restartRequired: boolean;
}

const MAX_NAMED_FAULTS = 50;
/** The defaults would open the profile `default` to all namespaces and opt out those that a selector has opted in. */
const EMPTIED = 'the file has become empty; to use the defaults, write {}';

export class ConfigFile {
  readonly #deps: ConfigFileDeps;
  /** What was judged last: the content, or the reason why the file could not be read. */
  #judged = '';
  /** Whether the last good file was empty. */
  #isBlank = false;
  #process: ProcessSettings | undefined;
  #status: ConfigStatus = { valid: false, restartRequired: false };

  constructor(deps: ConfigFileDeps) {
    this.#deps = deps;
  }

  get status(): ConfigStatus {
    return this.#status;
  }

  /** Throws a `StalledError` that lists every fault if the file can't be read or has a fault outside its profiles. */
  async load(): Promise<LoadedConfig> {
    const result = this.#judge(await this.#read());
    if (result.kind === 'changed') return result;
    const named = result.faults
      .slice(0, MAX_NAMED_FAULTS)
      .map((fault) => `\n  ${renderFault(fault)}`);
    const more = result.faults.length - named.length;
    throw new StalledError(
      `reading the configuration ${this.#deps.path}:` +
        named.join('') +
        (more > 0 ? `\n  and ${more} more` : ''),
      { code: 'CONFIG_INVALID', fix: 'fix the file and start again' },
    );
  }

  /** Compares the content with the one judged last. Never throws. Must not be called while another call is running. */
  async poll(): Promise<ConfigPoll> {
    const content = await this.#read();
    if (markOf(content) === this.#judged) return { kind: 'unchanged' };
    if (content.kind === 'text' && content.text.trim() === '' && !this.#isBlank) {
      this.#judged = markOf(content);
      return this.#refuse([{ path: '', message: EMPTIED }]);
    }
    return this.#judge(content);
  }

  async #read(): Promise<Content> {
    try {
      return { kind: 'text', text: await this.#deps.readFile(this.#deps.path) };
    } catch (error) {
      return { kind: 'unreadable', reason: renderError(error) };
    }
  }

  #judge(content: Content): Exclude<ConfigPoll, { kind: 'unchanged' }> {
    this.#judged = markOf(content);
    if (content.kind === 'unreadable') {
      const message = `the file cannot be read: ${content.reason}; fix the mount or --config`;
      return this.#refuse([{ path: '', message }]);
    }
    const parsed = parseConfig(content.text, this.#deps.environment);
    if (parsed.kind === 'invalid') return this.#refuse(parsed.faults);

    this.#isBlank = content.text.trim() === '';
    const { settings, profileFaults, warnings } = parsed;
    this.#process ??= parsed.process;
    const restartRequired = changedKeys(this.#process, parsed.process);
    this.#status = {
      valid: profileFaults.length === 0,
      restartRequired: restartRequired.length > 0,
    };
    return {
      kind: 'changed',
      settings,
      process: this.#process,
      profileFaults,
      warnings,
      restartRequired,
    };
  }

  #refuse(faults: readonly Fault[]): {
    readonly kind: 'refused';
    readonly faults: readonly Fault[];
  } {
    this.#status = { ...this.#status, valid: false };
    return { kind: 'refused', faults };
  }
}

type Content =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'unreadable'; readonly reason: string };

function markOf(content: Content): string {
  return content.kind === 'text' ? `text ${content.text}` : `unreadable ${content.reason}`;
}

function changedKeys(before: ProcessSettings, after: ProcessSettings): readonly string[] {
  return [
    ...(isSameScope(before.scope, after.scope) ? [] : ['namespaces.only']),
    ...(before.secretName === after.secretName ? [] : ['secretName']),
    ...(before.kubernetes.qps === after.kubernetes.qps ? [] : ['kubernetes.qps']),
    ...(before.kubernetes.burst === after.kubernetes.burst ? [] : ['kubernetes.burst']),
    ...(before.sweep.schedule === after.sweep.schedule ? [] : ['sweep.schedule']),
  ];
}
