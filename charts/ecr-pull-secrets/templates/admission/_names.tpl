{{/* CEL on namespace names, for guard and injector. */}}

{{/* Whether `.name` matches one of the name patterns; `*` stands for any run of characters, and no other character is special. */}}
{{- define "ecr-pull-secrets.matchesName" -}}
{{ .name }}.matches('^(?:{{ join "|" .patterns | replace "*" ".*" }})$')
{{- end }}

{{/* The name patterns of the namespaces that are never opted in, as JSON. */}}
{{- define "ecr-pull-secrets.excludedNamespaces" -}}
{{- dig "namespaces" "exclude" (list "kube-system" "kube-public" "kube-node-lease") (.Values.config | default dict) | toJson }}
{{- end }}
