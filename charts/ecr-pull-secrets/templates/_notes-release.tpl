{{/* Paragraphs of the notes that are not of the AWS identity. Each is empty where it has nothing to say. */}}

{{/* All that is left to do, before the commands of every day. */}}
{{- define "ecr-pull-secrets.notes.findings" -}}
{{- range list "identity" "region" "image" "injector" "namespaces" "abandonSecrets" "monitoring" }}
{{- with include (print "ecr-pull-secrets.notes." .) $ | trim }}

{{ . }}
{{- end }}
{{- end }}
{{- end }}

{{/* By `--set` alone an upgrade forgets the values of before. */}}
{{- define "ecr-pull-secrets.notes.upgrade" -}}
{{- if regexMatch "WARNING|--set" (include "ecr-pull-secrets.notes.findings" .) }}

Values that these notes ask for are set by this, which keeps your others:
  helm upgrade {{ .Release.Name }} <CHART> --namespace {{ .Release.Namespace }} --reset-then-reuse-values --set <VALUE>
{{- end }}
{{- end }}

{{/* Without a region the implied profile is disabled. The webhooks of EKS set one; a mounted token and access keys bring none. */}}
{{- define "ecr-pull-secrets.notes.region" -}}
{{- $isKnown := or .Values.aws.region (include "ecr-pull-secrets.mayHaveVariable" (dict "root" . "names" (list "AWS_REGION" "AWS_DEFAULT_REGION"))) }}
{{- if or $isKnown (hasKey (.Values.config | default dict) "profiles") }}
{{- else if and (or .Values.aws.webIdentity.enabled .Values.aws.accessKeySecret) (not (index .Values.serviceAccount.annotations "eks.amazonaws.com/role-arn")) -}}
WARNING: no region is set, and nothing else brings one: no token is minted. Set aws.region=<REGION>.
{{- else -}}
No region is set: EKS Pod Identity and IRSA bring the cluster's own; else use --set aws.region=<REGION>.
{{- end }}
{{- end }}

{{/* The first Pod comes before the first Secret. */}}
{{- define "ecr-pull-secrets.notes.image" -}}
{{- if and (regexMatch "^[0-9]{12}\\.dkr[.-]ecr[.-]" (.Values.image.repository | default "")) (not .Values.imagePullSecrets) -}}
WARNING: its own image is in a private registry ({{ .Values.image.repository }}), and can't wait for the Secret that it makes. The nodes must log in there by themselves; else set imagePullSecrets, or an image.repository that is public.
{{- end }}
{{- end }}

{{/* What is enabled and was skipped. */}}
{{- define "ecr-pull-secrets.notes.monitoring" -}}
{{- $kinds := list }}
{{- if .Values.metrics.podMonitor.enabled }}{{ $kinds = append $kinds "PodMonitor" }}
{{- else if .Values.metrics.serviceMonitor.enabled }}{{ $kinds = append $kinds "ServiceMonitor" }}
{{- end }}
{{- if .Values.metrics.prometheusRule.enabled }}{{ $kinds = append $kinds "PrometheusRule" }}{{ end }}
{{- $skipped := list }}
{{- range $kinds }}
{{- if not (include "ecr-pull-secrets.isMonitoringRendered" (dict "root" $ "kind" .)) }}{{ $skipped = append $skipped . }}{{ end }}
{{- end }}
{{- with $skipped -}}
Left out, since this cluster lacks the CRDs of the Prometheus operator: {{ join ", " . }}. Upgrade again when they are there (README of the chart, "Monitoring").
{{- end }}
{{- end }}

{{- define "ecr-pull-secrets.notes.abandonSecrets" -}}
{{- if .Values.abandonSecrets -}}
WARNING: abandonSecrets is true, and stays so in upgrades that keep your values: none is refused that leaves Secrets behind. In the next: --set abandonSecrets=false
{{- end }}
{{- end }}

{{/* The annotations of a namespace that opts in: without `profiles` it would ask for `default`. */}}
{{- define "ecr-pull-secrets.notes.optIn" -}}
ecr-pull-secrets.io/enabled=true
{{- $profiles := dig "profiles" (dict "default" dict) (.Values.config | default dict) }}
{{- if and $profiles (not (hasKey $profiles "default")) }} ecr-pull-secrets.io/profiles={{ keys $profiles | sortAlpha | first }}{{ end }}
{{- end }}
