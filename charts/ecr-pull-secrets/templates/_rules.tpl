{{/* The rights of the controller, each with its reason. src/kubernetes/needed-access.ts has the same. */}}

{{- define "ecr-pull-secrets.workRules" -}}
# Our one entry in imagePullSecrets.
- apiGroups: ['']
  resources: [serviceaccounts]
  verbs: [get, list, watch, patch]
# Secrets of our own name, and no other Secret. `create` is by server-side apply, never by POST.
- apiGroups: ['']
  resources: [secrets]
  resourceNames: [{{ include "ecr-pull-secrets.secretName" . | quote }}]
  verbs: [get, list, watch, create, patch, delete]
# What we tell the people of a namespace.
- apiGroups: ['']
  resources: [events]
  verbs: [create, patch]
{{- end }}

{{- define "ecr-pull-secrets.subjects" -}}
- kind: ServiceAccount
  name: {{ include "ecr-pull-secrets.serviceAccountName" . }}
  namespace: {{ include "ecr-pull-secrets.namespace" . }}
{{- end }}
