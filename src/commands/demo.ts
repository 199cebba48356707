/** `demo`: shows what the controller does as it happens, on an embedded cluster or on a real one. */
import { type Command, Option } from 'commander';
import { renderError } from '../domain/errors.ts';
import { stopSignal } from './stop-signal.ts';

interface Flags {
  readonly once: boolean;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly awsEndpoint?: string;
}

/** `exitWith` receives the exit code once the demo has ended. */
export function addDemoCommand(program: Command, exitWith: (code: number) => void): void {
  program
    .command('demo')
    .description('show what the controller does, on a simulated or a real cluster')
    .addOption(
      new Option(
        '--once',
        'exit at the end of the story, with code 1 if a promise was broken',
      ).default(false),
    )
    .option(
      '--kubeconfig <file>',
      'use this real cluster, in namespaces that are deleted afterwards',
    )
    .option('--context <name>', 'context of the kubeconfig (default: the current one)')
    .option('--aws-endpoint <url>', 'on a real cluster: get tokens from this ECR and STS')
    .action(async (flags: Flags) => exitWith(await demo(flags)));
}

async function demo(flags: Flags): Promise<number> {
  // Closing the terminal must not leave namespaces on a real cluster.
  const stop = stopSignal('SIGHUP');
  try {
    // Loaded only here: `run` must not include the simulator.
    const { runDemo } = await import('../../demo/run-demo.ts').catch(explainMissing);
    const { kubeconfig, context, awsEndpoint, once } = flags;
    if (awsEndpoint !== undefined) {
      process.env['AWS_ENDPOINT_URL_ECR'] = awsEndpoint;
      process.env['AWS_ENDPOINT_URL_STS'] = awsEndpoint;
    }
    const request = { once, kubeconfig, context, awsEndpoint };
    return await runDemo({ ...request, interrupted: stop.signal, stream: process.stdout });
  } catch (error) {
    process.stderr.write(`ecr-pull-secrets demo: ${renderError(error)}\n`);
    return 1;
  } finally {
    stop.forget();
  }
}

/** An image may contain only main.mjs. */
function explainMissing(error: unknown): never {
  if ((error as { readonly code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw error;
  throw new Error(
    'demo.mjs is not next to this program: run the demo from a clone, with npm run demo',
    {
      cause: error,
    },
  );
}
