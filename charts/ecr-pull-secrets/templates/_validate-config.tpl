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
{{- if gt (include "ecr-pull-secrets.seconds" (dig "removal" "gracePeriod" "10m" $config) | atoi) 2592000 }}
{{- $faults = append $faults "config.removal.gracePeriod: must be a duration of at most 30d, such as 10m or 1h30m" }}
{{- end }}
{{- if not (include "ecr-pull-secrets.isSchedule" (dig "sweep" "schedule" "7 * * * *" $config)) }}
{{- $faults = append $faults "config.sweep.schedule: must be a cron expression of five fields (UTC), such as \"7 * * * *\"" }}
{{- end }}
{{- $selector := dig "namespaces" "selector" dict $config }}
{{- if and $selector (not (or $selector.names $selector.matchLabels $selector.matchExpressions)) }}
{{- $faults = append $faults "config.namespaces.selector: is empty: say names: [\"*\"] for all namespaces" }}
{{- end }}
{{- if gt (toYaml $config | len) 524288 }}
{{- $faults = append $faults "config: is longer than the controller reads, which is 512 KiB" }}
{{- end }}
{{- if $faults }}
{{- fail (printf "mend these values:\n- %s" (join "\n- " $faults)) }}
{{- end }}
{{- end }}

{{/* Of a duration whose shape the schema has judged. Not by int64, to which 010 is 8. */}}
{{- define "ecr-pull-secrets.seconds" -}}
{{- $sum := 0 }}
{{- range $unit, $seconds := dict "d" 86400 "h" 3600 "m" 60 "s" 1 }}
{{- $sum = add $sum (mul $seconds (regexFind (printf "[0-9]+%s" $unit) $ | trimSuffix $unit | default "0" | atoi)) }}
{{- end }}
{{- $sum }}
{{- end }}
