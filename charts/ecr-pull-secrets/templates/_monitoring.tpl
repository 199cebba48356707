{{/* Whether to render an object of the Prometheus operator: `true` or nothing. Takes `root` and `kind`. */}}
{{- define "ecr-pull-secrets.isMonitoringRendered" -}}
{{- $mode := .root.Values.metrics.renderMode }}
{{- $api := printf "monitoring.coreos.com/v1/%s" .kind }}
{{- if or (eq $mode "alwaysRender") (.root.Capabilities.APIVersions.Has $api) }}true
{{- else if eq $mode "failIfMissing" }}
{{- fail (printf "metrics.renderMode is `failIfMissing`, but this cluster has no %s: install the CRDs of the Prometheus operator first" $api) }}
{{- end }}
{{- end }}

{{/* Metadata of such an object. Takes `root` and the object's `values`. */}}
{{- define "ecr-pull-secrets.monitoringMetadata" -}}
name: {{ include "ecr-pull-secrets.fullname" .root }}
namespace: {{ default (include "ecr-pull-secrets.namespace" .root) .values.namespace }}
labels:
  {{- include "ecr-pull-secrets.labelsAnd" (dict "root" .root "labels" .values.labels) | nindent 2 }}
{{- with .values.annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Endpoint of a monitor. Takes its `values`, and `relabelings` that come before the user's. */}}
{{- define "ecr-pull-secrets.scrape" -}}
path: /metrics
{{- with .values.interval }}
interval: {{ . }}
{{- end }}
{{- with .values.scrapeTimeout }}
scrapeTimeout: {{ . }}
{{- end }}
{{- with concat .relabelings .values.relabelings }}
relabelings:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.metricRelabelings }}
metricRelabelings:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Matchers for all series of this installation. They fit both monitors: the PodMonitor sets the same job as the ServiceMonitor. */}}
{{- define "ecr-pull-secrets.seriesSelector" -}}
{{- $matcher := `[a-zA-Z_][a-zA-Z0-9_]*\s*(=|!=|=~|!~)\s*("([^"\\\n]|\\.)*"|'([^'\\\n]|\\.)*')` }}
{{- with .Values.metrics.prometheusRule.selector }}
{{- if not (regexMatch (printf `^\s*%s(\s*,\s*%s)*\s*$` $matcher $matcher) .) }}
{{- fail (printf "metrics.prometheusRule.selector is %q, but must be label matchers with quoted values and without braces, such as `cluster=\"one\",job=\"ecr-pull-secrets\"`: otherwise Prometheus would reject the whole rule file" .) }}
{{- end }}
{{- end }}
{{- default (printf "namespace=%q,job=%q" (include "ecr-pull-secrets.namespace" .) (include "ecr-pull-secrets.fullname" .)) .Values.metrics.prometheusRule.selector }}
{{- end }}

{{/* How many seconds of a token's 12 hours must be left: two hours; or, if the configuration refreshes later than usual, half of what is left when the last Secret is due. */}}
{{- define "ecr-pull-secrets.expirySoonSeconds" -}}
{{- $refresh := dig "refresh" dict (.Values.config | default dict) | default dict }}
{{- $due := addf (dig "atLifetimeFraction" 0.4 $refresh) (dig "jitterFraction" 0.1 $refresh) }}
{{- minf 7200 (mulf 43200 0.5 (subf 1 $due)) | floor | int }}
{{- end }}
