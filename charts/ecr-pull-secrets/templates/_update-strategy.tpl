{{/*
How an update goes; whatever the values leave out has a default. On the node's network a Pod can't start where another
has the port, so that an update which begins with one more Pod hangs where there are no more nodes than replicas.
*/}}
{{- define "ecr-pull-secrets.updateStrategy" -}}
{{- $given := .Values.updateStrategy | default dict }}
{{- $type := $given.type | default "RollingUpdate" -}}
type: {{ $type }}
{{- if eq $type "RollingUpdate" }}
rollingUpdate:
  maxSurge: {{ dig "rollingUpdate" "maxSurge" (ternary 0 1 .Values.hostNetwork) $given }}
  maxUnavailable: {{ dig "rollingUpdate" "maxUnavailable" (ternary 1 0 .Values.hostNetwork) $given }}
{{- end }}
{{- end }}
