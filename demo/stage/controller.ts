/** Starts the real controller as `run` does, in this process, with the clock, the cluster and the AWS of the stage. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type App, type AppOptions, startApp } from '../../src/app/app.ts';
import type { Platform } from '../../src/platform/platform.ts';
import { version } from '../../src/platform/version.ts';
import type { RunningController } from './stage.ts';

export interface ControllerOptions {
  /** A directory for this run. */
  readonly dir: string;
  /** The text of the configuration file. */
  readonly config: string;
  readonly instance: string;
  readonly platform: Omit<Platform, 'writeLog'>;
  readonly marker: string | undefined;
}

export interface DemoController extends RunningController {
  stop(): Promise<void>;
}

/** Throws what `startApp` throws. */
export async function startController(options: ControllerOptions): Promise<DemoController> {
  const { dir, config, instance, platform, marker } = options;
  const file = join(dir, 'config.yaml');
  await writeFile(file, config);
  const lines: string[] = [];
  const appOptions: AppOptions = {
    version: version(),
    config: file,
    listen: '127.0.0.1:0',
    instance,
    logLevel: 'debug',
    logFormat: 'pretty',
  };
  const app: App = await startApp(appOptions, {
    ...platform,
    writeLog: (line) => lines.push(line),
  });
  const { port } = app;
  return {
    port,
    marker,
    log: () => lines.join(''),
    async metrics() {
      const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
      return answer.text();
    },
    stop: () => app.stop(),
  };
}
