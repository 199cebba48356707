/** All that tests use and never build. */
import { AWS_TOOLS } from './aws-tools.ts';
import { CONTROL_PLANE } from './control-plane.ts';
import { HELM, HELM_UNITTEST, OTHER_HELMS, PROMETHEUS_SERVER, PROMTOOL } from './go-tools.ts';
import { PROMETHEUS_CRDS } from './prometheus-crds.ts';
import type { Tool } from './tool.ts';

/** Those of one lane are built in turn, the lanes side by side: while one downloads, another compiles. */
export const TOOL_LANES: readonly (readonly Tool[])[] = [
  [HELM, ...OTHER_HELMS, HELM_UNITTEST, PROMETHEUS_CRDS, PROMTOOL, PROMETHEUS_SERVER],
  [CONTROL_PLANE],
  [AWS_TOOLS],
];
