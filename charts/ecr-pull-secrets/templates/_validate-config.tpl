{{/*
Faults outside the profiles that the schema can't express. With such a fault, running Pods keep their last good
configuration, but no Pod can start any more, not even one from before the upgrade: they all read the same ConfigMap.
Faults inside a profile are left to the controller, which disables that profile.
*/}}
{{- define "ecr-pull-secrets.validateConfig" -}}
{{- $config := .Values.config | default dict }}
{{- $faults := list }}
{{- $refresh := dig "refresh" dict $config }}
{{- /* The small term allows for rounding of binary fractions, as in 0.8 + 0.1. */}}
{{- if gt (addf (dig "atLifetimeFraction" 0.4 $refresh) (dig "jitterFraction" 0.1 $refresh)) 0.900000001 }}
{{- $faults = append $faults "config.refresh: atLifetimeFraction and jitterFraction (default 0.4 and 0.1) must add up to at most 0.9" }}
{{- end }}
{{- if gt (toYaml $config | len) 524288 }}
{{- $faults = append $faults "config: is longer than the 512 KiB that the controller reads" }}
{{- end }}
{{- if $faults }}
{{- fail (printf "fix these values:\n- %s" (join "\n- " $faults)) }}
{{- end }}
{{- end }}
