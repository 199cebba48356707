/** `npm run build:tools`: builds all that tests use and never build, or the tools that are named, where they are missing. */
import { TOOL_LANES } from '../test/support/tools/all-tools.ts';
import { CONTROL_PLANE } from '../test/support/tools/control-plane.ts';
import { buildTool, type Tool } from '../test/support/tools/tool.ts';

const wanted = process.argv.slice(2);
const names = TOOL_LANES.flat().map(({ name }) => name);
const unknown = wanted.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`there is no tool ${unknown.join(', ')}, only ${names.join(', ')}`);
  process.exit(2);
}
const hasAssets = (process.env['KUBEBUILDER_ASSETS'] ?? '') !== '';
const lanes = await Promise.allSettled(TOOL_LANES.map(async (lane) => buildLane(lane)));
for (const lane of lanes) {
  if (lane.status === 'fulfilled') continue;
  console.error(lane.reason);
  process.exitCode = 1;
}

/** In turn; a tool that can't be built ends the lane. */
async function buildLane(lane: readonly Tool[]): Promise<void> {
  for (const tool of lane) {
    if (wanted.length > 0 && !wanted.includes(tool.name)) continue;
    const say = (line: string) => console.log(`${tool.name} ${tool.version}: ${line}`);
    if (tool === CONTROL_PLANE && hasAssets) {
      say('not needed: KUBEBUILDER_ASSETS is set');
      continue;
    }
    const startedAt = Date.now();
    const wasMissing = await buildTool(tool, say);
    const seconds = Math.round((Date.now() - startedAt) / 1_000);
    say(wasMissing ? `built in ${seconds} s` : 'there already');
  }
}
