{{/*
Faults of the configuration that the schema can't say, and that stand outside the profiles: running Pods keep their last
good configuration, and none starts any more, not even those of before an upgrade, which read the same ConfigMap. Faults
inside a profile are left to the controller, which disables that one.
*/}}
{{- define "ecr-pull-secrets.validateConfig" -}}
{{- $config := .Values.config | default dict }}
{{- $faults := list }}
{{- $refresh := dig "refresh" dict $config }}
{{- /* The small term forgives what binary fractions lose, as in 0.8 + 0.1. */}}
{{- if gt (addf (dig "atLifetimeFraction" 0.4 $refresh) (dig "jitterFraction" 0.1 $refresh)) 0.900000001 }}
{{- $faults = append $faults "config.refresh: atLifetimeFraction and jitterFraction (default 0.4 and 0.1) must add up to at most 0.9" }}
{{- end }}
{{- if gt (toYaml $config | len) 524288 }}
{{- $faults = append $faults "config: is longer than the controller reads, which is 512 KiB" }}
{{- end }}
{{- if $faults }}
{{- fail (printf "fix these values:\n- %s" (join "\n- " $faults)) }}
{{- end }}
{{- end }}
