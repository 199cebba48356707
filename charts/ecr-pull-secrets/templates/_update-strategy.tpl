{{/*
How an update goes; whatever the values leave out has a default, but not 0 beside a 0: the API server refuses that. On the node's network a Pod can't start where another
has the port, so that an update which begins with one more Pod hangs where there are no more nodes than replicas.
*/}}
{{- define "ecr-pull-secrets.updateStrategy" -}}
{{- $given := .Values.updateStrategy | default dict }}
{{- $type := $given.type | default "RollingUpdate" -}}
type: {{ $type }}
{{- if eq $type "RollingUpdate" }}
{{- $surge := dig "rollingUpdate" "maxSurge" (ternary 0 1 .Values.hostNetwork) $given }}
{{- $away := dig "rollingUpdate" "maxUnavailable" (ternary 1 0 .Values.hostNetwork) $given }}
{{- $isStuck := and (has (toString $surge) (list "0" "0%")) (has (toString $away) (list "0" "0%")) }}
rollingUpdate:
  maxSurge: {{ dig "rollingUpdate" "maxSurge" (ternary 1 $surge $isStuck) $given }}
  maxUnavailable: {{ dig "rollingUpdate" "maxUnavailable" (ternary 1 $away $isStuck) $given }}
{{- end }}
{{- end }}
