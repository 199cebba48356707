{{/* More paragraphs of the notes: everything but the AWS identity, the injector and namespaces. Each is empty if it does not apply. */}}

{{/* What is left to do. Printed before the everyday commands. */}}
{{- define "ecr-pull-secrets.notes.findings" -}}
{{- range list "identity" "region" "image" "injector" "namespaces" "allowOrphanedSecrets" "monitoring" }}
{{- with include (print "ecr-pull-secrets.notes." .) $ | trim }}

{{ . }}
{{- end }}
{{- end }}
{{- end }}

{{/* An upgrade with only `--set` forgets the previous values. */}}
{{- define "ecr-pull-secrets.notes.upgrade" -}}
{{- if regexMatch "WARNING|--set" (include "ecr-pull-secrets.notes.findings" .) }}

To set a value named below and keep your others:
  helm upgrade {{ .Release.Name }} <CHART> --namespace {{ .Release.Namespace }} --reset-then-reuse-values --set <VALUE>
{{- end }}
{{- end }}

{{/* Without a region the implied profile is disabled. The EKS webhooks set one; a mounted token or access keys don't. */}}
{{- define "ecr-pull-secrets.notes.region" -}}
{{- $isKnown := or .Values.aws.region (include "ecr-pull-secrets.mayHaveVariable" (dict "root" . "names" (list "AWS_REGION" "AWS_DEFAULT_REGION"))) }}
{{- if or $isKnown (hasKey (.Values.config | default dict) "profiles") }}
{{- else if and (or .Values.aws.webIdentity.enabled .Values.aws.accessKeySecret) (not (index .Values.serviceAccount.annotations "eks.amazonaws.com/role-arn")) -}}
WARNING: no region is set, and nothing else provides one, so no token can be minted. Set aws.region=<REGION>.
{{- else -}}
No region is set: EKS Pod Identity and IRSA provide the cluster's own; otherwise use --set aws.region=<REGION>.
{{- end }}
{{- end }}

{{/* The controller's first Pod must pull its image before the first Secret exists. */}}
{{- define "ecr-pull-secrets.notes.image" -}}
{{- if and (regexMatch "^[0-9]{12}\\.dkr[.-]ecr[.-]" (.Values.image.repository | default "")) (not .Values.imagePullSecrets) -}}
The controller's own image is in a private registry ({{ .Values.image.repository }}), and is pulled before the first Secret exists: the nodes must be able to log in there themselves. If its Pods report ErrImagePull, set imagePullSecrets or use another image.repository.
{{- end }}
{{- end }}

{{/* Objects that are enabled but were skipped. */}}
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
Skipped, because this cluster lacks the CRDs of the Prometheus operator: {{ join ", " . }}. Run the upgrade again once the CRDs are installed (see "Monitoring" in the chart's README).
{{- end }}
{{- end }}

{{- define "ecr-pull-secrets.notes.allowOrphanedSecrets" -}}
{{- if .Values.allowOrphanedSecrets -}}
WARNING: allowOrphanedSecrets is still true, so upgrades that leave Secrets behind are no longer refused. Reset it in the next upgrade: --set allowOrphanedSecrets=false
{{- end }}
{{- end }}

{{/* The annotations that opt a namespace in: without `profiles` it would ask for profile `default`. */}}
{{- define "ecr-pull-secrets.notes.optIn" -}}
ecr-pull-secrets.io/enabled=true
{{- $profiles := dig "profiles" (dict "default" dict) (.Values.config | default dict) }}
{{- if and $profiles (not (hasKey $profiles "default")) }} ecr-pull-secrets.io/profiles={{ keys $profiles | sortAlpha | first }}{{ end }}
{{- end }}
