/** What kubectl can do with the simulator: the rows of docs/simulator.md, with commands that demonstrate each. */

export interface KubectlRow {
  /** As in the page's table. */
  readonly form: string;
  /**
   * Run in order: later commands see the effects of earlier ones. `NS` is a namespace that contains one object of each
   * kind; a command after `! ` must fail.
   */
  readonly commands: readonly string[];
}

const KINDS = [
  'namespaces',
  'serviceaccounts',
  'secrets',
  'configmaps',
  'leases',
  'pods',
  'events',
];

export const KUBECTL_ROWS: readonly KubectlRow[] = [
  {
    form: 'kubectl get',
    commands: [
      ...KINDS.slice(1).map((kind) => `get ${kind} -n NS`),
      'get namespace NS',
      'get secret pull -n NS',
      'get secrets,sa -n NS',
      '! get secret missing -n NS',
      'get secrets -n NS --no-headers',
      'get secrets -n NS --show-labels',
      'get secrets -n NS --sort-by=.metadata.name',
      'get lease.v1.coordination.k8s.io/held -n NS',
    ],
  },
  {
    form: 'kubectl get -A',
    commands: ['get secrets,cm -A --field-selector metadata.namespace=NS'],
  },
  {
    form: 'kubectl get -o yaml|json|wide|name|jsonpath|custom-columns',
    commands: [
      ...KINDS.slice(1).map((kind) => `get ${kind} -n NS -o wide`),
      'get secret pull -n NS -o yaml',
      'get secrets -n NS -o json',
      'get sa -n NS -o name',
      'get secret pull -n NS -o jsonpath={.type}',
      'get secrets -n NS -o custom-columns=NAME:.metadata.name,TYPE:.type',
    ],
  },
  {
    form: 'kubectl get -l',
    commands: ['get secrets -n NS -l team=a', 'get secrets -n NS -l team!=a,team -o name'],
  },
  {
    form: 'kubectl get --field-selector',
    commands: [
      'get secrets -n NS --field-selector type=Opaque',
      'get events -n NS --field-selector involvedObject.name=NS,type=Normal -o name',
      '! get secrets -n NS --field-selector nonsense=1',
    ],
  },
  {
    form: 'kubectl get --raw',
    commands: ['get --raw /readyz', 'get --raw /apis/coordination.k8s.io'],
  },
  {
    form: 'kubectl annotate',
    commands: [
      'annotate namespace NS example.io/a=1',
      '! annotate namespace NS example.io/a=2',
      'annotate namespace NS example.io/a=2 --overwrite',
      'annotate secret pull -n NS example.io/a=1',
      'annotate secrets --all -n NS example.io/b=1',
      'annotate secret pull -n NS example.io/a-',
      'annotate secret pull -n NS example.io/c=1 --dry-run=server',
      'get secret pull -n NS -o jsonpath={.metadata.annotations}',
    ],
  },
  {
    form: 'kubectl label',
    commands: [
      'label namespace NS example.io/team=a',
      'label secret pull -n NS team=b --overwrite',
      'label secret pull -n NS team-',
      'get namespaces -l example.io/team=a -o name',
    ],
  },
  {
    form: 'kubectl auth can-i',
    commands: [
      'auth can-i get secrets -n NS',
      'auth can-i create leases.coordination.k8s.io -A',
      'auth can-i delete secret/pull -n NS',
    ],
  },
  { form: 'kubectl api-resources', commands: ['api-resources --api-group=coordination.k8s.io'] },
  {
    form: 'kubectl run',
    commands: ['run web -n NS --image=example.io/web:1', 'get pod web -n NS'],
  },
  {
    form: 'kubectl patch --type=merge|json',
    commands: [
      'patch configmap settings -n NS --type=merge -p {"data":{"a":null,"c":"3"}}',
      'patch configmap settings -n NS --type=json -p [{"op":"remove","path":"/data/b"}]',
      '! patch configmap settings -n NS --type=json -p [{"op":"remove","path":"/data/b"}]',
      'get configmap settings -n NS -o jsonpath={.data}',
    ],
  },
  {
    form: 'kubectl describe secret|serviceaccount|configmap',
    commands: [
      'describe secret pull -n NS',
      'describe serviceaccount default -n NS',
      'describe configmap settings -n NS',
    ],
  },
  {
    form: 'kubectl wait',
    commands: [
      'wait --for=jsonpath={.type}=Opaque secret/other -n NS --timeout=10s',
      'wait --for=delete secret/missing -n NS --timeout=10s',
    ],
  },
  { form: 'kubectl events', commands: ['events -n NS', 'events -n NS --types=Warning'] },
  {
    form: 'kubectl create namespace',
    commands: ['create namespace NS-2', '! create namespace NS'],
  },
  {
    form: 'kubectl delete',
    commands: [
      'delete pod web -n NS',
      'delete secret pull -n NS --dry-run=server',
      'delete secret pull -n NS',
      '! delete secret pull -n NS',
      'delete secret pull -n NS --ignore-not-found',
      'delete secrets -n NS -l team=a',
      'delete configmaps -n NS settings --wait=false',
      'delete leases --all -n NS',
      'delete namespace NS-2',
      'get secrets,leases -n NS',
    ],
  },
];

/** Does not end by itself, and has its own test. */
export const WATCHING = 'kubectl get -w';
