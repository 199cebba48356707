{{/* Names that the templates insert without quotes. The schema has checked their shape, but YAML reads some of them as a number, a boolean or null. */}}
{{- define "ecr-pull-secrets.validateNames" -}}
{{- $names := dict
  "namespaceOverride, or the namespace of the release," (include "ecr-pull-secrets.namespace" .)
  "nameOverride" (include "ecr-pull-secrets.name" .)
  "fullnameOverride, or the name of the release," (include "ecr-pull-secrets.fullname" .)
  "serviceAccount.name" (include "ecr-pull-secrets.serviceAccountName" .)
  "priorityClassName" .Values.priorityClassName
  "metrics.serviceMonitor.namespace" .Values.metrics.serviceMonitor.namespace
  "metrics.podMonitor.namespace" .Values.metrics.podMonitor.namespace
  "metrics.prometheusRule.namespace" .Values.metrics.prometheusRule.namespace
  "metrics.dashboard.namespace" .Values.metrics.dashboard.namespace }}
{{- range $what, $name := $names }}
{{- if and $name (not (kindIs "string" (printf "value: %s" $name | fromYaml | dig "value" ""))) }}
{{- fail (printf "%s is %q, which YAML does not read as a string: choose another name" $what $name) }}
{{- end }}
{{- end }}
{{- end }}
