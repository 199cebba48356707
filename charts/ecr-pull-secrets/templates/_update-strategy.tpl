{{/*
The update strategy, with defaults for what the values leave out. maxSurge and maxUnavailable must not both be 0: the API
server refuses that. On the node's network a Pod can't start while another one has the port, so an update that starts with
an extra Pod hangs if there are no more nodes than replicas.
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
