{{/* Values must not contain labels and annotations that the chart sets itself: duplicate keys are invalid YAML, and some of them select Pods. Checked here because a message from the schema would not name the path. */}}
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
{{- fail (printf "%s must not contain %s, which the chart sets itself" $path .) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
