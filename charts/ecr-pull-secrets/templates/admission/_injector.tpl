{{/*
CEL for the injector. src/domain implements the same rules in TypeScript, and test/cluster/chart/injector.test.ts compares the two.
*/}}

{{/* The white space that JavaScript trims. */}}
{{- define "ecr-pull-secrets.injector.space" -}}
[\s\v\pZ\x{feff}]*
{{- end }}

{{/* Whether `.text` is a comma-separated list of items that match `.item`. */}}
{{- define "ecr-pull-secrets.injector.isList" -}}
{{- $space := include "ecr-pull-secrets.injector.space" . -}}
size({{ .text }}) <= 16384 && {{ .text }}.matches(r'^{{ $space }}{{ .item }}{{ $space }}(?:,{{ $space }}{{ .item }}{{ $space }})*$')
{{- end }}

{{/* Whether every part of a matcher matches: `names`, `matchLabels`, `matchExpressions`. A matcher without parts matches nothing; the configuration does not allow one. */}}
{{- define "ecr-pull-secrets.injector.matches" -}}
{{- $parts := list }}
{{- with .names }}
{{- $parts = append $parts (include "ecr-pull-secrets.matchesName" (dict "name" "variables.name" "patterns" .)) }}
{{- end }}
{{- range $key, $value := default dict .matchLabels }}
{{- $parts = append $parts (printf "variables.labels[?%s] == optional.of(%s)" (toJson $key) (toJson $value)) }}
{{- end }}
{{- range default list .matchExpressions }}
{{- $has := printf "%s in variables.labels" (toJson .key) }}
{{- $isOne := printf "(%s && variables.labels[%s] in %s)" $has (toJson .key) (default list .values | toJson) }}
{{- $parts = append $parts (get (dict "In" $isOne "NotIn" (print "!" $isOne) "Exists" (printf "(%s)" $has) "DoesNotExist" (printf "!(%s)" $has)) .operator) }}
{{- end }}
{{- $parts | join " && " | default "false" }}
{{- end }}

{{/* A map from every configured profile to whether the namespace may use it. */}}
{{- define "ecr-pull-secrets.injector.profiles" -}}
{{- $allowed := list }}
{{- range $name, $profile := dig "profiles" (dict "default" dict) (.Values.config | default dict) }}
{{- if hasKey $profile "allowedNamespaces" }}
{{- $who := $profile.allowedNamespaces }}
{{- $matcher := merge (dict "names" (default list $who.names)) (default dict $who.selector) }}
{{- $allowed = append $allowed (printf "%s: %s" (toJson $name) (include "ecr-pull-secrets.injector.matches" $matcher)) }}
{{- else if eq $name "default" }}
{{- $allowed = append $allowed "\"default\": true" }}
{{- end }}
{{- end -}}
{ {{- join ", " $allowed -}} }
{{- end }}

{{- define "ecr-pull-secrets.injector.validate" -}}
{{- $isNew := semverCompare ">=1.36.0-0" .Capabilities.KubeVersion.Version }}
{{- if not (or $isNew (.Capabilities.APIVersions.Has "admissionregistration.k8s.io/v1/MutatingAdmissionPolicy")) }}
{{- fail (printf "admissionPolicies.injector.enabled needs MutatingAdmissionPolicy in admissionregistration.k8s.io/v1, which Kubernetes provides from 1.36 on, but this cluster runs %s: leave it off (without a cluster, set the version with --kube-version or --api-versions)" .Capabilities.KubeVersion.Version) }}
{{- end }}
{{- end }}
