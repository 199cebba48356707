/**
 * `npm run build:tools [-- NAME…]`: builds the missing tools among those named, or among all that tests use but never
 * build, except for optional ones.
 */
import { OPTIONAL_TOOLS, TOOL_LANES } from '../test/support/tools/all-tools.ts';
import { CONTROL_PLANE } from '../test/support/tools/control-plane.ts';
import { buildTool, type Tool } from '../test/support/tools/tool.ts';

const wanted = process.argv.slice(2);
const optional = OPTIONAL_TOOLS.filter(({ name }) => wanted.includes(name));
const names = [...TOOL_LANES.flat(), ...OPTIONAL_TOOLS].map(({ name }) => name);
const unknown = wanted.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`unknown tool: ${unknown.join(', ')}; known tools: ${names.join(', ')}`);
  process.exit(2);
}
const hasAssets = (process.env['KUBEBUILDER_ASSETS'] ?? '') !== '';
const lanes = await Promise.allSettled(
  [...TOOL_LANES, optional].map(async (lane) => buildLane(lane)),
);
for (const lane of lanes) {
  if (lane.status === 'fulfilled') continue;
  console.error(lane.reason);
  process.exitCode = 1;
}

/** Builds one tool after another; a failed build ends the lane. */
async function buildLane(lane: readonly Tool[]): Promise<void> {
  for (const tool of lane) {
    if (wanted.length > 0 && !wanted.includes(tool.name)) continue;
    const print = (line: string) => console.log(`${tool.name} ${tool.version}: ${line}`);
    if (tool === CONTROL_PLANE && hasAssets) {
      print('not needed: KUBEBUILDER_ASSETS is set');
      continue;
    }
    const startedAt = Date.now();
    const wasMissing = await buildTool(tool, print);
    const seconds = Math.round((Date.now() - startedAt) / 1_000);
    print(wasMissing ? `built in ${seconds} s` : 'already built');
  }
}
