/**
 * `npm run demo`: the main job, told as it happens, on a real Kubernetes API server on this machine and with a stand-in
 * for ECR. Then it keeps serving, for kubectl, until Ctrl-C; `npm run demo -- --once` ends by itself. The exit code is 1
 * where a promise was not kept.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { KUBERNETES_VERSION } from '../test/support/control-plane/binaries.ts';
import { Rig } from '../test/support/rig.ts';
import { buildIfStale } from './demo/build-if-stale.ts';
import { Narrator } from './demo/narrator.ts';
import { GRACE_PERIOD_S, tellStory, TOKEN_LIFE_MS } from './demo/story.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const REAL_TOKEN_LIFE_MS = 12 * 3_600_000;
/** As a shell tells the end by Ctrl-C. */
const INTERRUPTED = 130;

const narrator = new Narrator({ stream: process.stdout });
const interrupted = Promise.withResolvers<'interrupted'>();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => interrupted.resolve('interrupted'));
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { once: { type: 'boolean', default: false } } });
  const opened = await Promise.race([setUp(), interrupted.promise]);
  // What has been started until now ends with this process.
  if (opened === 'interrupted') return INTERRUPTED;
  try {
    const told = await Promise.race([tellStory({ rig: opened, narrator }), interrupted.promise]);
    if (told === 'interrupted') return INTERRUPTED;
    const { kept, broken } = narrator;
    narrator.title(`\n${kept} promises kept, ${broken} broken`);
    if (broken > 0) process.stdout.write(`\n${opened.controller.output}\n`);
    if (!values.once) await serve(opened);
    return broken === 0 ? 0 : 1;
  } finally {
    await opened.close();
  }
}

async function setUp(): Promise<Rig> {
  narrator.title('ecr-pull-secrets: the demo\n');
  await buildIfStale(ROOT, () => narrator.note('building dist/main.mjs'));
  narrator.note(`starting etcd and Kubernetes ${KUBERNETES_VERSION} on this machine`);
  narrator.note('(the first run builds them from Go modules: 5 to 10 minutes, then never again)');
  const startedAt = Date.now();
  const rig = await Rig.open({ controlPlane: 'own' });
  const { server } = rig.controlPlane;
  narrator.note(`they serve ${server} after ${Math.round((Date.now() - startedAt) / 1000)} s`);
  narrator.note('ECR is a stand-in inside this process: no AWS account is asked, no image pulled');
  rig.aws.tokenLifeMs = TOKEN_LIFE_MS;
  await rig.run({
    config: `removal: {gracePeriod: ${GRACE_PERIOD_S}s}\n`,
    flags: ['--log-level', 'info'],
  });
  narrator.note(
    'the controller runs from dist/main.mjs, as its own ServiceAccount with the rights of manifests/install.yaml',
  );
  return rig;
}

async function serve(rig: Rig): Promise<void> {
  rig.aws.tokenLifeMs = REAL_TOKEN_LIFE_MS;
  const { port } = await rig.controller.logged('started');
  const kubectl = `kubectl --kubeconfig ${rig.controlPlane.adminKubeconfig}`;
  narrator.note('It keeps running until Ctrl-C; new tokens live 12 hours from now on. Try:');
  narrator.command(`${kubectl} annotate namespace default ecr-pull-secrets.io/enabled=true`);
  narrator.command(`${kubectl} describe secret ecr-pull-secret`);
  narrator.command(`${kubectl} get serviceaccount default -o yaml`);
  narrator.command(`curl http://127.0.0.1:${String(port)}/metrics`);
  const ended = await Promise.race([rig.controller.exited, interrupted.promise]);
  if (ended === 'interrupted') return narrator.note('stopping');
  throw new Error(`the controller has ended by itself: ${rig.controller.errorOutput}`);
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
// A start that was interrupted leaves nothing that would be waited for.
process.exit();
