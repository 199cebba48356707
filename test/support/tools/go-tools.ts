/** The programs that tests and scripts build from Go modules, with their versions. */
import { join } from 'node:path';
import { runBuilder } from './run-builder.ts';
import { findTool, type Tool } from './tool.ts';

interface GoProgram {
  readonly name: string;
  readonly module: string;
  readonly version: string;
  /** If it differs from the tool's name. */
  readonly command?: string;
  /** Linker variables that its own release sets. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly tags?: string;
}

/** The Kubernetes version that charts are rendered for without a cluster; a plain `go build` of Helm assumes 1.20. */
const FOR_KUBERNETES = {
  'helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor': '1',
  'helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor': '36',
  'helm.sh/helm/v3/pkg/lint/rules.k8sVersionMajor': '1',
  'helm.sh/helm/v3/pkg/lint/rules.k8sVersionMinor': '36',
};
const PROMETHEUS = {
  module: 'github.com/prometheus/prometheus',
  version: 'v0.316.0',
  // Without cloud service discovery: a third of all packages, and the largest ones.
  tags: 'remove_all_sd',
};

export const HELM = goTool({
  name: 'helm',
  module: 'helm.sh/helm/v3',
  version: 'v3.22.0',
  variables: { 'helm.sh/helm/v3/internal/version.version': 'v3.22.0', ...FOR_KUBERNETES },
});
/** The oldest helm that we support, with another JSON Schema library, and the newest: used only to check what they accept. */
export const OTHER_HELMS = [
  goTool({ name: 'helm-oldest', command: 'helm', module: 'helm.sh/helm/v3', version: 'v3.14.4' }),
  goTool({ name: 'helm-newest', command: 'helm', module: 'helm.sh/helm/v4', version: 'v4.3.2' }),
];
export const HELM_UNITTEST = goTool({
  name: 'helm-unittest',
  module: 'github.com/helm-unittest/helm-unittest',
  version: 'v1.1.2',
  variables: FOR_KUBERNETES,
});
export const PROMTOOL = goTool({ name: 'promtool', ...PROMETHEUS });
/** Mostly compiled already for promtool. Without its web pages, which need other tools to build. */
export const PROMETHEUS_SERVER = goTool({ name: 'prometheus', ...PROMETHEUS });

/** The path of the program. If it is missing, throws an Error with the command that builds it. */
export async function findProgram(tool: Tool): Promise<string> {
  return join(await findTool(tool), tool.name);
}

function goTool({ name, module, version, ...options }: GoProgram): Tool {
  const { command = name, variables = {}, tags = '' } = options;
  return {
    name,
    version,
    fill: async (directory, work) => {
      const source = await downloadModule(`${module}@${version}`, work);
      const sets = Object.entries(variables).map(([key, value]) => `-X ${key}=${value}`);
      const flags = ['-trimpath', '-tags', tags, '-ldflags', ['-s -w', ...sets].join(' ')];
      // In the module's own directory, so that its own go.sum and replacements apply.
      const target = ['-o', join(directory, name), `./cmd/${command}`];
      await go(['build', '-mod=readonly', ...flags, ...target], source);
    },
  };
}

/** Downloads a module without its dependencies; returns its directory in Go's cache. `work`: an empty directory. */
export async function downloadModule(module: string, work: string): Promise<string> {
  const about = await go(['mod', 'download', '-json', module], work);
  return (JSON.parse(about) as { readonly Dir: string }).Dir;
}

/** Runs the Go tool and returns its stdout. */
export async function go(args: readonly string[], cwd: string): Promise<string> {
  return runBuilder({
    command: ['go', ...args],
    cwd,
    env: { CGO_ENABLED: '0', GOFLAGS: '-buildvcs=false', GOWORK: 'off' },
    fix: 'Go 1.26 or later is needed (https://go.dev/dl).',
  });
}
