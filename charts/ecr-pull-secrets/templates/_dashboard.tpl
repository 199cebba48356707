{{/* files/dashboard.yaml as Grafana's JSON model. The viewer chooses data source, cluster, namespace and job. */}}
{{- define "ecr-pull-secrets.dashboard" -}}
{{- $file := .Files.Get "files/dashboard.yaml" | fromYaml }}
{{- $name := include "ecr-pull-secrets.instanceName" . }}
{{- $panels := list }}
{{- $y := 0 }}
{{- range $row := $file.rows }}
{{- $place := dict "x" 0 "y" $y "w" 24 "h" 1 }}
{{- $panels = append $panels (dict "id" (len $panels | add1) "type" "row" "title" $row.title "collapsed" false "gridPos" $place "panels" list) }}
{{- $perLine := div 24 $row.width }}
{{- range $index, $panel := $row.panels }}
{{- $x := mul (mod $index $perLine) $row.width }}
{{- $below := mul (div $index $perLine) $row.height }}
{{- $place := dict "x" $x "y" (add $y 1 $below) "w" $row.width "h" $row.height }}
{{- $style := get $file.styles (default $row.kind $panel.style) }}
{{- $panels = append $panels (include "ecr-pull-secrets.dashboard.panel" (dict "id" (len $panels | add1) "kind" $row.kind "place" $place "panel" $panel "style" $style) | fromJson) }}
{{- end }}
{{- $lines := div (add (len $row.panels) $perLine -1) $perLine }}
{{- $y = add $y 1 (mul $lines $row.height) }}
{{- end }}
{{- $variables := list (dict "name" "datasource" "label" "Data source" "type" "datasource" "query" "prometheus") }}
{{- $chosen := list }}
{{- range list "cluster" "namespace" "job" }}
{{- $query := printf "label_values(ecr_pull_secrets_build_info{%s}, %s)" (join "," $chosen) . }}
{{- $variables = append $variables (dict "name" . "type" "query" "datasource" (include "ecr-pull-secrets.dashboard.source" $ | fromJson) "query" $query "refresh" 2 "sort" 1 "includeAll" true "allValue" ".*" "multi" true) }}
{{- $chosen = append $chosen (printf "%s=~\"$%s\"" . .) }}
{{- end }}
{{- dict "uid" $name "title" $name "tags" (list "ecr-pull-secrets") "schemaVersion" 39 "editable" true "refresh" "1m" "time" (dict "from" "now-24h" "to" "now") "annotations" (dict "list" list) "templating" (dict "list" $variables) "panels" $panels | toPrettyJson }}
{{- end }}

{{/* One panel. Takes `id`, `kind`, `place` on the grid, `panel` from the file, and its `style`. */}}
{{- define "ecr-pull-secrets.dashboard.panel" -}}
{{- $source := include "ecr-pull-secrets.dashboard.source" . | fromJson }}
{{- $isNow := eq .kind "stat" }}
{{- $targets := list }}
{{- range $index, $query := .panel.queries }}
{{- $expr := replace "<series>" "cluster=~\"$cluster\",namespace=~\"$namespace\",job=~\"$job\"" $query.expr }}
{{- $targets = append $targets (dict "refId" (index (list "A" "B" "C") $index) "datasource" $source "expr" $expr "legendFormat" (default "" $query.name) "instant" $isNow "range" (not $isNow)) }}
{{- end }}
{{- $steps := list }}
{{- range default list .panel.steps }}
{{- $steps = append $steps (dict "color" (first .) "value" (rest . | first)) }}
{{- end }}
{{- $defaults := merge (dict "unit" .panel.unit) .style.defaults }}
{{- with $steps }}{{ $_ := set $defaults "thresholds" (dict "mode" "absolute" "steps" .) }}{{ end }}
{{- dict "id" .id "type" .kind "title" .panel.title "description" .panel.about "datasource" $source "gridPos" .place "targets" $targets "fieldConfig" (dict "defaults" $defaults "overrides" list) "options" .style.options | toJson }}
{{- end }}

{{- define "ecr-pull-secrets.dashboard.source" -}}
{{- dict "type" "prometheus" "uid" "${datasource}" | toJson }}
{{- end }}
