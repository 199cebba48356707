{{/* The controller's configuration, and a checksum of the part that needs a restart. */}}

{{/* The namespaces of `config.namespaces.only`, as a JSON list. */}}
{{- define "ecr-pull-secrets.onlyNamespaces" -}}
{{- dig "namespaces" "only" list (.Values.config | default dict) | toJson }}
{{- end }}

{{/* Checksum of what needs a restart: all keys but those that the controller reloads while it runs. */}}
{{- define "ecr-pull-secrets.restartChecksum" -}}
{{- $live := list "profiles" "namespaces" "refresh" "removal" "attach" }}
{{- $rest := dict }}
{{- range $key, $value := (.Values.config | default dict) }}
{{- if not (has $key $live) }}{{ $_ := set $rest $key $value }}{{ end }}
{{- end }}
{{- $_ := set $rest "only" (include "ecr-pull-secrets.onlyNamespaces" .) }}
{{- toJson $rest | sha256sum }}
{{- end }}
