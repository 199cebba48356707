/** The current configuration: follows the file and logs what each change means. */
import type { ConfigFile, ConfigStatus, LoadedConfig } from './config-file.ts';
import { renderFault } from './fault.ts';
import type { ProcessSettings } from './parse-config.ts';
import type { Log } from '../base/log.ts';
import type { Settings } from '../domain/settings.ts';

interface Dependencies {
  readonly configFile: ConfigFile;
  readonly loaded: LoadedConfig;
  readonly log: Log;
}

export class ConfigReload {
  /** As of the start: a changed file never changes them. */
  readonly process: ProcessSettings;
  readonly #configFile: ConfigFile;
  readonly #log: Log;
  readonly #loaded: LoadedConfig;
  #settings: Settings;
  #onChange: () => void = () => undefined;

  /** Throws a `StalledError` that lists every fault if the process can't start with this file. */
  static async open(configFile: ConfigFile, log: Log): Promise<ConfigReload> {
    return new ConfigReload({ configFile, loaded: await configFile.load(), log });
  }

  private constructor({ configFile, loaded, log }: Dependencies) {
    this.process = loaded.process;
    this.#configFile = configFile;
    this.#log = log;
    this.#loaded = loaded;
    this.#settings = loaded.settings;
  }

  get settings(): Settings {
    return this.#settings;
  }

  get status(): ConfigStatus {
    return this.#configFile.status;
  }

  /** Logs the faults and warnings of the loaded file; from then on calls `onChange` once new settings are in effect. */
  listen(onChange: () => void): void {
    this.#report(this.#loaded);
    this.#onChange = onChange;
  }

  /** Re-reads the file. A fault outside the profiles leaves the last good configuration in effect. */
  async poll(): Promise<void> {
    const poll = await this.#configFile.poll();
    if (poll.kind === 'unchanged') return;
    if (poll.kind === 'refused') {
      const faults = poll.faults.map(renderFault);
      this.#log.error({ faults }, 'configuration rejected, the last good one stays in effect');
      return;
    }
    this.#settings = poll.settings;
    this.#log.info({ profiles: [...poll.settings.profiles.keys()] }, 'configuration changed');
    this.#report(poll);
    this.#onChange();
  }

  #report({ profileFaults, warnings, restartRequired }: LoadedConfig): void {
    for (const fault of profileFaults) {
      this.#log.error({ fault: renderFault(fault) }, 'profile disabled by a fault');
    }
    for (const warning of warnings) {
      this.#log.warn({ warning: renderFault(warning) }, 'configuration warning');
    }
    if (restartRequired.length === 0) return;
    this.#log.warn({ keys: restartRequired }, 'configuration change needs a restart');
  }
}
