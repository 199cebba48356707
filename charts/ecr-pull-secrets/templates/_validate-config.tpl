{{/*
The configuration, by those rules of the controller (src/config) that a JSON schema can't say, or only in words that
nobody understands. A bad value that takes effect live would show as an alert only, and as a crash at the next restart.
Left to the controller, which tells of it in its log and in `config_valid`: the region of a profile that is implied, which
the Pod may get from elsewhere, and days that no month of a range has. Lists of faults are JSON.
*/}}
{{- define "ecr-pull-secrets.validateConfig" -}}
{{- $config := .Values.config | default dict }}
{{- $faults := list }}
{{- $refresh := dig "refresh" dict $config }}
{{- /* The small term forgives what binary fractions lose, as in 0.8 + 0.1. */}}
{{- if gt (addf (dig "atLifetimeFraction" 0.5 $refresh) (dig "jitterFraction" 0.1 $refresh)) 0.900000001 }}
{{- $faults = append $faults "config.refresh: atLifetimeFraction and jitterFraction (default 0.5 and 0.1) must add up to at most 0.9" }}
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
{{- range $name, $profile := dig "profiles" dict $config }}
{{- $about := dict "profile" $profile "path" (printf "config.profiles.%s" $name) }}
{{- $faults = concat $faults (include "ecr-pull-secrets.accessFaults" $about | fromJsonArray) (include "ecr-pull-secrets.registryFaults" $about | fromJsonArray) }}
{{- end }}
{{- if gt (toYaml $config | len) 524288 }}
{{- $faults = append $faults "config: is longer than the controller reads, which is 512 KiB" }}
{{- end }}
{{- if and .Values.aws.region (not (include "ecr-pull-secrets.partition" .Values.aws.region)) }}
{{- $faults = append $faults "aws.region: is not the name of a region" }}
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

{{/* Who may use a profile: of `profile` and its `path`. */}}
{{- define "ecr-pull-secrets.accessFaults" -}}
{{- $faults := list }}
{{- $path := printf "%s.allowedNamespaces" .path }}
{{- $who := .profile.allowedNamespaces | default dict }}
{{- $selector := $who.selector | default dict }}
{{- if and $selector (not (or $selector.matchLabels $selector.matchExpressions)) }}
{{- $faults = append $faults (printf "%s.selector: is empty: give matchLabels or matchExpressions; names stand beside it" $path) }}
{{- end }}
{{- toJson $faults }}
{{- end }}
