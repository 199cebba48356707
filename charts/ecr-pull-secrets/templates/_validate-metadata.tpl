{{/* Labels and annotations that the chart gives itself stand in no value: a key that stands twice is no YAML, and Pods are selected by some. In a schema the message would name no path. */}}
{{- define "ecr-pull-secrets.validateMetadata" -}}
{{- $selecting := list "app.kubernetes.io/name" "app.kubernetes.io/instance" }}
{{- $ofPods := append $selecting "app.kubernetes.io/component" }}
{{- $ofObjects := concat $selecting (list "app.kubernetes.io/version" "app.kubernetes.io/part-of" "app.kubernetes.io/managed-by" "helm.sh/chart") }}
{{- $own := dict
  "commonLabels" (append $ofObjects "app.kubernetes.io/component")
  "podLabels" $ofPods
  "podAnnotations" (list "kubectl.kubernetes.io/default-container" "checksum/config" "checksum/service-account")
  "service.labels" $ofObjects
  "serviceAccount.labels" $ofObjects
  "metrics.serviceMonitor.labels" $ofObjects
  "metrics.podMonitor.labels" $ofObjects
  "metrics.prometheusRule.labels" $ofObjects
  "metrics.dashboard.labels" $ofObjects }}
{{- $values := .Values }}
{{- range $path, $keys := $own }}
{{- $given := $values }}
{{- range splitList "." $path }}{{ $given = get $given . | default dict }}{{ end }}
{{- range $keys }}
{{- if hasKey $given . }}
{{- fail (printf "%s: the chart itself gives %s: take it out" $path .) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
