/** All tools that tests use but never build. */
import { AWS_TOOLS } from './aws-tools.ts';
import { CONTROL_PLANE, OLDEST_API_SERVER } from './control-plane.ts';
import { HELM, HELM_UNITTEST, OTHER_HELMS, PROMETHEUS_SERVER, PROMTOOL } from './go-tools.ts';
import { PROMETHEUS_CRDS } from './prometheus-crds.ts';
import type { Tool } from './tool.ts';

/** The tools of a lane are built one after another, the lanes in parallel: while one downloads, another compiles. */
export const TOOL_LANES: readonly (readonly Tool[])[] = [
  [HELM, ...OTHER_HELMS, HELM_UNITTEST, PROMETHEUS_CRDS, PROMTOOL, PROMETHEUS_SERVER],
  [CONTROL_PLANE],
  [AWS_TOOLS],
];

/** Built only if they are named: each takes as long as all others together. */
export const OPTIONAL_TOOLS: readonly Tool[] = [OLDEST_API_SERVER];
