{{/* Whether a cron expression of five fields can be run, as `true` or nothing. */}}
{{- define "ecr-pull-secrets.isSchedule" -}}
{{- $months := "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:tember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?" }}
{{- $days := "sun(?:day)?|mon(?:day)?|tue(?:sday)?|wed(?:nesday)?|thu(?:rsday)?|fri(?:day)?|sat(?:urday)?" }}
{{- $minute := include "ecr-pull-secrets.cronField" (dict "value" "[0-5]?[0-9]") }}
{{- $hour := include "ecr-pull-secrets.cronField" (dict "value" "[01]?[0-9]|2[0-3]") }}
{{- $dayOfMonth := include "ecr-pull-secrets.cronField" (dict "value" "0?[1-9]|[12][0-9]|3[01]" "other" "lw?|l-(?:0?[1-9]|[12][0-9]|30)|(?:0?[1-9]|[12][0-9]|3[01])w") }}
{{- $month := include "ecr-pull-secrets.cronField" (dict "value" (printf "0?[1-9]|1[0-2]|%s" $months)) }}
{{- $dayOfWeek := include "ecr-pull-secrets.cronField" (dict "value" (printf "[0-7]|%s" $days) "other" (printf "(?:[0-7]|%s)(?:l|#[1-5])" $days)) }}
{{- $text := lower . }}
{{- $fields := regexSplit " +" (trimAll " " $text) -1 }}
{{- if regexMatch (printf "^ *%s +%s +(?:%s|[?]) +%s +(?:%s|[?]) *$" $minute $hour $dayOfMonth $month $dayOfWeek) $text }}
{{- $short := "(?:0?[2469]|11|feb(?:ruary)?|apr(?:il)?|june?|sep(?:tember)?|nov(?:ember)?)" }}
{{- $isNever31 := and (regexMatch "^31(?:-31)?(?:,31)*$" (index $fields 2)) (regexMatch (printf "^%s(?:,%s)*$" $short $short) (index $fields 3)) }}
{{- $isNever30 := and (regexMatch "^(?:30|31|30-31)(?:,(?:30|31|30-31))*$" (index $fields 2)) (regexMatch "^(?:0?2|feb(?:ruary)?)(?:,(?:0?2|feb(?:ruary)?))*$" (index $fields 3)) }}
{{- if not (or $isNever31 $isNever30) }}true{{ end }}
{{- end }}
{{- end }}

{{/* A list of values, ranges, steps through ranges, and `other`: of `value`, one of them. */}}
{{- define "ecr-pull-secrets.cronField" -}}
{{- $step := "(?:/0*[1-9][0-9]*)?" }}
{{- $item := printf "(?:[*]%s|(?:%s)(?:-(?:%s)%s)?%s)" $step .value .value $step (empty .other | ternary "" (printf "|%s" .other)) }}
{{- printf "%s(?:,%s)*" $item $item }}
{{- end }}
