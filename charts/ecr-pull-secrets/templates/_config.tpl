{{/* The controller's configuration, and what of it only a restart changes. */}}

{{/* The namespaces of `config.namespaces.only`, as a JSON list. */}}
{{- define "ecr-pull-secrets.onlyNamespaces" -}}
{{- dig "namespaces" "only" list (.Values.config | default dict) | toJson }}
{{- end }}

{{/* A checksum over what needs a restart: all but the keys that the controller takes live. */}}
{{- define "ecr-pull-secrets.restartChecksum" -}}
{{- $live := list "profiles" "namespaces" "refresh" "removal" "attach" }}
{{- $rest := dict }}
{{- range $key, $value := (.Values.config | default dict) }}
{{- if not (has $key $live) }}{{ $_ := set $rest $key $value }}{{ end }}
{{- end }}
{{- $_ := set $rest "only" (include "ecr-pull-secrets.onlyNamespaces" .) }}
{{- toJson $rest | sha256sum }}
{{- end }}
