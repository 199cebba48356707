/** The programs that tests and scripts take from Go modules, with their versions. */

export interface GoTool {
  readonly module: string;
  readonly version: string;
  /** Of its main package, inside the module. */
  readonly path: string;
  /** What its own release would set by the linker. */
  readonly variables: Readonly<Record<string, string>>;
}

export type ToolName = 'helm' | 'helm-unittest' | 'promtool' | 'prometheus';

/** The Kubernetes that charts are rendered for without a cluster; a plain `go build` of Helm takes 1.20. */
const FOR_KUBERNETES = {
  'helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor': '1',
  'helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor': '36',
  'helm.sh/helm/v3/pkg/lint/rules.k8sVersionMajor': '1',
  'helm.sh/helm/v3/pkg/lint/rules.k8sVersionMinor': '36',
};

export const GO_TOOLS: Readonly<Record<ToolName, GoTool>> = {
  helm: {
    module: 'helm.sh/helm/v3',
    version: 'v3.22.0',
    path: './cmd/helm',
    variables: { 'helm.sh/helm/v3/internal/version.version': 'v3.22.0', ...FOR_KUBERNETES },
  },
  'helm-unittest': {
    module: 'github.com/helm-unittest/helm-unittest',
    version: 'v1.1.2',
    path: './cmd/helm-unittest',
    variables: FOR_KUBERNETES,
  },
  promtool: {
    module: 'github.com/prometheus/prometheus',
    version: 'v0.316.0',
    path: './cmd/promtool',
    variables: {},
  },
  // Most of it is compiled for promtool already. Without its web pages, which take other tools to build.
  prometheus: {
    module: 'github.com/prometheus/prometheus',
    version: 'v0.316.0',
    path: './cmd/prometheus',
    variables: {},
  },
};
