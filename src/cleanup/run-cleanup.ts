/** From the options of the command to a report. Of the configuration, it reads only what a cleanup depends on. */
import { readFile } from 'node:fs/promises';
import { type Platform, openApiServer } from '../platform/platform.ts';
import { ConfigFile, type LoadedConfig } from '../config/config-file.ts';
import type { ProcessSettings } from '../config/parse-config.ts';
import { configEnvironmentOf } from '../config/config-environment.ts';
import { instanceOf, LEASE_ANNOTATIONS, leaseNameOf } from '../domain/contract.ts';
import { StalledError } from '../domain/errors.ts';
import { connectCleanup } from '../kubernetes/connect-cleanup.ts';
import { readOwnNamespace } from '../kubernetes/wire/own-namespace.ts';
import { cleanUp } from './clean-up.ts';
import { dryRun } from './dry-run.ts';
import { podsCommand } from './pods-command.ts';
import type { CleanupReport, LeaseFate } from './report.ts';

export interface CleanupOptions {
  readonly version: string;
  readonly config?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly instance: string;
  /** The namespace of the Lease. Default: our own Pod's. */
  readonly namespace?: string;
  readonly timeoutMs: number;
  /** If false, nothing is changed. */
  readonly yes: boolean;
  /** Removes orphaned references too. */
  readonly orphanedReferences: boolean;
}

interface Surroundings {
  readonly platform: Platform;
  readonly stop: AbortSignal;
  /** Who cleans up, for the pause annotation. */
  readonly who: string;
  /** Progress, line by line. */
  readonly print: (line: string) => void;
}

/** Throws a `StalledError` if it can't even begin. */
export async function runCleanup(
  options: CleanupOptions,
  { platform, stop, who, print }: Surroundings,
): Promise<CleanupReport> {
  const { clock } = platform;
  const { settings, process } = await loadConfig(options, platform);
  const { cluster, lease } = await connect(options, platform, process);
  const { scope, secretName } = process;
  const why = `by cleanup on ${who} at ${clock.now().toISOString()}`;
  const { timeoutMs, orphanedReferences: removesOrphanedReferences } = options;
  const common = { cluster, clock, scope, secretName, settings, removesOrphanedReferences };
  try {
    const findings = options.yes
      ? await cleanUp({ ...common, timeoutMs, stop, why, print })
      : await dryRun({ ...common, signal: stop });
    return {
      ...findings,
      podsCommand: podsCommand(secretName, scope),
      ...resumeOf(findings.lease, lease),
    };
  } finally {
    await cluster.close();
  }
}

/** Removes the pause annotation, whoever set it. Throws a `ControllerError`. */
export async function resumeController(
  options: CleanupOptions,
  { platform, stop }: Pick<Surroundings, 'platform' | 'stop'>,
): Promise<void> {
  const { process } = await loadConfig(options, platform);
  const { cluster } = await connect(options, platform, process);
  try {
    await cluster.resume(stop);
  } finally {
    await cluster.close();
  }
}

async function connect(options: CleanupOptions, platform: Platform, settings: ProcessSettings) {
  const namespace = options.namespace ?? (await readNamespace());
  const apiServer = platform.apiServer ?? openApiServer(options, platform);
  const cluster = connectCleanup(apiServer, {
    instance: instanceOf(options.instance, settings.secretName),
    namespace,
    budget: settings.kubernetes,
    clock: platform.clock,
  });
  return { cluster, lease: { namespace, name: leaseNameOf(options.instance) } };
}

/** Nothing if the Lease is deleted, and the pause with it. */
function resumeOf(
  fate: LeaseFate,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Pick<CleanupReport, 'resume'> {
  switch (fate) {
    case 'deleted':
      return {};
    case 'created':
      return { resume: `kubectl -n ${namespace} delete lease ${name}` };
    case 'kept': {
      const removal = `${LEASE_ANNOTATIONS.paused}-`;
      return { resume: `kubectl -n ${namespace} annotate lease ${name} ${removal}` };
    }
  }
}

/** As `run` reads them; faults inside profiles do not matter here. */
async function loadConfig(
  { config }: CleanupOptions,
  { environment }: Platform,
): Promise<LoadedConfig> {
  const file = new ConfigFile({
    path: config ?? 'defaults',
    readFile: (path) => (config === undefined ? Promise.resolve('') : readFile(path, 'utf8')),
    environment: configEnvironmentOf(environment),
  });
  return file.load();
}

async function readNamespace(): Promise<string> {
  try {
    return await readOwnNamespace();
  } catch (cause) {
    throw new StalledError('finding the Lease: the namespace of the controller is unknown', {
      code: 'NAMESPACE_UNKNOWN',
      fix: 'pass it with --namespace',
      cause,
    });
  }
}
