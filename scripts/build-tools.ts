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
const hasControlPlane = (process.env['KUBEBUILDER_ASSETS'] ?? '') !== '';
const isWanted = (tool: Tool) =>
  wanted.length === 0 ? !(tool === CONTROL_PLANE && hasControlPlane) : wanted.includes(tool.name);
const lanes = await Promise.allSettled(TOOL_LANES.map(async (lane) => buildLane(lane)));
for (const lane of lanes) {
  if (lane.status === 'fulfilled') continue;
  console.error(lane.reason);
  process.exitCode = 1;
}

/** In turn; a tool that can't be built ends the lane. */
async function buildLane(lane: readonly Tool[]): Promise<void> {
  for (const tool of lane.filter(isWanted)) {
    const say = (line: string) => console.log(`${tool.name} ${tool.version}: ${line}`);
    const startedAt = Date.now();
    const wasMissing = await buildTool(tool, say);
    const seconds = Math.round((Date.now() - startedAt) / 1_000);
    say(wasMissing ? `built in ${seconds} s` : 'there already');
  }
}
