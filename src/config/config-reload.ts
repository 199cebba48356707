/** The configuration of this moment: follows the file, and tells of every change what it means. */
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
  /** Of the start: a changed file never changes them. */
  readonly process: ProcessSettings;
  readonly #configFile: ConfigFile;
  readonly #log: Log;
  readonly #loaded: LoadedConfig;
  #settings: Settings;
  #onChange: () => void = () => undefined;

  /** Throws a `StalledError` that lists every fault of a file that can't be started with. */
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

  /** Tells of the file as it was loaded; from then on `onChange` is called when new settings are in effect. */
  listen(onChange: () => void): void {
    this.#tell(this.#loaded);
    this.#onChange = onChange;
  }

  /** Looks at the file. A fault at its top level leaves the last good configuration in effect. */
  async poll(): Promise<void> {
    const poll = await this.#configFile.poll();
    if (poll.kind === 'unchanged') return;
    if (poll.kind === 'refused') {
      const faults = poll.faults.map(renderFault);
      this.#log.error({ faults }, 'configuration refused, the last good one stays in effect');
      return;
    }
    this.#settings = poll.settings;
    this.#log.info({ profiles: [...poll.settings.profiles.keys()] }, 'configuration changed');
    this.#tell(poll);
    this.#onChange();
  }

  #tell({ profileFaults, warnings, restartRequired }: LoadedConfig): void {
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
