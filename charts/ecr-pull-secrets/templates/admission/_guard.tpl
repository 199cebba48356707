{{/*
The parts that all policies of the guard share. Each takes the chart's `root` and the plural `resource`.
The controller knows the policies by their names (src/domain/contract.ts), and notices if one is not in effect.
*/}}
{{- define "ecr-pull-secrets.guard.metadata" -}}
name: {{ include "ecr-pull-secrets.instanceName" .root }}-guard-{{ .resource }}
labels:
  {{- include "ecr-pull-secrets.labels" .root | nindent 2 }}
{{- end }}

{{/* Only requests of the controller's ServiceAccount are checked: an error in the guard can't block anyone else. */}}
{{- define "ecr-pull-secrets.guard.constraints" -}}
failurePolicy: Fail
matchConstraints:
  resourceRules:
    - apiGroups: ['']
      apiVersions: [v1]
      resources: [{{ .resource }}]
      operations: [{{ join ", " .operations }}]
matchConditions:
  - name: is-the-controller
    expression: request.userInfo.username == {{ include "ecr-pull-secrets.username" .root | squote }}
{{- end }}

{{- define "ecr-pull-secrets.guard.binding" -}}
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  {{- include "ecr-pull-secrets.guard.metadata" . | nindent 2 }}
spec:
  policyName: {{ include "ecr-pull-secrets.instanceName" .root }}-guard-{{ .resource }}
  validationActions: [Deny]
{{- end }}

{{/* Whether the request is for a namespace that the configuration excludes. */}}
{{- define "ecr-pull-secrets.guard.isExcluded" -}}
{{- with include "ecr-pull-secrets.excludedNamespaces" . | fromJsonArray }}
{{- include "ecr-pull-secrets.matchesName" (dict "name" "request.namespace" "patterns" .) }}
{{- else }}false
{{- end }}
{{- end }}
