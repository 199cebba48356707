{{/* The controller's configuration, and what of it only a restart changes. */}}

{{/* The namespaces of `config.namespaces.only`, as a JSON list. */}}
{{- define "ecr-pull-secrets.onlyNamespaces" -}}
{{- dig "namespaces" "only" list (.Values.config | default dict) | toJson }}
{{- end }}

{{/* A command that lists the running Pods which name a Secret of a previous name, and not that of today. */}}
{{- define "ecr-pull-secrets.podsOfPreviousNames" -}}
{{- $patterns := list }}
{{- range dig "previousSecretNames" list (.Values.config | default dict) }}
{{- $patterns = append $patterns (printf "-e ' %s '" .) }}
{{- end -}}
kubectl get pods -A --field-selector 'status.phase!=Succeeded,status.phase!=Failed' -o jsonpath='{range .items[*]}{.metadata.namespace}/{.metadata.name} {.spec.imagePullSecrets[*].name} {"\n"}{end}' | grep -F {{ join " " $patterns }} | grep -vF ' {{ include "ecr-pull-secrets.secretName" . }} '
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
