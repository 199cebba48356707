{{/* The controller's permissions, each with its reason. Keep in sync with src/kubernetes/required-permissions.ts. */}}

{{- define "ecr-pull-secrets.workRules" -}}
# Our reference in imagePullSecrets.
- apiGroups: ['']
  resources: [serviceaccounts]
  verbs: [get, list, watch, patch]
# Only Secrets with the configured name. `create` is for server-side apply, never POST.
- apiGroups: ['']
  resources: [secrets]
  resourceNames: [{{ include "ecr-pull-secrets.secretName" . | quote }}]
  verbs: [get, list, watch, create, patch, delete]
# Events that report trouble to the owners of a namespace.
- apiGroups: ['']
  resources: [events]
  verbs: [create, patch]
{{- end }}

{{- define "ecr-pull-secrets.subjects" -}}
- kind: ServiceAccount
  name: {{ include "ecr-pull-secrets.serviceAccountName" . }}
  namespace: {{ include "ecr-pull-secrets.namespace" . }}
{{- end }}
